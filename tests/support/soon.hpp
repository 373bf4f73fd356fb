#pragma once

#include <lvng/crm/ports/store.hpp>

#include <chrono>

namespace lvng::crm::test {

/// A deadline that a test does not meet.
inline Deadline soon() {
    return std::chrono::steady_clock::now() + std::chrono::seconds{20};
}

}  // namespace lvng::crm::test
