#pragma once

#include <lvng/crm/conversations/conversations.hpp>
#include <lvng/crm/conversations/members.hpp>
#include <lvng/crm/conversations/messages.hpp>
#include <lvng/crm/conversations/records.hpp>
#include <lvng/crm/events.hpp>
#include <lvng/crm/export.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lvng::crm::inline v0 {

/// Where a conversation stands in the principal's list. As long as it has the same latest event, at
/// the same time, the list shows the same of it.
struct ListedConversation {
    ConversationId id{};
    Timestamp updated_at{};
    std::int64_t last_event = 0;
    Timestamp event_at{};
};

/// The conversations of the principal's tenant and who is in them. Whoever is no member sees
/// nothing of a conversation. One thread at a time.
class LVNG_CRM_EXPORT ConversationRepository {
public:
    virtual ~ConversationRepository();

    /// Writes a new conversation with `counters` and its members. `direct_key` makes it the one of
    /// its pair; false where the pair has one already, and then nothing is written.
    virtual bool insert(const Conversation& conversation, const ConversationCounters& counters,
                        std::string_view direct_key, std::span<const HeldMember> members) = 0;
    /// The conversation of a pair, if it has one. The principal need not be a member.
    virtual std::optional<ConversationId> find_direct(std::string_view direct_key) = 0;

    virtual std::optional<Conversation> find(const ConversationId& id) = 0;
    /// All of the principal's that the filter lets pass, in no order.
    virtual std::vector<ListedConversation> listed(const ConversationFilter& filter) = 0;
    /// What the list shows of these, by `updated_at`, latest first, then id. One that has changed
    /// since is left out.
    virtual std::vector<ConversationEntry> entries(std::span<const ListedConversation> listed) = 0;

    /// Locks the row: one holder at a time, until the transaction ends.
    virtual std::optional<HeldConversation> hold(const ConversationId& id) = 0;
    /// The same where the principal need not be a member.
    virtual std::optional<HeldConversation> hold_direct(const ConversationId& id) = 0;
    /// Writes `updated_at` and the counters of a conversation that is held.
    virtual void save(const HeldConversation& held) = 0;
    /// Writes name, description, `is_archived` and settings of a conversation that is held.
    virtual void save_properties(const Conversation& conversation) = 0;
    /// Deletes a conversation that is held, with everybody and everything in it but its last
    /// event. What is too much for one transaction can't be reached any more, and `tidy` erases it.
    virtual void remove(const HeldConversation& held) = 0;

    // ---- members ----
    /// By `joined_at`, then id, with their names. Nobody where the principal is no member.
    virtual std::vector<Member> members(const ConversationId& id) = 0;
    /// By `joined_at`, then id.
    virtual std::vector<HeldMember> held_members(const ConversationId& id) = 0;
    virtual std::optional<HeldMember> find_member(const ConversationId& id, const UserId& user) = 0;
    /// Takes somebody in who is no member; whoever was one before has the type they had. Returns
    /// the type they have.
    virtual MemberType insert_member(const ConversationId& id, const HeldMember& member) = 0;
    /// Their receipts stay, and count no more: should they come back, everything up to then is
    /// read.
    virtual void remove_member(const ConversationId& id, const UserId& user) = 0;
    virtual void promote_member(const ConversationId& id, const UserId& user) = 0;
    /// Adds to `seen_count` of one member.
    virtual void count_seen(const ConversationId& id, const UserId& user, std::int64_t change) = 0;

    /// The principal's conversations and the number of the latest event in each.
    virtual std::vector<EventPlace> memberships() = 0;
};

/// What is known of all messages of a conversation together. Each change to one of them is an
/// event.
struct MessagesState {
    std::int64_t message_count = 0;  ///< deleted ones not
    std::int64_t last_event = 0;
    Timestamp event_at{};
};

/// One page of messages, and what stands around it.
struct MessageChunk {
    std::vector<Message> messages{};
    MessagesState state{};
    bool cursor_found = true;  ///< false: the cursor is no message of this conversation
};

/// What a page of messages is cut from.
struct MessageRange {
    std::optional<MessageId> cursor{};
    PageDirection direction = PageDirection::older;
    bool with_cursor = false;       ///< the cursor's message too
    std::string_view search_key{};  ///< part of the folded content; empty: all, tombstones too
    std::int64_t limit = 0;
};

/// The messages of the principal's conversations, and the receipts of their readers. Whoever is
/// no member of a conversation sees nothing of it. One thread at a time.
class LVNG_CRM_EXPORT MessageRepository {
public:
    virtual ~MessageRepository();

