#pragma once

#include <lvng/crm/error.hpp>
#include <lvng/crm/principal.hpp>

#include <fmt/format.h>

#include <string>

namespace lvng::crm::test {

inline Principal ana() {
    return {.tenant = TenantId{"acme"}, .user = UserId{"usr_ana"}};
}
inline Principal bob() {
    return {.tenant = TenantId{"acme"}, .user = UserId{"usr_bob"}};
}
/// The same user id as `ana` in another organisation.
inline Principal other_ana() {
    return {.tenant = TenantId{"globex"}, .user = UserId{"usr_ana"}};
}

/// The code and the fields of what `call` throws: `invalid email tags`; `nothing` where it
/// throws nothing.
template <class Call>
std::string refusal(Call&& call) {
    try {
        call();
    } catch (const Error& error) {
        std::string text{to_string(error.code())};
        for (const FieldError& bad : error.fields()) text += ' ' + bad.field;
        return text;
    }
    return "nothing";
}

}  // namespace lvng::crm::test
