#pragma once

#include <lvng/crm/conversations/conversations.hpp>
#include <lvng/crm/conversations/members.hpp>
#include <lvng/crm/conversations/messages.hpp>
#include <lvng/crm/export.hpp>
#include <lvng/crm/id.hpp>
#include <lvng/crm/principal.hpp>
#include <lvng/crm/timestamp.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace lvng::crm::inline v0 {

class EventStream;
class SubscriptionQueue;

/// Where an event stands. Each conversation numbers its events from 1, under the lock of its row
/// and in the transaction of the change, so the numbers have no gap and no repeat.
struct EventPlace {
    TenantId tenant{};
    ConversationId conversation{};
    std::int64_t number = 0;
    Timestamp at{};

    bool operator==(const EventPlace&) const = default;
};

struct MessageSent {
    EventPlace place{};
    Message message{};
    bool operator==(const MessageSent&) const = default;
};
struct MessageEdited {
    EventPlace place{};
    Message message{};
    bool operator==(const MessageEdited&) const = default;
};
struct MessageDeleted {
    EventPlace place{};
    Message message{};  ///< the tombstone
    bool operator==(const MessageDeleted&) const = default;
};
/// Only what was not read before; a receipt that changes nothing is no event.
struct MessagesRead {
    EventPlace place{};
    UserId user{};
    std::vector<MessageId> messages{};  ///< in the order of their numbers
    bool operator==(const MessagesRead&) const = default;
};
struct ConversationCreated {
    EventPlace place{};
    Conversation conversation{};
    std::vector<UserId> members{};  ///< who was in it at first
    bool operator==(const ConversationCreated&) const = default;
};
struct ConversationUpdated {
    EventPlace place{};
    Conversation conversation{};
    bool operator==(const ConversationUpdated&) const = default;
};
/// The last event of a conversation; the earlier ones leave the log with it.
struct ConversationDeleted {
    EventPlace place{};
    std::vector<UserId> members{};  ///< who was in it at last
    bool operator==(const ConversationDeleted&) const = default;
};
struct MemberAdded {
    EventPlace place{};
    UserId user{};
    MemberType type = MemberType::user;
    UserId by{};
    bool operator==(const MemberAdded&) const = default;
};
/// Nothing with a greater number is for that user, until they are added again.
struct MemberRemoved {
    EventPlace place{};
    UserId user{};
    MemberType type = MemberType::user;
    UserId by{};
    bool operator==(const MemberRemoved&) const = default;
};
/// Some events are missing here, or may be: the queue was full, a commit is in doubt, another
/// process changed a user's conversation, or the log no longer has them. `Subscription` says how to
/// go on.
struct EventsLost {
    bool operator==(const EventsLost&) const = default;
};

/// Something that clients hear of.
using Event =
    std::variant<MessageSent, MessageEdited, MessageDeleted, MessagesRead, ConversationCreated,
                 ConversationUpdated, ConversationDeleted, MemberAdded, MemberRemoved, EventsLost>;

/// `message:new`, `member:added`, … ; `events:lost` for `EventsLost`.
/// Source: real-time contract, Server to client.
LVNG_CRM_EXPORT std::string_view event_name(const Event& event) noexcept;
/// The payload of that table: `{"conversationId":"conv_…","message":{…}}`.
LVNG_CRM_EXPORT std::string to_json(const Event& event);
/// Where it stands; null for `EventsLost`.
LVNG_CRM_EXPORT const EventPlace* place_of(const Event& event) noexcept;

/// What a subscription is to get.
struct SubscriptionOptions {
    TenantId tenant{};  ///< must not be empty
    /// Only conversations in which this user is a member: from now on or from their joining,
    /// until their removal, which is the last event of it. Absent: the whole tenant.
    std::optional<UserId> user{};
    /// Events that wait for the reader, at least 1. They are not counted in bytes: one with the
    /// longest message takes about 176 kB.
    std::size_t capacity = 1024;
    /// Wakes the reader when the queue is no longer empty. Called on the thread that made the
    /// change, after its commit: it must be quick, must not call the library and must not throw,
    /// which would end the process.
    std::function<void()> on_ready{};
};

/// How the subscriptions of a `Crm` fare.
struct SubscriptionCounts {
    std::size_t open = 0;
    std::uint64_t losses = 0;  ///< so many times a reader was given `EventsLost`

    bool operator==(const SubscriptionCounts&) const = default;
};

/// A queue of events that this process commits. Those of one conversation come in the order of
/// their numbers, each once. Nobody waits for its reader: once it is full, further events are
/// dropped, and `EventsLost` stands behind those that were kept.
///
/// One for a user hears nothing more of a conversation where that user may have come or gone
/// unheard: a commit is in doubt, or a number is missing because another process took it.
/// `EventsLost` says so. That another process has added the user is not heard at all.
///
/// After `EventsLost` the reader opens a new subscription, and only then asks
/// `Crm::events_since` for each of its conversations; what comes twice it drops by number. One for
/// a whole tenant may be kept: it goes on.
///
/// Destroying it, or assigning to it, ends the subscription and waits for an `on_ready` that is
/// running, so that must not be done inside `on_ready`, nor under a lock that `on_ready` takes. It
/// may outlive the `Crm`. Safe to share.
class LVNG_CRM_EXPORT Subscription {
public:
    Subscription(Subscription&&) noexcept;
    Subscription& operator=(Subscription&&) noexcept;
    ~Subscription();

    /// All that wait, oldest first; may be none. Where memory is lacking it throws, and
    /// `EventsLost` waits for the next call.
    [[nodiscard]] std::vector<Event> take();
    /// The same, but waits up to `timeout` for the first one.
    [[nodiscard]] std::vector<Event> wait(std::chrono::milliseconds timeout);

private:
    friend class Crm;
    explicit Subscription(std::shared_ptr<SubscriptionQueue> queue) noexcept;
    std::shared_ptr<SubscriptionQueue> queue_;
};

}  // namespace lvng::crm::inline v0
