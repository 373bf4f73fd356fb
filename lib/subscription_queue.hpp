#pragma once

#include <lvng/crm/events.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

namespace lvng::crm::inline v0 {

/// What is known of a change whose transaction has ended.
enum class Outcome {
    committed,
    unknown,  ///< the commit was sent and its answer lost
};

/// What a reader gets for an event in its turn.
enum class Hearing { nothing, event, lost };

/// Which conversations a user hears of, and up to which event. One thread at a time.
class HeardConversations {
public:
    explicit HeardConversations(UserId user) : user_{std::move(user)} {}

    /// Begins with these: events up to the numbers named are not for the user.
    void start(const std::vector<EventPlace>& memberships);
    /// What of the event is for the user. Follows who comes and goes. Where that can't be told,
    /// the user hears nothing more of the conversation, because a stranger must not.
    Hearing hear(const Event& event, Outcome outcome);

private:
    enum class Move { none, in, out };
    [[nodiscard]] Move move_by(const Event& event) const;

    UserId user_;
    std::unordered_map<ConversationId, std::int64_t> heard_;  // the number of the last event
};

/// What the queues of a stream count together. A queue may outlive its stream.
struct SubscriptionTally {
    std::atomic<std::size_t> open{0};
    std::atomic<std::uint64_t> losses{0};
};

/// What waits for the reader of a `Subscription`. A queue for one user begins by keeping what
/// comes until `start` says where that user is a member. Safe to share.
class SubscriptionQueue {
public:
    SubscriptionQueue(SubscriptionOptions options, std::shared_ptr<SubscriptionTally> tally);
    ~SubscriptionQueue();
    SubscriptionQueue(const SubscriptionQueue&) = delete;
    SubscriptionQueue& operator=(const SubscriptionQueue&) = delete;

    // ---- the reader's side ----
    /// All that wait, `EventsLost` where some are missing.
    std::vector<Event> take();
    std::vector<Event> wait(std::chrono::milliseconds timeout);
    /// Ends it: nothing is kept any more, and `on_ready` neither runs nor will. Must not be
    /// called from `on_ready`.
    void close() noexcept;

    /// The conversations of the user, and the latest event of each at one moment after the queue
    /// was opened.
    void start(const std::vector<EventPlace>& memberships);

    // ---- the stream's side ----
    /// One event in its turn; a lack of memory is `EventsLost`. True where the queue was empty
    /// before and is no longer: then the caller owes it `tell_ready`, and nobody else does.
    bool push(const std::shared_ptr<const Event>& event, Outcome outcome) noexcept;
    /// Calls `on_ready`. Nobody may hold a lock that a call on the library needs.
    void tell_ready();
    /// For whoever owes `tell_ready`: the next one in a list of such queues.
    std::shared_ptr<SubscriptionQueue> next_owed;

private:
    /// An event that came before `start`.
    struct Early {
        std::shared_ptr<const Event> event;
        Outcome outcome;
    };

    [[nodiscard]] bool empty() const noexcept { return kept_.empty() && !full_; }
    [[nodiscard]] bool ends_lost() const noexcept { return !kept_.empty() && !kept_.back(); }
    void judge(const std::shared_ptr<const Event>& event, Outcome outcome);
    void append(const std::shared_ptr<const Event>& event);
    void append_lost();
    void lose_all() noexcept;

    const std::shared_ptr<SubscriptionTally> tally_;
    const std::size_t capacity_;
    std::mutex mutex_;
    std::condition_variable not_empty_;
    std::vector<std::shared_ptr<const Event>> kept_;  // none: EventsLost
    bool full_ = false;  // what follows is dropped until EventsLost is taken, which ends this
    bool tell_ready_owed_ = false;
    std::optional<HeardConversations> heard_;
    bool starting_;
    std::vector<Early> early_;
    bool closed_ = false;

    // Apart, because the reader may take while `on_ready` runs.
    std::mutex ready_mutex_;
    std::function<void()> on_ready_;
};

}  // namespace lvng::crm::inline v0
