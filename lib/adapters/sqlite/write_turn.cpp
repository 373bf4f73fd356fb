#include "adapters/sqlite/write_turn.hpp"

#include <lvng/crm/error.hpp>

namespace lvng::crm::sqlite {

WriteTurn::Lease WriteTurn::take(Deadline deadline) {
    wait(deadline);
    return Lease{this};
}

void WriteTurn::wait(Deadline deadline) {
    std::unique_lock lock{mutex_};
    if (!taken_) {
        taken_ = true;
        return;
    }
    Waiting self;
    waiting_.push_back(&self);
    while (!self.has_turn) {
        if (self.called.wait_until(lock, deadline) == std::cv_status::no_timeout) continue;
        if (self.has_turn) break;
        waiting_.remove(&self);
        throw Error{ErrorCode::unavailable,
                    "other writers kept the store busy until the deadline",
                    {.retryable = true}};
    }
}

void WriteTurn::give_back() noexcept {
    const std::scoped_lock lock{mutex_};
    if (waiting_.empty()) {
        taken_ = false;
        return;
    }
    Waiting* next = waiting_.front();
    waiting_.pop_front();
    next->has_turn = true;
    next->called.notify_one();
}

}  // namespace lvng::crm::sqlite
