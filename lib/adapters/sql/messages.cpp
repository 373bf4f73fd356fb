#include "adapters/sql/messages.hpp"

#include "adapters/sql/built_statement.hpp"
#include "adapters/sql/conversation_rows.hpp"
#include "adapters/sql/lists.hpp"

#include <array>

namespace lvng::crm::sql {
namespace {

constexpr std::string_view insert_message =
    "insert into lvng_messages (tenant_id, conversation_id, number, id, user_id, sender_type, type,"
    " content, search_key, metadata, parent_message_id, created_at, updated_at, edited_at,"
    " deleted_at, event_number)"
    " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
constexpr std::string_view update_message =
    "update lvng_messages set content = $4, search_key = $5, metadata = $6, updated_at = $7,"
    " edited_at = $8, deleted_at = $9"
    " where tenant_id = $1 and conversation_id = $2 and number = $3";
constexpr std::string_view message_by_id = "select " LVNG_MESSAGE_COLUMNS ", g.conversation_id"
                                           " from lvng_messages g"
                                           " where g.tenant_id = $1 and g.id = $2";
constexpr std::string_view seen_message =
    "select g.number from lvng_messages g join lvng_members m"
    " on m.tenant_id = g.tenant_id and m.conversation_id = g.conversation_id"
    " where g.tenant_id = $1 and g.id = $3 and m.tenant_id = $1 and m.user_id = $2";
// The order of `read_state`.
#define LVNG_STATE_COLUMNS "c.message_count, c.last_event, c.event_at"
constexpr int state_columns = 3;

constexpr std::string_view state_of =
    "select " LVNG_STATE_COLUMNS LVNG_CONVERSATION_OF_MEMBER
    " where m.tenant_id = $1 and m.user_id = $2 and m.conversation_id = $3";
constexpr std::string_view cursor_number =
    "(select k.number from lvng_messages k"
    " where k.tenant_id = $1 and k.conversation_id = $3 and k.id = $4)";
constexpr std::string_view found_messages =
    "select count(*) from lvng_messages g where g.tenant_id = $1 and g.conversation_id = $2"
    " and g.deleted_at is null and strpos(g.search_key, $3) > 0";

// A select of its own for each receipt, and no join, so that each is looked up by its whole key.
constexpr std::string_view marked_messages =
    "select g.id, g.conversation_id, g.number, cast(case when g.user_id <> $2"
    " and g.deleted_at is null and (select r.number from lvng_receipts r where r.tenant_id = $1"
    " and r.conversation_id = g.conversation_id and r.user_id = $2 and r.number = g.number) is null"
    " then 1 else 0 end as bigint)"
    " from lvng_messages g where g.tenant_id = $1 and g.id in ";
constexpr std::string_view receipts_for =
    "insert into lvng_receipts (tenant_id, conversation_id, user_id, number, read_at)"
    " select g.tenant_id, g.conversation_id, cast($3 as text), g.number, cast($4 as bigint)"
    " from lvng_messages g"
    " where g.tenant_id = $1 and g.conversation_id = $2 and g.number in ";
constexpr std::string_view take_out_of_seen =
    "update lvng_members set seen_count = seen_count - 1"
    " where tenant_id = $1 and conversation_id = $2"
    " and (joined_number >= $3 or user_id = $4 or exists (select 1 from lvng_receipts r"
    " where r.tenant_id = $1 and r.conversation_id = $2 and r.user_id = lvng_members.user_id"
    " and r.number = $3))";

MessagesState read_state(const Rows& rows) {
    return MessagesState{.message_count = rows.integer(0),
                         .last_event = rows.integer(1),
                         .event_at = Timestamp{rows.integer(2)}};
}

}  // namespace

void SqlMessages::insert(const Message& message, MemberType sender, std::string_view search_key,
                         std::int64_t event) {
    session_->defer(insert_message,
                    std::array<Value, 16>{
                        tenant(), message.conversation_id.uuid(), message.number, message.id.uuid(),
                        std::string_view{message.user_id.to_string()}, to_string(sender),
                        to_string(message.type), std::string_view{message.content}, search_key,
                        std::string_view{message.metadata.text()},
                        nullable(message.parent_message_id), message.created_at.milliseconds(),
                        message.updated_at.milliseconds(), nullable(message.edited_at),
                        nullable(message.deleted_at), event});
}

void SqlMessages::replace(const Message& message, std::string_view search_key) {
    session_->defer(update_message, std::array<Value, 9>{
                                        tenant(), message.conversation_id.uuid(), message.number,
                                        std::string_view{message.content}, search_key,
                                        std::string_view{message.metadata.text()},
                                        message.updated_at.milliseconds(),
                                        nullable(message.edited_at), nullable(message.deleted_at)});
}

// The conversation is compared here and not in the statement, so that no planner thinks of going
// through all its messages. The same in `find_marked`.
std::optional<Message> SqlMessages::find(const ConversationId& conversation, const MessageId& id) {
    Rows rows{session_->query(message_by_id, std::array<Value, 2>{tenant(), id.uuid()})};
    if (!rows.next() || ConversationId{rows.uuid(message_columns)} != conversation) {
        return std::nullopt;
    }
    return read_message(rows, 0, conversation);
}

bool SqlMessages::can_see(const MessageId& id) {
    Rows rows{session_->query(seen_message, std::array<Value, 3>{tenant(), user(), id.uuid()})};
    return rows.next();
}

std::optional<MessagesState> SqlMessages::state(const ConversationId& conversation) {
    Rows rows{
        session_->query(state_of, std::array<Value, 3>{tenant(), user(), conversation.uuid()})};
    if (!rows.next()) return std::nullopt;
    return read_state(rows);
}

std::optional<MessageChunk> SqlMessages::page(const ConversationId& conversation,
                                              const MessageRange& range) {
    const bool older = range.direction == PageDirection::older;
    const std::string_view order = older ? "number desc" : "number";
    BuiltStatement statement{"select " LVNG_STATE_COLUMNS ", ",
                             {tenant(), user(), conversation.uuid()}};
    if (range.cursor) statement.add_value(range.cursor->uuid());
    statement.add(range.cursor ? cursor_number : "cast(0 as bigint)");
    statement.add(", x.*" LVNG_CONVERSATION_OF_MEMBER " left join (select " LVNG_MESSAGE_COLUMNS
                  " from lvng_messages g where g.tenant_id = $1 and g.conversation_id = $3"
                  // Looked at first, so that a stranger is refused as fast as by an unknown id.
                  " and exists (select 1 from lvng_members v where v.tenant_id = $1"
                  " and v.user_id = $2 and v.conversation_id = $3)");
    if (range.cursor) {
        statement.add(" and g.number ");
        statement.add(older ? "<" : ">");
        if (range.with_cursor) statement.add("=");
        statement.add(" ");
        statement.add(cursor_number);
    }
    if (!range.search_key.empty()) {
        statement.add(" and g.deleted_at is null and strpos(g.search_key, ", range.search_key,
                      ") > 0");
    }
    statement.add(" order by g.");
    statement.add(order);
    statement.add(" limit ", range.limit,
                  ") x on 1 = 1 where m.tenant_id = $1 and m.user_id = $2"
                  " and m.conversation_id = $3 order by x.");
    statement.add(order);

    MessageChunk chunk;
    Rows rows{session_->query(statement.text(), statement.values())};
    if (!rows.next()) return std::nullopt;
    constexpr int first_message = state_columns + 1;
    chunk.state = read_state(rows);
    chunk.cursor_found = !rows.is_null(state_columns);
    if (rows.is_null(first_message)) return chunk;
    do {
        chunk.messages.push_back(read_message(rows, first_message, conversation));
    } while (rows.next());
    return chunk;
}

std::int64_t SqlMessages::count_found(const ConversationId& conversation,
                                      std::string_view search_key) {
    Rows rows{session_->query(found_messages,
                              std::array<Value, 3>{tenant(), conversation.uuid(), search_key})};
    return rows.next() ? rows.integer(0) : 0;
}

std::vector<MessageRepository::Marked> SqlMessages::find_marked(const ConversationId& conversation,
                                                                std::span<const MessageId> ids) {
    std::vector<Uuid> uuids;
    for (const MessageId& id : ids) uuids.push_back(id.uuid());
    BuiltStatement statement{marked_messages, {tenant(), user()}};
    statement.add_list("", uuids, " order by g.number");
    std::vector<Marked> marked;
    Rows rows{session_->query(statement.text(), statement.values())};
    while (rows.next()) {
        if (ConversationId{rows.uuid(1)} != conversation) continue;
        marked.push_back({.id = MessageId{rows.uuid(0)},
                          .number = rows.integer(2),
                          .unread = rows.integer(3) != 0});
    }
    return marked;
}

void SqlMessages::insert_receipts(const ConversationId& conversation,
                                  std::span<const std::int64_t> numbers, Timestamp at) {
    BuiltStatement statement{receipts_for,
                             {tenant(), conversation.uuid(), user(), at.milliseconds()}};
    statement.add_list("", numbers);
    session_->defer(statement.text(), statement.values());
}

void SqlMessages::forget_seen(const Message& message) {
    session_->defer(take_out_of_seen,
                    std::array<Value, 4>{tenant(), message.conversation_id.uuid(), message.number,
                                         std::string_view{message.user_id.to_string()}});
}

}  // namespace lvng::crm::sql
