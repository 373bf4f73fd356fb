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
/// Some events are missing here: the queue was full, or the log no longer has them.
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
    /// Only conversations in which this user is a member: from their start or their joining,
    /// until their removal, which is the last event of it. Absent: the whole tenant.
    std::optional<UserId> user{};
    std::size_t capacity = 1024;  ///< events that wait for the reader, at least 1
    /// Wakes the reader when the queue is no longer empty. Called on the thread that made the
    /// change, after its commit: it must be quick, must not throw and must not call the library.
    std::function<void()> on_ready{};
};

/// A queue of committed events. Those of one conversation come in the order of their numbers,
/// each once. Nobody waits for its reader: once it is full, further events are dropped, and
/// `EventsLost` stands behind those that were kept; the reader then goes on by
/// `Crm::events_since`. It hears of what this process commits.
///
/// Destroying it ends the subscription; it may outlive the `Crm`. Safe to share.
class LVNG_CRM_EXPORT Subscription {
public:
    Subscription(Subscription&&) noexcept;
    Subscription& operator=(Subscription&&) noexcept;
    ~Subscription();

    /// All that wait, oldest first; may be none.
    [[nodiscard]] std::vector<Event> take();
    /// The same, but waits up to `timeout` for the first one.
    [[nodiscard]] std::vector<Event> wait(std::chrono::milliseconds timeout);

private:
    friend class Crm;
    explicit Subscription(std::shared_ptr<SubscriptionQueue> queue) noexcept;
    std::shared_ptr<SubscriptionQueue> queue_;
};

}  // namespace lvng::crm::inline v0
