#include "adapters/sql/conversations.hpp"

#include "adapters/sql/built_statement.hpp"
#include "adapters/sql/conversation_rows.hpp"
#include "adapters/sql/lists.hpp"
#include "conversations/rules/conversation_rules.hpp"

#include <lvng/crm/error.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace lvng::crm::sql {
namespace {

constexpr std::string_view insert_conversation =
    "insert into lvng_conversations (tenant_id, id, type, name, description, project_id,"
    " parent_message_id, is_archived, settings, agent_run_limit, direct_key, created_by,"
    " created_at, updated_at, member_count, last_number, message_count, agent_run, last_event,"
    " event_at)"
    " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,"
    " $19, $20)"
    " on conflict (tenant_id, direct_key) where direct_key is not null do nothing";
constexpr std::string_view insert_new_member =
    "insert into lvng_members (tenant_id, conversation_id, user_id, role, member_type, joined_at,"
    " joined_number, seen_count) values ($1, $2, $3, $4, $5, $6, $7, $8)";
constexpr std::string_view former_type = "select f.member_type from lvng_former_members f where"
                                         " f.tenant_id = $1 and f.conversation_id = $2"
                                         " and f.user_id = $3";
constexpr std::string_view remember_member =
    "insert into lvng_former_members (tenant_id, conversation_id, user_id, member_type)"
    " select m.tenant_id, m.conversation_id, m.user_id, m.member_type from lvng_members m"
    " where m.tenant_id = $1 and m.conversation_id = $2 and m.user_id = $3"
    " on conflict (tenant_id, conversation_id, user_id)"
    " do update set member_type = excluded.member_type";
constexpr std::string_view delete_member =
    "delete from lvng_members"
    " where tenant_id = $1 and conversation_id = $2 and user_id = $3";
constexpr std::string_view direct_conversation =
    "select id from lvng_conversations where tenant_id = $1 and direct_key = $2";
constexpr std::string_view conversation_by_id =
    "select " LVNG_CONVERSATION_COLUMNS LVNG_CONVERSATION_OF_MEMBER
    " where m.tenant_id = $1 and m.user_id = $2 and m.conversation_id = $3";
// The conversation stands first, because rows are locked in this order: whoever removes a member
// holds the conversation before they touch the member.
constexpr std::string_view held_conversation =
    "select c.type, c.agent_run_limit, c.updated_at, " LVNG_COUNTER_COLUMNS
    ", m.role, m.member_type, m.joined_number" LVNG_CONVERSATION_OF_MEMBER
    " where c.tenant_id = $1 and c.id = $3 and m.tenant_id = $1 and m.user_id = $2";
// Each with its newest message.
constexpr std::string_view shown_conversations =
    "select c.last_event, c.event_at, c.message_count - m.seen_count, " LVNG_CONVERSATION_COLUMNS
    ", " LVNG_MESSAGE_COLUMNS LVNG_CONVERSATION_OF_MEMBER
    " left join lvng_messages g on g.tenant_id = c.tenant_id and g.conversation_id = c.id"
    " and g.number = c.last_number where c.tenant_id = $1 and m.tenant_id = $1 and m.user_id = $2"
    " and c.id in ";
constexpr std::string_view held_by_id =
    "select c.type, c.agent_run_limit, c.updated_at, " LVNG_COUNTER_COLUMNS
    " from lvng_conversations c where c.tenant_id = $1 and c.id = $2";
constexpr int held_columns = 3 + counter_columns;

constexpr std::string_view save_counters =
    "update lvng_conversations set updated_at = $3, member_count = $4, last_number = $5,"
    " message_count = $6, agent_run = $7, last_event = $8, event_at = $9"
    " where tenant_id = $1 and id = $2";
constexpr std::string_view save_properties_of =
    "update lvng_conversations set name = $3, description = $4, is_archived = $5, settings = $6,"
    " agent_run_limit = $7 where tenant_id = $1 and id = $2";
constexpr std::array<std::string_view, 3> delete_conversation{
    "delete from lvng_conversations where tenant_id = $1 and id = $2",
    "delete from lvng_members where tenant_id = $1 and conversation_id = $2",
    "delete from lvng_former_members where tenant_id = $1 and conversation_id = $2"};
constexpr std::array<std::string_view, 3> delete_contents{
    "delete from lvng_messages where tenant_id = $1 and conversation_id = $2",
    "delete from lvng_receipts where tenant_id = $1 and conversation_id = $2",
    "delete from lvng_events where tenant_id = $1 and conversation_id = $2"
    " and type <> 'conversation:deleted'"};
constexpr std::string_view leave_contents =
    "insert into lvng_remains (tenant_id, conversation_id) values ($1, $2)";
// What one transaction deletes at most: while it does, nobody else writes on SQLite.
constexpr std::int64_t most_rows_at_once = 5'000;

/// An upper bound of the rows that a conversation has beside its members.
std::int64_t most_rows(const ConversationCounters& counters) {
    const std::int64_t receipts = counters.last_number * counters.member_count;
    return counters.last_event + counters.last_number + receipts;
}

constexpr std::string_view members_of =
    "select m.user_id, u.name, m.role, m.member_type, m.joined_at from lvng_members m"
    " left join lvng_users u on u.tenant_id = m.tenant_id and u.user_id = m.user_id"
    " where m.tenant_id = $1 and m.conversation_id = $2 and exists (select 1 from lvng_members v"
    " where v.tenant_id = $1 and v.conversation_id = $2 and v.user_id = $3)"
    " order by m.joined_at, m.user_id";
constexpr std::string_view held_member =
    "select " LVNG_HELD_MEMBER_COLUMNS " from lvng_members m"
    " where m.tenant_id = $1 and m.conversation_id = $2 and m.user_id = $3";
constexpr std::string_view promote =
    "update lvng_members set role = 'admin'"
    " where tenant_id = $1 and conversation_id = $2 and user_id = $3";
constexpr std::string_view add_to_seen =
    "update lvng_members set seen_count = seen_count + $4"
    " where tenant_id = $1 and conversation_id = $2 and user_id = $3";
constexpr std::string_view memberships_of = "select c.id, c.last_event" LVNG_CONVERSATION_OF_MEMBER
                                            " where m.tenant_id = $1 and m.user_id = $2";

/// The bound that settings ask for.
Value agent_run_limit(const JsonText& settings) {
    const std::optional<std::int64_t> limit = rules::agent_run_limit(settings);
    return limit ? Value{*limit} : Value{};
}

HeldConversation read_held(const Rows& rows, const ConversationId& id) {
    HeldConversation held{.id = id,
                          .type = read_conversation_type(rows, 0),
                          .updated_at = Timestamp{rows.integer(2)}};
    if (!rows.is_null(1)) held.agent_run_limit = rows.integer(1);
    held.counters = read_counters(rows, 3);
    return held;
}

}  // namespace

