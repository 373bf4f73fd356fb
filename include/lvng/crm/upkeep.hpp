#pragma once

#include <lvng/crm/id.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace lvng::crm::inline v0 {

/// A recorded number that a recount does not agree with.
struct Miscount {
    TenantId tenant{};
    std::string what{};  ///< `conv_… unread of usr_…`, `book of usr_…`
    std::int64_t recorded = 0;
    std::int64_t counted = 0;

    bool operator==(const Miscount&) const = default;
};

/// What a recount of everything that is counted found.
struct CheckReport {
    std::int64_t conversations = 0;  ///< that were looked at
    std::int64_t books = 0;          ///< that were looked at
    std::vector<Miscount> miscounts{};

    bool operator==(const CheckReport&) const = default;
};

/// What one round of tidying erased.
struct TidyReport {
    std::int64_t events = 0;   ///< older than `Options::event_retention`; no sendings
    std::int64_t replays = 0;  ///< older than `Options::replay_retention`
    std::int64_t remains = 0;  ///< rows of deleted conversations
    bool more = false;         ///< the round ended before the work did: call again

    bool operator==(const TidyReport&) const = default;
};

}  // namespace lvng::crm::inline v0
