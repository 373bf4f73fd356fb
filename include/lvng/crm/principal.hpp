#pragma once

#include <lvng/crm/id.hpp>

#include <string>

namespace lvng::crm::inline v0 {

/// Who acts: the first argument of every use case. Contacts belong to (tenant, user).
struct Principal {
    TenantId tenant{};    ///< must not be empty
    UserId user{};        ///< must not be empty
    std::string email{};  ///< the user's own address, empty where unknown
    std::string name{};   ///< for the directory, empty where unknown
    std::string role{};   ///< as the identity system says; the library gives it no meaning

    bool operator==(const Principal&) const = default;
};

}  // namespace lvng::crm::inline v0