bool SqlConversations::insert(const Conversation& conversation,
                              const ConversationCounters& counters, std::string_view direct_key,
                              std::span<const HeldMember> members) {
    const Value id = conversation.id.uuid();
    const std::array<Value, 20> values{
        tenant(),
        id,
        to_string(conversation.type),
        nullable(conversation.name),
        nullable(conversation.description),
        conversation.project_id ? Value{std::string_view{conversation.project_id->to_string()}}
                                : Value{},
        nullable(conversation.parent_message_id),
        std::int64_t{conversation.is_archived},
        std::string_view{conversation.settings.text()},
        agent_run_limit(conversation.settings),
        direct_key.empty() ? Value{} : Value{direct_key},
        std::string_view{conversation.created_by.to_string()},
        conversation.created_at.milliseconds(),
        conversation.updated_at.milliseconds(),
        counters.member_count,
        counters.last_number,
        counters.message_count,
        counters.agent_run,
        counters.last_event,
        counters.event_at.milliseconds()};
    if (direct_key.empty()) {
        session_->defer(insert_conversation, values);
    } else if (session_->execute(insert_conversation, values) == 0) {
        return false;
    }
    for (const HeldMember& member : members) {
        session_->defer(insert_new_member,
                        std::array<Value, 8>{tenant(), id, member.id.to_string(),
                                             to_string(member.role), to_string(member.type),
                                             member.joined_at.milliseconds(), member.joined_number,
                                             member.seen_count});
    }
    return true;
}

