#pragma once

#include <lvng/crm/contacts/contacts.hpp>
#include <lvng/crm/principal.hpp>

#include <fmt/format.h>

#include <string>

namespace lvng::crm::bench {

inline Principal owner(const std::string& user) {
    return {.tenant = TenantId{"acme"}, .user = UserId{user}};
}

/// A contact as people enter them: every field, of usual length.
inline NewContact person(int number) {
    return {.name = fmt::format("Person {:07}", number),
            .email = fmt::format("person{}@example.com", number),
            .phone = fmt::format("+1202555{:04}", number % 10000),
            .company = fmt::format("Company {}", number % 50),
            .title = "Engineer",
            .tags = {"client", "engineering"},
            .notes = "Met at the spring conference."};
}

}  // namespace lvng::crm::bench
