#pragma once

#include <lvng/crm/ports/environment.hpp>

#include <memory>

namespace lvng::crm {

/// The system's time of day in UTC, cut to milliseconds. Safe to share.
std::unique_ptr<Clock> system_clock();

/// UUIDs version 7 whose 74 random bits come from the kernel. Ids of one millisecond are in no
/// order. A forked child never repeats its parent's. Throws `unavailable` where the kernel gives no
/// random numbers. Safe to share. Source: RFC 9562, sections 5.7 and 6.9.
std::unique_ptr<IdGenerator> random_ids();

}  // namespace lvng::crm