std::optional<ConversationId> SqlConversations::find_direct(std::string_view direct_key) {
    Rows rows{session_->query(direct_conversation, std::array<Value, 2>{tenant(), direct_key})};
    if (!rows.next()) return std::nullopt;
    return ConversationId{rows.uuid(0)};
}

std::optional<Conversation> SqlConversations::find(const ConversationId& id) {
    Rows rows{
        session_->query(conversation_by_id, std::array<Value, 3>{tenant(), user(), id.uuid()})};
    if (!rows.next()) return std::nullopt;
    return read_conversation(rows, 0);
}

std::vector<ListedConversation> SqlConversations::listed(const ConversationFilter& filter) {
    BuiltStatement statement{"select c.id, c.updated_at, c.last_event,"
                             " c.event_at" LVNG_CONVERSATION_OF_MEMBER
                             " where m.tenant_id = $1 and m.user_id = $2",
                             {tenant(), user()}};
    if (filter.unread) statement.add(" and c.message_count > m.seen_count");
    if (!filter.archived) statement.add(" and c.is_archived = 0");
    if (filter.type) statement.add(" and c.type = ", to_string(*filter.type));
    std::vector<ListedConversation> listed;
    Rows rows{session_->query(statement.text(), statement.values())};
    while (rows.next()) {
        listed.push_back({.id = ConversationId{rows.uuid(0)},
                          .updated_at = Timestamp{rows.integer(1)},
                          .last_event = rows.integer(2),
                          .event_at = Timestamp{rows.integer(3)}});
    }
    return listed;
}

std::vector<ConversationEntry>
SqlConversations::entries(std::span<const ListedConversation> listed) {
    if (listed.empty()) return {};
    std::vector<Uuid> ids;
    for (const ListedConversation& one : listed) ids.push_back(one.id.uuid());
    BuiltStatement statement{shown_conversations, {tenant(), user()}};
    statement.add_list("", ids, " order by c.updated_at desc, c.id");
    constexpr int conversation = 3;
    constexpr int message = conversation + conversation_columns;
    std::vector<ConversationEntry> entries;
    Rows rows{session_->query(statement.text(), statement.values())};
    while (rows.next()) {
        ConversationEntry entry{.conversation = read_conversation(rows, conversation),
                                .unread_count = rows.integer(2)};
        const ConversationId& id = entry.conversation.id;
        const auto before = std::find_if(listed.begin(), listed.end(),
                                         [&](const auto& one) { return one.id == id; });
        if (before->last_event != rows.integer(0)) continue;
        if (before->event_at != Timestamp{rows.integer(1)}) continue;
        if (!rows.is_null(message)) entry.last_message = read_message(rows, message, id);
        entries.push_back(std::move(entry));
    }
    return entries;
}

std::optional<HeldConversation> SqlConversations::hold(const ConversationId& id) {
    std::string statement{held_conversation};
    statement += session_->for_update();
    Rows rows{session_->query(statement, std::array<Value, 3>{tenant(), user(), id.uuid()})};
    if (!rows.next()) return std::nullopt;
    HeldConversation held = read_held(rows, id);
    held.role = read_role(rows, held_columns);
    held.member_type = read_member_type(rows, held_columns + 1);
    held.joined_number = rows.integer(held_columns + 2);
    return held;
}

std::optional<HeldConversation> SqlConversations::hold_direct(const ConversationId& id) {
    std::string statement{held_by_id};
    statement += session_->for_update();
    Rows rows{session_->query(statement, std::array<Value, 2>{tenant(), id.uuid()})};
    if (!rows.next()) return std::nullopt;
    return read_held(rows, id);
}

