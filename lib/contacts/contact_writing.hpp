#pragma once

#include <lvng/crm/ports/environment.hpp>

#include <string>

namespace lvng::crm::inline v0 {

/// What writing a contact needs beside its values.
struct ContactWriting {
    const Clock& clock;
    IdGenerator& ids;
    std::string phone_region{};
};

}  // namespace lvng::crm::inline v0
