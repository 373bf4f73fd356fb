#include "adapters/sql/conversation_rows.hpp"

#include "adapters/sql/lists.hpp"

#include <lvng/crm/error.hpp>

#include <fmt/format.h>

#include <array>

namespace lvng::crm::sql {
namespace {

/// The value that a text names; the store is damaged where it names none.
template <class Value>
Value named(std::optional<Value> value, std::string_view what) {
    if (!value) throw Error{ErrorCode::corrupt, fmt::format("the store has an unknown {}", what)};
    return *value;
}

std::optional<MessageId> optional_message(const Rows& rows, int column) {
    if (rows.is_null(column)) return std::nullopt;
    return MessageId{rows.uuid(column)};
}

}  // namespace

Conversation read_conversation(const Rows& rows, int at) {
    Conversation conversation{.id = ConversationId{rows.uuid(at)},
                              .name = optional_text(rows, at + 1),
                              .type = read_conversation_type(rows, at + 2),
                              .description = optional_text(rows, at + 3),
                              .parent_message_id = optional_message(rows, at + 5),
                              .is_archived = rows.integer(at + 6) != 0,
                              .settings = JsonText::kept(rows.text(at + 7)),
                              .member_count = rows.integer(at + 8),
                              .created_by = UserId{rows.text(at + 9)},
                              .created_at = Timestamp{rows.integer(at + 10)},
                              .updated_at = Timestamp{rows.integer(at + 11)}};
    if (!rows.is_null(at + 4)) conversation.project_id = ProjectId{rows.text(at + 4)};
    return conversation;
}

Message read_message(const Rows& rows, int at, const ConversationId& conversation) {
    return Message{.id = MessageId{rows.uuid(at)},
                   .conversation_id = conversation,
                   .number = rows.integer(at + 1),
                   .user_id = UserId{rows.text(at + 2)},
                   .content = std::string{rows.text(at + 3)},
                   .type = named(parse_message_type(rows.text(at + 4)), "type of a message"),
                   .parent_message_id = optional_message(rows, at + 5),
                   .metadata = JsonText::kept(rows.text(at + 6)),
                   .created_at = Timestamp{rows.integer(at + 7)},
                   .updated_at = Timestamp{rows.integer(at + 8)},
                   .edited_at = optional_time(rows, at + 9),
                   .deleted_at = optional_time(rows, at + 10)};
}

HeldMember read_held_member(const Rows& rows, int at) {
    return HeldMember{.id = UserId{rows.text(at)},
                      .role = read_role(rows, at + 1),
                      .type = read_member_type(rows, at + 2),
                      .joined_at = Timestamp{rows.integer(at + 3)},
                      .joined_number = rows.integer(at + 4),
                      .seen_count = rows.integer(at + 5)};
}

ConversationCounters read_counters(const Rows& rows, int at) {
    return ConversationCounters{.member_count = rows.integer(at),
                                .last_number = rows.integer(at + 1),
                                .message_count = rows.integer(at + 2),
                                .agent_run = rows.integer(at + 3),
                                .last_event = rows.integer(at + 4),
                                .event_at = Timestamp{rows.integer(at + 5)}};
}

ConversationType read_conversation_type(const Rows& rows, int at) {
    return named(parse_conversation_type(rows.text(at)), "type of a conversation");
}

MemberRole read_role(const Rows& rows, int at) {
    return named(parse_member_role(rows.text(at)), "role of a member");
}

MemberType read_member_type(const Rows& rows, int at) {
    return named(parse_member_type(rows.text(at)), "type of a member");
}

std::vector<HeldMember> read_held_members(Session& session, const TenantId& tenant,
                                          const ConversationId& id) {
    const std::array<Value, 2> values{tenant.to_string(), id.uuid()};
    std::vector<HeldMember> members;
    Rows rows{session.query(
        "select " LVNG_HELD_MEMBER_COLUMNS " from lvng_members m"
        " where m.tenant_id = $1 and m.conversation_id = $2 order by m.joined_at, m.user_id",
        values)};
    while (rows.next()) members.push_back(read_held_member(rows, 0));
    return members;
}

}  // namespace lvng::crm::sql
