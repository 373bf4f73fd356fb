#pragma once

#include <lvng/crm/change.hpp>
#include <lvng/crm/error.hpp>
#include <lvng/crm/export.hpp>
#include <lvng/crm/id.hpp>
#include <lvng/crm/json.hpp>
#include <lvng/crm/page.hpp>
#include <lvng/crm/principal.hpp>
#include <lvng/crm/timestamp.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lvng::crm::inline v0 {

class Scope;
struct ConversationWriting;

/// What a message is, whoever sent it.
enum class MessageType { user, twin, agent, system };

LVNG_CRM_EXPORT std::string_view to_string(MessageType type) noexcept;
LVNG_CRM_EXPORT std::optional<MessageType> parse_message_type(std::string_view text) noexcept;

/// Source: REST contract, section 5, Text, and section 6.
struct MessageLimits {
    static constexpr std::size_t content = 40'000;   ///< code points
    static constexpr std::size_t metadata = 16'384;  ///< bytes of compact JSON
    static constexpr std::int64_t page = 200;        ///< greatest `MessageQuery::limit`
};

/// What somebody wrote. A deleted one stays in its place as a tombstone: `deleted_at` set, content
/// empty, metadata `{}`.
struct Message {
    MessageId id{};
    ConversationId conversation_id{};
    std::int64_t number = 0;  ///< 1, 2, 3, … in its conversation: the order, without gaps
    UserId user_id{};         ///< the sender
    std::string content{};    ///< byte for byte as sent
    MessageType type = MessageType::user;
    std::optional<MessageId> parent_message_id{};
    JsonText metadata{};
    Timestamp created_at{};
    Timestamp updated_at{};
    std::optional<Timestamp> edited_at{};
    std::optional<Timestamp> deleted_at{};

    bool operator==(const Message&) const = default;
};

/// The message as the REST API shows it: every field, compact.
LVNG_CRM_EXPORT std::string to_json(const Message& message);
LVNG_CRM_EXPORT void append_json(std::string& out, const Message& message);

/// What is sent.
struct NewMessage {
    std::string content{};                         ///< 1 to 40,000 code points, not blank
    std::optional<MessageType> type{};             ///< absent: the sender's member type
    std::optional<MessageId> parent_message_id{};  ///< what it answers, in the same conversation
    JsonText metadata{};
};

/// A partial update. Cleared content is refused; cleared metadata becomes `{}`.
struct MessageChanges {
    Change<std::string> content{};
    Change<JsonText> metadata{};
};

/// Every rule that `send` or `edit` would refuse the value for whatever the conversation, in the
/// order of its fields.
LVNG_CRM_EXPORT std::vector<FieldError> bad_fields(const NewMessage& draft);
LVNG_CRM_EXPORT std::vector<FieldError> bad_fields(const MessageChanges& changes);

/// Where a page goes from its cursor.
enum class PageDirection {
    older,  ///< newest first; without a cursor from the newest message
    newer,  ///< oldest first; without a cursor from the oldest message
};

/// Which messages of a conversation are wanted.
struct MessageQuery {
    std::int64_t limit = 50;  ///< 1 to 200
    /// The page starts behind this message, which may have been deleted since.
    std::optional<MessageId> cursor{};
    PageDirection direction = PageDirection::older;
    /// The page has this message in its middle, newest first. Not with a cursor, `newer` or a
    /// search.
    std::optional<MessageId> around{};
    std::string search{};  ///< part of the content, without case; white space alone is none
};

/// Every rule that `list` would refuse the query for whatever the conversation.
LVNG_CRM_EXPORT std::vector<FieldError> bad_fields(const MessageQuery& query);

/// Some messages in the order that was asked for. No message is missed or repeated by going on
/// from `cursor`, whatever is sent and deleted meanwhile.
struct MessagePage {
    std::vector<Message> messages{};
    bool has_more = false;   ///< in the direction of the page; older ones for `around`
    std::int64_t total = 0;  ///< all that are not deleted; with a search, all that were found
    std::optional<MessageId> cursor{};        ///< for the next page; absent on the last
    std::optional<MessageId> newer_cursor{};  ///< for `around`: where newer ones go on
    ListVersion version{};                    ///< the same for all members
};

/// The messages of a conversation: send, page, edit, delete.
///
/// Each conversation numbers its messages under the lock of its row, so the numbers have no gap
/// and no repeat, and are the order; the clock is display data. All calls throw `not_found` where
/// the caller is no member of the conversation, `invalid` for a principal without tenant or user,
/// and `unavailable` (the store does not answer within `Options::timeout`). Safe to share.
/// Source: REST contract, section 3, Messages.
class LVNG_CRM_EXPORT Messages {
public:
    /// Throws `invalid` (each bad field named), `forbidden` (a system message by a member who is
    /// no admin), `not_found` (also a parent of another conversation), `conflict` (the agent
    /// bound, see `Options::agent_run_limit`).
    Message send(const Principal& who, const ConversationId& conversation, const NewMessage& draft);

    /// Throws `invalid` (`limit`; a cursor or `around` that is no message of this conversation).
    [[nodiscard]] MessagePage list(const Principal& who, const ConversationId& conversation,
                                   const MessageQuery& query = {}) const;

    /// The same, or nothing where the list is still as it was at `known`, the version of an
    /// earlier one: found out without reading messages. Throws as `list` does.
    [[nodiscard]] std::optional<MessagePage> list_if_changed(const Principal& who,
                                                             const ListVersion& known,
                                                             const ConversationId& conversation,
                                                             const MessageQuery& query = {}) const;

    /// Changes one's own message. A change of nothing writes nothing. Throws `invalid`,
    /// `not_found` (also an unknown message), `forbidden` (somebody else's), `conflict` (deleted).
    Message edit(const Principal& who, const ConversationId& conversation, const MessageId& message,
                 const MessageChanges& changes);

    /// Leaves a tombstone, of one's own message or, as an admin, of anybody's; a second time
    /// changes nothing. Throws `not_found` (also an unknown message), `forbidden`.
    void remove(const Principal& who, const ConversationId& conversation, const MessageId& message);

private:
    friend class Crm;
    friend class Transaction;
    Messages(Scope& scope, const ConversationWriting& writing)
        : scope_{&scope}, writing_{&writing} {}

    Scope* scope_;
    const ConversationWriting* writing_;
};

}  // namespace lvng::crm::inline v0
