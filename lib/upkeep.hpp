#pragma once

#include <lvng/crm/ports/store.hpp>
#include <lvng/crm/timestamp.hpp>
#include <lvng/crm/upkeep.hpp>

#include <chrono>

namespace lvng::crm::inline v0 {

/// Counts everything anew, each conversation and each book in a short transaction of its own that
/// ends within `timeout`. With `repair` it writes down what it counted. Throws `unavailable`.
CheckReport recount(Store& store, std::chrono::milliseconds timeout, bool repair);

/// One round of erasing: events older than `events_before`, and what deleted conversations have
/// left. Throws `unavailable`.
TidyReport tidy(Store& store, std::chrono::milliseconds timeout, Timestamp events_before);

}  // namespace lvng::crm::inline v0
