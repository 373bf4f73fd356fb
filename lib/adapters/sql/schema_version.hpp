#pragma once

#include <lvng/crm/error.hpp>
#include <lvng/crm/migrations.hpp>

#include <fmt/format.h>

#include <span>

namespace lvng::crm::sql {

/// The n-th script makes schema version n of version n - 1.
using MigrationScripts = std::span<const char* const>;

/// Throws `incompatible`, naming both versions, where a store of version `found` may not be
/// brought to `known`: it is newer, or migrating is forbidden.
inline void check_version(int found, int known, Migrations migrations) {
    if (found > known) {
        throw Error{ErrorCode::incompatible,
                    fmt::format("the store has schema version {}, newer than version {} that "
                                "this library uses",
                                found, known)};
    }
    if (found < known && migrations == Migrations::never) {
        throw Error{ErrorCode::incompatible,
                    fmt::format("the store has schema version {}, older than version {} that "
                                "this library uses, and migrating is switched off",
                                found, known)};
    }
}

}  // namespace lvng::crm::sql