void SqlConversations::save(const HeldConversation& held) {
    const ConversationCounters& counters = held.counters;
    session_->defer(save_counters,
                    std::array<Value, 9>{tenant(), held.id.uuid(), held.updated_at.milliseconds(),
                                         counters.member_count, counters.last_number,
                                         counters.message_count, counters.agent_run,
                                         counters.last_event, counters.event_at.milliseconds()});
}

void SqlConversations::save_properties(const Conversation& conversation) {
    session_->defer(save_properties_of,
                    std::array<Value, 7>{
                        tenant(), conversation.id.uuid(), nullable(conversation.name),
                        nullable(conversation.description), std::int64_t{conversation.is_archived},
                        std::string_view{conversation.settings.text()},
                        agent_run_limit(conversation.settings)});
}

void SqlConversations::remove(const HeldConversation& held) {
    const std::array<Value, 2> values{tenant(), held.id.uuid()};
    for (const std::string_view statement : delete_conversation) session_->defer(statement, values);
    if (most_rows(held.counters) > most_rows_at_once) {
        return session_->defer(leave_contents, values);
    }
    for (const std::string_view statement : delete_contents) session_->defer(statement, values);
}

std::vector<Member> SqlConversations::members(const ConversationId& id) {
    std::vector<Member> members;
    Rows rows{session_->query(members_of, std::array<Value, 3>{tenant(), id.uuid(), user()})};
    while (rows.next()) {
        Member& member = members.emplace_back();
        member.id = UserId{rows.text(0)};
        if (!rows.is_null(1)) member.display_name = rows.text(1);
        if (member.display_name.empty()) member.display_name = member.id.to_string();
        member.role = read_role(rows, 2);
        member.type = read_member_type(rows, 3);
        member.joined_at = Timestamp{rows.integer(4)};
    }
    return members;
}

std::vector<HeldMember> SqlConversations::held_members(const ConversationId& id) {
    return read_held_members(*session_, who_->tenant, id);
}

std::optional<HeldMember> SqlConversations::find_member(const ConversationId& id,
                                                        const UserId& user) {
    Rows rows{
        session_->query(held_member, std::array<Value, 3>{tenant(), id.uuid(), user.to_string()})};
    if (!rows.next()) return std::nullopt;
    return read_held_member(rows, 0);
}

MemberType SqlConversations::insert_member(const ConversationId& id, const HeldMember& member) {
    MemberType type = member.type;
    {
        Rows rows{session_->query(
            former_type, std::array<Value, 3>{tenant(), id.uuid(), member.id.to_string()})};
        if (rows.next()) type = read_member_type(rows, 0);
    }
    session_->defer(insert_new_member,
                    std::array<Value, 8>{tenant(), id.uuid(), member.id.to_string(),
                                         to_string(member.role), to_string(type),
                                         member.joined_at.milliseconds(), member.joined_number,
                                         member.seen_count});
    return type;
}

void SqlConversations::remove_member(const ConversationId& id, const UserId& user) {
    const std::array<Value, 3> values{tenant(), id.uuid(), user.to_string()};
    session_->defer(remember_member, values);
    session_->defer(delete_member, values);
}

void SqlConversations::promote_member(const ConversationId& id, const UserId& user) {
    session_->defer(promote, std::array<Value, 3>{tenant(), id.uuid(), user.to_string()});
}

void SqlConversations::count_seen(const ConversationId& id, const UserId& user,
                                  std::int64_t change) {
    session_->defer(add_to_seen,
                    std::array<Value, 4>{tenant(), id.uuid(), user.to_string(), change});
}

std::vector<EventPlace> SqlConversations::memberships() {
    std::vector<EventPlace> places;
    Rows rows{session_->query(memberships_of, std::array<Value, 2>{tenant(), user()})};
    while (rows.next()) {
        places.push_back({.tenant = who_->tenant,
                          .conversation = ConversationId{rows.uuid(0)},
                          .number = rows.integer(1)});
    }
    return places;
}

}  // namespace lvng::crm::sql
