#include "adapters/sql/upkeep.hpp"

#include "adapters/sql/contacts.hpp"
#include "adapters/sql/conversation_rows.hpp"

#include <array>

namespace lvng::crm::sql {
namespace {

// What seems to say nothing, `created_by <> ''` here, `source <> ''`, `type <> ''` and
// `request_key <> ''` below, is what the indexes to go through a tenant by ask for.
constexpr std::string_view conversations_after =
    "select id from lvng_conversations where tenant_id = $1 and id > $2 and created_by <> ''"
    " order by id limit $3";
constexpr std::string_view counters_of = "select " LVNG_COUNTER_COLUMNS " from lvng_conversations c"
                                         " where c.tenant_id = $1 and c.id = $2";
constexpr std::string_view messages_of =
    "select number, user_id, deleted_at, case when type in ('twin', 'agent')"
    " or sender_type in ('twin', 'agent') then 1 else 0 end from lvng_messages"
    " where tenant_id = $1 and conversation_id = $2 and number > $3 order by number limit $4";
// Counted here: there may be as many as messages times members. A count for each member, because
// each then is a short piece of the receipts' key, whatever the database knows of its tables.
constexpr std::string_view receipts_of =
    "select m.user_id, (select count(*) from lvng_receipts r join lvng_messages g"
    " on g.tenant_id = r.tenant_id and g.conversation_id = r.conversation_id"
    " and g.number = r.number where r.tenant_id = $1 and r.conversation_id = $2"
    " and r.user_id = m.user_id and r.number > $3 and r.number <= $4"
    " and r.number > m.joined_number and g.user_id <> r.user_id and g.deleted_at is null)"
    " from lvng_members m where m.tenant_id = $1 and m.conversation_id = $2";
constexpr std::string_view last_event_of =
    "select coalesce(max(number), 0) from ("
    "select max(number) as number from lvng_events where tenant_id = $1 and conversation_id = $2"
    " union all select event_number from (select event_number from lvng_messages"
    " where tenant_id = $1 and conversation_id = $2 order by number desc limit 1) k) e";
constexpr std::string_view save_counters =
    "update lvng_conversations set member_count = $3, last_number = $4, message_count = $5,"
    " agent_run = $6, last_event = $7, event_at = $8 where tenant_id = $1 and id = $2";
constexpr std::string_view save_seen_of =
    "update lvng_members set seen_count = $4"
    " where tenant_id = $1 and conversation_id = $2 and user_id = $3";

// Users come from both tables, so that contacts without a book are found as well.
constexpr std::string_view books_after =
    "select o.user_id, coalesce(b.contact_count, 0), (select count(*) from lvng_contacts c"
    " where c.tenant_id = $1 and c.user_id = o.user_id and c.source <> '') from ("
    "select user_id from (select user_id from lvng_books"
    " where tenant_id = $1 and user_id > $2 order by user_id limit $3) k"
    " union select user_id from (select distinct user_id from lvng_contacts"
    " where tenant_id = $1 and user_id > $2 and source <> '' order by user_id limit $3) h) o"
    " left join lvng_books b on b.tenant_id = $1 and b.user_id = o.user_id"
    " order by o.user_id limit $3";
// A statement of its own: a count in the one that waits for the row would not see what the last
// holder has written.
constexpr std::string_view hold_book =
    "insert into lvng_books (tenant_id, user_id, contact_count) values ($1, $2, 0)"
    " on conflict (tenant_id, user_id) do update set contact_count = lvng_books.contact_count";
constexpr std::string_view count_book =
    "update lvng_books set contact_count = (select count(*) from lvng_contacts c"
    " where c.tenant_id = $1 and c.user_id = $2 and c.source <> ''), version = $3"
    " where tenant_id = $1 and user_id = $2";

// The oldest: for any one PostgreSQL would go through the table.
constexpr std::string_view something_to_erase =
    "select 1 from (select at from lvng_events"
    " where tenant_id = $1 and at < $2 and type <> '' order by at limit 1) e"
    " union all select 1 from (select claimed_at from lvng_replays"
    " where tenant_id = $1 and claimed_at < $3 and request_key <> ''"
    " order by claimed_at limit 1) a"
    " union all select 1 from (select conversation_id from lvng_remains"
    " where tenant_id = $1 limit 1) r";
// Up to the last row of a chunk, which both databases find in the index. Rows `in` a chunk would
// be looked for in the whole table.
constexpr std::string_view delete_old_events =
    "delete from lvng_events where tenant_id = $1 and type <> ''"
    " and (at, conversation_id, number) <= (select at, conversation_id, number"
    " from (select at, conversation_id, number from lvng_events"
    " where tenant_id = $1 and at < $2 and type <> ''"
    " order by at, conversation_id, number limit $3) k"
    " order by at desc, conversation_id desc, number desc limit 1)";
constexpr std::string_view delete_old_replays =
    "delete from lvng_replays where tenant_id = $1 and request_key <> ''"
    " and (claimed_at, request_key, user_id) <= (select claimed_at, request_key, user_id"
    " from (select claimed_at, request_key, user_id from lvng_replays"
    " where tenant_id = $1 and claimed_at < $2 and request_key <> ''"
    " order by claimed_at, request_key, user_id limit $3) k"
    " order by claimed_at desc, request_key desc, user_id desc limit 1)";
constexpr std::array<std::string_view, 3> delete_remaining{
    "delete from lvng_messages where tenant_id = $1 and conversation_id = $2 and number <="
    " (select max(number) from (select number from lvng_messages"
    " where tenant_id = $1 and conversation_id = $2 order by number limit $3) k)",
    "delete from lvng_receipts where tenant_id = $1 and conversation_id = $2"
    " and (user_id, number) <= (select user_id, number from (select user_id, number"
    " from lvng_receipts where tenant_id = $1 and conversation_id = $2"
    " order by user_id, number limit $3) k order by user_id desc, number desc limit 1)",
    "delete from lvng_events where tenant_id = $1 and conversation_id = $2"
    " and type <> 'conversation:deleted' and number <="
    " (select max(number) from (select number from lvng_events"
    " where tenant_id = $1 and conversation_id = $2 and type <> 'conversation:deleted'"
    " order by number limit $3) k)"};
// Held against another process that erases the same. Where that one is just done there is no row,
// not even where more are left.
constexpr std::string_view first_remains =
    "select conversation_id from lvng_remains where tenant_id = $1"
    " order by conversation_id limit 1";
constexpr std::string_view delete_remains =
    "delete from lvng_remains where tenant_id = $1 and conversation_id = $2";

}  // namespace

std::vector<ConversationId> SqlUpkeep::conversations(const ConversationId& after,
                                                     std::int64_t limit) {
    std::vector<ConversationId> ids;
    const std::array<Value, 3> values{tenant(), after.uuid(), limit};
    Rows rows{session_->query(conversations_after, values)};
    while (rows.next()) ids.emplace_back(rows.uuid(0));
    return ids;
}

std::optional<ConversationCounters> SqlUpkeep::counters(const ConversationId& id) {
    std::string statement{counters_of};
    statement += session_->for_update();
    const std::array<Value, 2> values{tenant(), id.uuid()};
    Rows rows{session_->query(statement, values)};
    if (!rows.next()) return std::nullopt;
    return read_counters(rows, 0);
}

std::vector<HeldMember> SqlUpkeep::members(const ConversationId& id) {
    return read_held_members(*session_, who_->tenant, id);
}

std::vector<CountedMessage> SqlUpkeep::messages(const ConversationId& id, std::int64_t after,
                                                std::int64_t limit) {
    std::vector<CountedMessage> messages;
    const std::array<Value, 4> values{tenant(), id.uuid(), after, limit};
    Rows rows{session_->query(messages_of, values)};
    while (rows.next()) {
        messages.push_back({.number = rows.integer(0),
                            .sender = UserId{rows.text(1)},
                            .deleted = !rows.is_null(2),
                            .by_agent = rows.integer(3) != 0});
    }
    return messages;
}

std::vector<CountedReceipts> SqlUpkeep::receipts(const ConversationId& id, std::int64_t after,
                                                 std::int64_t last) {
    std::vector<CountedReceipts> receipts;
    const std::array<Value, 4> values{tenant(), id.uuid(), after, last};
    Rows rows{session_->query(receipts_of, values)};
    while (rows.next()) {
        receipts.push_back({.reader = UserId{rows.text(0)}, .count = rows.integer(1)});
    }
    return receipts;
}

std::int64_t SqlUpkeep::last_event(const ConversationId& id) {
    const std::array<Value, 2> values{tenant(), id.uuid()};
    Rows rows{session_->query(last_event_of, values)};
    return rows.next() ? rows.integer(0) : 0;
}

void SqlUpkeep::save(const ConversationId& id, const ConversationCounters& counters) {
    session_->defer(save_counters,
                    std::array<Value, 8>{tenant(), id.uuid(), counters.member_count,
                                         counters.last_number, counters.message_count,
                                         counters.agent_run, counters.last_event,
                                         counters.event_at.milliseconds()});
}

void SqlUpkeep::save_seen(const ConversationId& id, const UserId& user, std::int64_t seen) {
    session_->defer(save_seen_of,
                    std::array<Value, 4>{tenant(), id.uuid(), user.to_string(), seen});
}

std::vector<UpkeepRepository::BookCount> SqlUpkeep::books(std::string_view after_user,
                                                          std::int64_t limit) {
    std::vector<BookCount> books;
    const std::array<Value, 3> values{tenant(), after_user, limit};
    Rows rows{session_->query(books_after, values)};
    while (rows.next()) {
        books.push_back({.user = UserId{rows.text(0)},
                         .recorded = rows.integer(1),
                         .counted = rows.integer(2)});
    }
    return books;
}

void SqlUpkeep::recount_book(const UserId& user) {
    const std::array<Value, 3> values{tenant(), user.to_string(), new_book_version()};
    session_->defer(hold_book, std::span{values}.first(2));
    session_->defer(count_book, values);
}

bool SqlUpkeep::can_erase(const Before& before) {
    const std::array<Value, 3> values{tenant(), before.events.milliseconds(),
                                      before.replays.milliseconds()};
    Rows rows{session_->query(something_to_erase, values)};
    return rows.next();
}

std::int64_t SqlUpkeep::erase_events(Timestamp before, std::int64_t limit) {
    return session_->execute(delete_old_events,
                             std::array<Value, 3>{tenant(), before.milliseconds(), limit});
}

std::int64_t SqlUpkeep::erase_replays(Timestamp before, std::int64_t limit) {
    return session_->execute(delete_old_replays,
                             std::array<Value, 3>{tenant(), before.milliseconds(), limit});
}

std::int64_t SqlUpkeep::erase_remains(std::int64_t limit) {
    std::array<Value, 3> values{tenant(), {}, limit};
    {
        std::string statement{first_remains};
        statement += session_->for_update();
        Rows rows{session_->query(statement, std::span{values}.first(1))};
        if (!rows.next()) return 0;
        values[1] = rows.uuid(0);
    }
    std::int64_t erased = 0;
    for (const std::string_view statement : delete_remaining) {
        values[2] = limit - erased;
        erased += session_->execute(statement, values);
        if (erased == limit) return erased;
    }
    return erased + session_->execute(delete_remains, std::span{values}.first(2));
}

}  // namespace lvng::crm::sql
