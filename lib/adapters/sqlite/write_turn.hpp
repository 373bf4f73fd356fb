#pragma once

#include <lvng/crm/ports/store.hpp>

#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>

namespace lvng::crm::sqlite {

/// Lets one writer in at a time, in the order they came: SQLite has a single writer, and its own
/// waiting lets late ones overtake until somebody's deadline passes. Safe to share.
class WriteTurn {
public:
    struct GiveBack {
        void operator()(WriteTurn* turn) const noexcept { turn->give_back(); }
    };
    /// The turn, until it is destroyed.
    using Lease = std::unique_ptr<WriteTurn, GiveBack>;

    /// Throws `unavailable` (retryable) when the turn does not come by then.
    Lease take(Deadline deadline);

private:
    void wait(Deadline deadline);
    void give_back() noexcept;

    struct Waiting {
        std::condition_variable called;
        bool has_turn = false;
    };

    std::mutex mutex_;
    bool taken_ = false;
    std::list<Waiting*> waiting_;
};

}  // namespace lvng::crm::sqlite