    /// Writes a message of a conversation that is held. `sender` is the sender's type at this
    /// time, `search_key` the folded content, `event` the number of the event that it is sent in,
    /// which the log shows from then on.
    virtual void insert(const Message& message, MemberType sender, std::string_view search_key,
                        std::int64_t event) = 0;
    /// Writes content, metadata and times over the message of that number.
    virtual void replace(const Message& message, std::string_view search_key) = 0;

    /// A message of a conversation that is held or seen.
    virtual std::optional<Message> find(const ConversationId& conversation,
                                        const MessageId& id) = 0;
    /// Whether the principal is a member where that message is.
    virtual bool can_see(const MessageId& id) = 0;
    /// Nothing where the principal is no member.
    virtual std::optional<MessagesState> state(const ConversationId& conversation) = 0;
    /// In the direction of the range. Nothing where the principal is no member.
    virtual std::optional<MessageChunk> page(const ConversationId& conversation,
                                             const MessageRange& range) = 0;
    virtual std::int64_t count_found(const ConversationId& conversation,
                                     std::string_view search_key) = 0;

    // ---- receipts ----
    /// The messages of a conversation among `ids`, by number, without their contents.
    struct Marked {
        MessageId id{};
        std::int64_t number = 0;
        bool unread = false;  ///< by another one, not deleted, without the principal's receipt
    };
    virtual std::vector<Marked> find_marked(const ConversationId& conversation,
                                            std::span<const MessageId> ids) = 0;
    virtual void insert_receipts(const ConversationId& conversation,
                                 std::span<const std::int64_t> numbers, Timestamp at) = 0;
    /// Takes a message that is being deleted out of `seen_count` of everybody for whom it was not
    /// unread.
    virtual void forget_seen(const Message& message) = 0;
};

/// The log of events. One thread at a time.
class LVNG_CRM_EXPORT EventLog {
public:
    virtual ~EventLog();
    /// Writes an event of a conversation that is held and in which `messages` have been sent until
    /// then. Not for `MessageSent`: there the message is all that is written.
    virtual void append(const Event& event, std::int64_t messages) = 0;
    /// In order, behind number `after`, with `EventsLost` in each gap. Nothing where the principal
    /// is no member.
    virtual std::optional<std::vector<Event>> since(const ConversationId& conversation,
                                                    std::int64_t after, std::int64_t limit) = 0;
};

/// Everything of one tenant, for recounting and erasing. Only in a transaction that was begun
/// for a principal without user. One thread at a time.
class LVNG_CRM_EXPORT UpkeepRepository {
public:
    virtual ~UpkeepRepository();

    virtual std::vector<ConversationId> conversations(const ConversationId& after,
                                                      std::int64_t limit) = 0;
    /// What is recorded of a conversation; locks its row in a writing transaction. Nothing where
    /// it is gone.
    virtual std::optional<ConversationCounters> counters(const ConversationId& id) = 0;
    virtual std::vector<HeldMember> members(const ConversationId& id) = 0;
    /// By number, behind number `after`.
    virtual std::vector<CountedMessage> messages(const ConversationId& id, std::int64_t after,
                                                 std::int64_t limit) = 0;
    /// Of each member, for messages behind number `after` and up to `last`.
    virtual std::vector<CountedReceipts> receipts(const ConversationId& id, std::int64_t after,
                                                  std::int64_t last) = 0;
    /// The number of the latest event in the log; 0 where there is none.
    virtual std::int64_t last_event(const ConversationId& id) = 0;
    virtual void save(const ConversationId& id, const ConversationCounters& counters) = 0;
    virtual void save_seen(const ConversationId& id, const UserId& user, std::int64_t seen) = 0;

    struct BookCount {
        UserId user{};
        std::int64_t recorded = 0;
        std::int64_t counted = 0;
    };
    virtual std::vector<BookCount> books(std::string_view after_user, std::int64_t limit) = 0;
    /// Counts one book anew.
    virtual void recount_book(const UserId& user) = 0;

    /// What is older than these has had its time.
    struct Before {
        Timestamp events{};
        Timestamp replays{};
    };
    /// Whether there are events or answers older than `before`, or rows of deleted conversations.
    virtual bool can_erase(const Before& before) = 0;
    /// Erases at most `limit` events older than `before`, oldest first. Returns how many.
    virtual std::int64_t erase_events(Timestamp before, std::int64_t limit) = 0;
    /// Erases at most `limit` answers older than `before`, oldest first. Returns how many.
    virtual std::int64_t erase_replays(Timestamp before, std::int64_t limit) = 0;
    /// Erases at most `limit` rows of one deleted conversation. Returns how many, 0 also where
    /// another process is just done with that one and more of them are left.
    virtual std::int64_t erase_remains(std::int64_t limit) = 0;
};

}  // namespace lvng::crm::inline v0
