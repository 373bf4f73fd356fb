#pragma once

#include <lvng/crm/change.hpp>
#include <lvng/crm/condition.hpp>
#include <lvng/crm/conversations/members.hpp>
#include <lvng/crm/conversations/messages.hpp>
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

/// A direct one has two members for good; the other two differ in name only.
enum class ConversationType { direct, group, project };

LVNG_CRM_EXPORT std::string_view to_string(ConversationType type) noexcept;
LVNG_CRM_EXPORT std::optional<ConversationType>
parse_conversation_type(std::string_view text) noexcept;

/// Source: REST contract, section 5, Text, and section 6.
struct ConversationLimits {
    static constexpr std::size_t name = 200;           ///< code points
    static constexpr std::size_t description = 2'000;  ///< code points
    static constexpr std::size_t settings = 16'384;    ///< bytes of compact JSON
    static constexpr std::size_t members = 1'000;      ///< beside the creator
    static constexpr std::int64_t page = 100;          ///< greatest `Page::limit` of a list
    static constexpr std::int64_t page_default = 20;
    static constexpr std::int64_t offset = 1'000'000'000;           ///< greatest `Page::offset`
    static constexpr std::int64_t agent_run_limit = 1'000'000'000;  ///< greatest in `settings`
};

/// Where people, twins and agents of one tenant talk.
struct Conversation {
    ConversationId id{};
    std::optional<std::string> name{};  ///< trimmed
    ConversationType type = ConversationType::group;
    std::optional<std::string> description{};  ///< byte for byte as given
    std::optional<ProjectId> project_id{};
    std::optional<MessageId> parent_message_id{};  ///< the message it was started from
    bool is_archived = false;
    JsonText settings{};
    std::int64_t member_count = 0;
    UserId created_by{};
    Timestamp created_at{};
    Timestamp updated_at{};  ///< of the last change or sent message

    bool operator==(const Conversation&) const = default;
};

/// The conversation as the REST API shows it: every field, compact.
LVNG_CRM_EXPORT std::string to_json(const Conversation& conversation);
LVNG_CRM_EXPORT void append_json(std::string& out, const Conversation& conversation);

/// What a new conversation starts with. The name is trimmed; a blank one counts as absent.
struct NewConversation {
    ConversationType type = ConversationType::group;
    /// At least one beside the creator; exactly one for a direct conversation. Of repeats the
    /// first counts. The creator may be among them, to say that they are a twin or an agent.
    std::vector<NewMember> members{};
    std::optional<std::string> name{};
    std::optional<std::string> description{};
    std::optional<ProjectId> project_id{};
    std::optional<MessageId> parent_message_id{};  ///< a message that the creator can see
    JsonText settings{};  ///< `agent_run_limit` in it must be a whole number from 0
};

/// A partial update. A cleared name or description becomes absent, cleared settings `{}`; a
/// cleared `is_archived` is refused.
struct ConversationChanges {
    Change<std::string> name{};
    Change<std::string> description{};
    Change<bool> is_archived{};
    Change<JsonText> settings{};  ///< replaces them as a whole
};

/// Every rule that `create` by `creator`, or `update`, would refuse the value for whatever is
/// stored, in the order of its fields.
LVNG_CRM_EXPORT std::vector<FieldError> bad_fields(const NewConversation& draft,
                                                   const UserId& creator);
LVNG_CRM_EXPORT std::vector<FieldError> bad_fields(const ConversationChanges& changes);

/// Which of the caller's conversations a list shows. All given conditions must hold.
struct ConversationFilter {
    std::optional<ConversationType> type{};
    bool unread = false;    ///< only those with unread messages
    bool archived = false;  ///< archived ones too
};

/// A conversation in the caller's list.
struct ConversationEntry {
    Conversation conversation{};
    std::int64_t unread_count = 0;          ///< messages by others, since joining, without receipt
    std::optional<Message> last_message{};  ///< the newest one, deleted or not

    bool operator==(const ConversationEntry&) const = default;
};

/// A conversation with everybody in it, by `joined_at`, then id.
struct ConversationDetail {
    Conversation conversation{};
    std::vector<Member> members{};

    bool operator==(const ConversationDetail&) const = default;
};

/// What `create` found or made.
struct OpenedConversation {
    Conversation conversation{};
    bool created = false;  ///< false: this direct pair had one already
};

/// How a conversation ended for the caller.
enum class ConversationEnd { deleted, left };

/// The conversations of a tenant, as far as the caller is a member.
///
/// All calls throw `not_found` where the caller is no member of the conversation: unknown and
/// foreign ones are not told apart. They throw `invalid` for a principal without tenant or user,
/// and `unavailable` (the store does not answer within `Options::timeout`). Safe to share.
/// Source: REST contract, section 3.
class LVNG_CRM_EXPORT Conversations {
public:
    /// The creator becomes admin. A second direct conversation of a pair, without project and
    /// parent, is the first one, as it is; a side that had left is a member again, as of now. Of
    /// racing calls one creates. Throws `invalid` (each bad field named), `not_found` (a parent
    /// that the caller cannot see).
    OpenedConversation create(const Principal& who, const NewConversation& draft);

    [[nodiscard]] ConversationDetail get(const Principal& who, const ConversationId& id) const;

    /// By `updated_at`, latest first, then id. `page.limit` 1 to 100, `page.offset` 0 to
    /// 1,000,000,000, else `invalid`.
    [[nodiscard]] Listing<ConversationEntry>
    list(const Principal& who, const ConversationFilter& filter = {},
         const Page& page = {.limit = ConversationLimits::page_default}) const;

    /// The same, or nothing where the list is still as it was at `known`, the version of an
    /// earlier one: found out without reading conversations whole. Throws as `list` does.
    [[nodiscard]] std::optional<Listing<ConversationEntry>>
    list_if_changed(const Principal& who, const ListVersion& known,
                    const ConversationFilter& filter = {},
                    const Page& page = {.limit = ConversationLimits::page_default}) const;

    /// Admins only. A change of nothing writes nothing. Throws `invalid`, `forbidden`,
    /// `precondition_failed` (the condition does not hold).
    Conversation update(const Principal& who, const ConversationId& id,
                        const ConversationChanges& changes,
                        const Condition<ConversationDetail>& condition = {});

    /// As an admin, deletes the conversation with its messages, members and receipts; as a
    /// member, leaves it. Messages beyond the first thousands are out of reach at once and
    /// erased by `Crm::tidy`. Throws `precondition_failed` (the condition does not hold).
    ConversationEnd remove(const Principal& who, const ConversationId& id,
                           const Condition<ConversationDetail>& condition = {});

private:
    friend class Crm;
    friend class Transaction;
    Conversations(Scope& scope, const ConversationWriting& writing)
        : scope_{&scope}, writing_{&writing} {}

    Scope* scope_;
    const ConversationWriting* writing_;
};

}  // namespace lvng::crm::inline v0
