#pragma once

#include "subscription_queue.hpp"

#include <lvng/crm/events.hpp>

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace lvng::crm::inline v0 {

/// Brings committed events to the queues of this process, those of a conversation in the order of
/// their numbers, in whatever order the commits come back. Remembers nothing but the events of
/// transactions that have not ended. Safe to share; must outlive its announcements.
class EventStream {
public:
    class Announcement;

    /// A queue of what is published from now on; one for a user must be started. Letting go of
    /// it ends it. Throws `invalid` (no tenant, no capacity).
    std::shared_ptr<SubscriptionQueue> open(SubscriptionOptions options);
    [[nodiscard]] SubscriptionCounts counts() const noexcept;

    /// Gives the events of a transaction their turns. To be called while the transaction still
    /// holds the rows of their conversations, as that fixes the order, and before it commits.
    [[nodiscard]] Announcement announce(std::vector<Event> events);

private:
    enum class State { announced, committed, unknown, withdrawn };
    /// An event in its turn.
    struct Turn {
        std::shared_ptr<const Event> event;
        State state = State::announced;
    };
    using Turns = std::list<Turn>;
    /// Where an announced event is. The turn goes away once it is resolved.
    struct Place {
        ConversationId conversation;
        Turns::iterator turn;
    };
    /// Queues that are owed `tell_ready`, each with the next one. Takes no memory.
    using Owed = std::shared_ptr<SubscriptionQueue>;

    void resolve(const std::vector<Place>& places, State state) noexcept;
    void deliver_resolved(const ConversationId& conversation, Owed& owed) noexcept;
    void deliver(const Turn& turn, Owed& owed) noexcept;
    void drop_ended();

    const std::shared_ptr<SubscriptionTally> tally_ = std::make_shared<SubscriptionTally>();
    std::mutex mutex_;
    // By conversation alone: their ids are unique, and tenants that shared one would only wait
    // for each other.
    std::unordered_map<ConversationId, Turns> pending_;
    std::unordered_map<TenantId, std::vector<std::weak_ptr<SubscriptionQueue>>> queues_;
    std::size_t queue_count_ = 0;  // ended ones too
    std::size_t drop_at_ = 16;
};

/// The events of a transaction that is about to commit. Whoever else changes their conversations
/// is heard after them, so it must be ended soon. Destroying it without a word withdraws them:
/// nothing was committed. One thread at a time.
class EventStream::Announcement {
public:
    Announcement(Announcement&& other) noexcept;
    Announcement& operator=(Announcement&&) = delete;
    ~Announcement();

    /// They are committed.
    void publish() noexcept;
    /// Whether they are committed is not known: their subscribers hear of `EventsLost` instead.
    void lost() noexcept;

private:
    friend class EventStream;
    explicit Announcement(EventStream& stream) : stream_{&stream} {}

    EventStream* stream_;
    std::vector<Place> places_;
};

}  // namespace lvng::crm::inline v0
