#pragma once

#include <lvng/crm/id.hpp>

#include <string>

namespace lvng::crm::inline v0 {

/// What a credential allows its holder: to read, to write, or both.
struct Scopes {
    bool read = true;
    bool write = true;

    bool operator==(const Scopes&) const = default;
};

/// Who acts: the first argument of every use case. Contacts belong to (tenant, user).
struct Principal {
    TenantId tenant{};    ///< must not be empty
    UserId user{};        ///< must not be empty
    std::string email{};  ///< the user's own address, empty where unknown
    std::string name{};   ///< for the directory, empty where unknown
    std::string role{};   ///< as the identity system says; the library gives it no meaning

    bool operator==(const Principal&) const = default;
};

/// Tenant and user as one text, to keep things by. A blank is in no id, so no two share it.
inline std::string owner_key(const Principal& who) {
    return who.tenant.to_string() + ' ' + who.user.to_string();
}

}  // namespace lvng::crm::inline v0
