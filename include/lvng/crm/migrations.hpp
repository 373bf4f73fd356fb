#pragma once

namespace lvng::crm::inline v0 {

/// What opening a store does about its schema.
enum class Migrations {
    automatic,  ///< brings it to the version this library needs, before anything is served
    never,      ///< refuses any other version with `incompatible`
};

}  // namespace lvng::crm::inline v0
