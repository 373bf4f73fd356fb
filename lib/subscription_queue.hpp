#pragma once

#include <lvng/crm/events.hpp>

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

/// Which conversations a user hears of, and from which event on. One thread at a time.
class HeardConversations {
public:
    explicit HeardConversations(UserId user) : user_{std::move(user)} {}

    /// Begins with these: events up to the numbers named are not for the user.
    void start(const std::vector<EventPlace>& memberships);
    /// Whether the event is for the user. Follows who comes and goes; where that is unknown the
    /// user hears nothing more, because a stranger must not.
    bool admit(const Event& event, Outcome outcome);
    /// Whether `admit` may depend on having seen this event.
    [[nodiscard]] bool depends_on(const Event& event) const;

private:
    enum class Move { none, in, out, end };
    [[nodiscard]] Move move_by(const Event& event) const;

    UserId user_;
    std::unordered_map<ConversationId, std::int64_t> heard_behind_;
};

/// What waits for the reader of a `Subscription`. A queue for one user begins by keeping what
/// comes until `start` says where that user is a member. Safe to share.
class SubscriptionQueue {
public:
    explicit SubscriptionQueue(SubscriptionOptions options);

    // ---- the reader's side ----
    /// All that wait, `EventsLost` where some did not fit.
    std::vector<Event> take();
    std::vector<Event> wait(std::chrono::milliseconds timeout);
    /// Ends it: nothing is kept any more, and `on_ready` neither runs nor will. Must not be
    /// called from `on_ready`.
    void close() noexcept;

    /// The conversations of the user, and the latest event of each at one moment after the queue
    /// was opened.
    void start(const std::vector<EventPlace>& memberships);

    // ---- the stream's side ----
    /// One event in its turn. True where the queue was empty before and is no longer: then
    /// `tell_ready` is due.
    bool push(const std::shared_ptr<const Event>& event, Outcome outcome);
    /// Calls `on_ready`. Nobody may hold a lock that a call on the library needs.
    void tell_ready();

private:
    /// An event that came before `start`; none: some were dropped here.
    struct Early {
        std::shared_ptr<const Event> event;
        Outcome outcome;
    };

    [[nodiscard]] bool empty() const noexcept { return kept_.empty() && !full_; }
    void keep_early(const std::shared_ptr<const Event>& event, Outcome outcome);
    void judge(const std::shared_ptr<const Event>& event, Outcome outcome);
    void append(const std::shared_ptr<const Event>& event);
    void append_lost();

    const std::size_t capacity_;
    std::mutex mutex_;
    std::condition_variable not_empty_;
    std::vector<std::shared_ptr<const Event>> kept_;  // none: EventsLost
    bool full_ = false;                               // EventsLost ends it, until it is taken
    std::optional<HeardConversations> heard_;
    bool starting_;
    std::vector<Early> early_;
    bool early_full_ = false;
    bool closed_ = false;

    // Apart, because the reader may take while `on_ready` runs.
    std::mutex ready_mutex_;
    std::function<void()> on_ready_;
};

}  // namespace lvng::crm::inline v0
