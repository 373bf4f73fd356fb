#pragma once

#include <lvng/crm/id.hpp>
#include <lvng/crm/ports/store.hpp>
#include <lvng/crm/upkeep.hpp>

#include <chrono>
#include <mutex>

namespace lvng::crm::inline v0 {

/// Counts everything anew, each conversation and some books at a time in a transaction of their
/// own. Each ends within `timeout`, or a minute where that is longer. With `repair` it writes down
/// what it counted. Throws `unavailable`.
CheckReport recount(Store& store, std::chrono::milliseconds timeout, bool repair);

/// Erases what has had its time, tenant by tenant, and knows between the rounds where to go on.
/// Safe to share.
class Tidying {
public:
    /// `store` must outlive it. Each transaction ends within `timeout`.
    Tidying(Store& store, std::chrono::milliseconds timeout,
            std::chrono::milliseconds round_length = std::chrono::seconds{1})
        : store_{&store}, timeout_{timeout}, round_length_{round_length} {}

    /// Erases events and answers older than `before` and what deleted conversations have left,
    /// until every tenant was looked at or the round was long enough. It looks at one tenant at
    /// least. One that is called beside another waits for its end. Throws `unavailable`.
    TidyReport round(const UpkeepRepository::Before& before);

private:
    Store* store_;
    std::chrono::milliseconds timeout_;
    std::chrono::milliseconds round_length_;
    std::mutex turn_;
    TenantId next_;  // where the next round begins; empty: at the first
};

}  // namespace lvng::crm::inline v0
