#pragma once

#include "api/forms.hpp"
#include "http/router.hpp"

#include <lvng/crm/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace lvng::server {

/// The id at `place` in the path, which the contract calls `name`. Throws `invalid` naming it
/// alone: a handler reads its path before it looks into the body.
template <class Id>
Id path_id(const Call& call, std::size_t place, std::string_view name) {
    Id id;
    if (const Complaint wrong = read_text(call.parameters[place], id); !wrong.empty())
        throw crm::invalid_fields({{.field = std::string{name}, .message = wrong}});
    return id;
}

/// For handlers that read nothing but their path, after that. Throws `invalid` where headers or
/// query are bad.
inline void refuse_errors(const Call& call) {
    if (!call.errors.empty()) throw crm::invalid_fields(call.errors);
}

}  // namespace lvng::server
