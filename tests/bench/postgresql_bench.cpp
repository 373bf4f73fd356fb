// Library calls on PostgreSQL against the same statements by hand, prepared and in one pipeline
// with the owner's settings, and against the same calls without row-level security. Conversations
// against shorter and smaller ones.
//
//   LVNG_TEST_POSTGRES=… postgresql_bench [LARGE]    LARGE: messages of the long conversation,
//                                                    1000000 when absent
//
// Exit status 1 when a ratio is over its bar.

#include "measure.hpp"
#include "people.hpp"
#include "talk.hpp"

#include "support/postgresql_store.hpp"

#include <lvng/crm/crm.hpp>
#include <lvng/crm/postgresql.hpp>

#include <array>
#include <cstdlib>
#include <libpq-fe.h>
#include <stdexcept>

using namespace lvng::crm;
using namespace lvng::crm::bench;
using namespace lvng::crm::test;

namespace {

constexpr int book_size = 1000;
constexpr int creations = 200;

/// libpq as a careful host would use it: one connection, statements prepared once, pipelined.
class Raw {
public:
    using Texts = std::vector<std::string>;

    explicit Raw(const std::string& url) : connection_{PQconnectdb(url.c_str())} {
        if (PQstatus(connection_) != CONNECTION_OK) throw std::runtime_error{"no connection"};
        prepare("begin", "begin");
        prepare("commit", "commit");
        prepare("owner", "select set_config('lvng.tenant_id', $1, true),"
                         " set_config('lvng.user_id', $2, true)");
    }
    Raw(const Raw&) = delete;
    Raw& operator=(const Raw&) = delete;
    ~Raw() { PQfinish(connection_); }

    void prepare(const char* name, const std::string& sql) {
        PGresult* result = PQprepare(connection_, name, sql.c_str(), 0, nullptr);
        check(result);
    }
    void enter_pipeline() { PQenterPipelineMode(connection_); }

    void send(const char* name, const Texts& values = {}) {
        std::array<const char*, 32> pointers{};
        for (std::size_t at = 0; at < values.size(); ++at) pointers[at] = values[at].c_str();
        if (!PQsendQueryPrepared(connection_, name, static_cast<int>(values.size()),
                                 pointers.data(), nullptr, nullptr, 1)) {
            throw std::runtime_error{PQerrorMessage(connection_)};
        }
        ++sent_;
    }
    /// Takes the rows of every answer out, as a host would.
    std::size_t exchange() {
        PQpipelineSync(connection_);
        std::size_t size = 0;
        for (; sent_ > 0; --sent_) {
            size += take(PQgetResult(connection_));
            PQgetResult(connection_);
        }
        PQclear(PQgetResult(connection_));
        return size;
    }

private:
    static void check(PGresult* result) {
        const ExecStatusType status = PQresultStatus(result);
        const std::string message = PQresultErrorMessage(result);
        if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return PQclear(result);
        throw std::runtime_error{message};
    }
    static std::size_t take(PGresult* result) {
        std::size_t size = 0;
        for (int row = 0; row < PQntuples(result); ++row) {
            for (int column = 0; column < PQnfields(result); ++column) {
                const std::string value{PQgetvalue(result, row, column),
                                        static_cast<std::size_t>(PQgetlength(result, row, column))};
                size += value.size();
            }
        }
        check(result);
        return size;
    }

    PGconn* connection_;
    int sent_ = 0;
};

/// A store with a book in it.
struct Shop {
    PostgresqlSchema schema;
    Crm crm{postgresql_store({.url = schema.url(), .pool_size = 1})};
    std::vector<ContactId> ids;

    Shop() {
        for (int n = 0; n < book_size; ++n) {
            ids.push_back(crm.contacts().create(owner("book"), person(n)).id);
        }
        PostgresqlClient{schema.superuser_url()}.run(
            "vacuum analyze lvng_contacts, lvng_contact_emails, lvng_contact_phones, lvng_books");
    }

    void get_all() {
        for (const ContactId& id : ids) static_cast<void>(crm.contacts().get(owner("book"), id));
    }
};

bool bench_get(Shop& shop) {
    Raw raw{shop.schema.url()};
    raw.prepare("get", "select id, name, email, phone, company, title, tags, notes, source,"
                       " other_emails, other_phones, created_at, updated_at, version"
                       " from lvng_contacts where tenant_id = $1 and user_id = $2 and id = $3");
    raw.enter_pipeline();
    return compare({.what = "get", .calls = book_size, .bar = 1.3},
                   {"library", [&] { shop.get_all(); }},
                   {"raw", [&] {
                        for (const ContactId& id : shop.ids) {
                            raw.send("owner", {"acme", "book"});
                            raw.send("get", {"acme", "book", id.to_string()});
                            if (raw.exchange() < 50) throw std::runtime_error{"not found"};
                        }
                    }});
}

bool bench_row_security(Shop& shop) {
    Shop open_shop;
    PostgresqlClient client{open_shop.schema.superuser_url()};
    for (const char* table :
         {"lvng_contacts", "lvng_contact_emails", "lvng_contact_phones", "lvng_books"}) {
        client.run(fmt::format("alter table {} disable row level security", table));
    }
    return compare({.what = "get with row security", .calls = book_size, .bar = 1.25},
                   {"with", [&] { shop.get_all(); }}, {"without", [&] { open_shop.get_all(); }});
}

/// The rows that a creation writes, by a host that has made the keys beforehand.
class RawCreation {
public:
    explicit RawCreation(Raw& raw) : raw_{&raw} {
        raw.prepare("email", "insert into lvng_contact_emails values ($1, $2, $3, $4)"
                             " on conflict do nothing");
        raw.prepare("phone", "insert into lvng_contact_phones values ($1, $2, $3, $4)");
        raw.prepare("contact",
                    "insert into lvng_contacts values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,"
                    " 'manual', '', '', $11, $11, 1, $12, $13, $14, $5, $6)");
        raw.prepare("book", "insert into lvng_books values ($1, $2, 1)"
                            " on conflict (tenant_id, user_id) do update"
                            " set contact_count = lvng_books.contact_count + 1");
        raw.enter_pipeline();
    }

    void create(int number) {
        const NewContact draft = person(number);
        const std::string id = fmt::format("01990000-0000-7000-8000-{:012}", number);
        const std::string name_key = fmt::format("person {:07}", number);
        raw_->send("begin");
        raw_->send("owner", {"acme", "raw"});
        raw_->send("email", {"acme", "raw", *draft.email, id});
        raw_->exchange();
        raw_->send("phone", {"acme", "raw", *draft.phone, id});
        raw_->send("contact",
                   {"acme", "raw", id, draft.name, *draft.email, *draft.phone, *draft.company,
                    *draft.title,
                    "client\x1f"
                    "engineering",
                    draft.notes, "1775044800000", name_key,
                    fmt::format("{}\n{}\x1e{}\x1e", name_key, *draft.email, *draft.company),
                    "\x1f"
                    "client\x1f"
                    "engineering\x1f"});
        raw_->send("book", {"acme", "raw"});
        raw_->send("commit");
        raw_->exchange();
    }

private:
    Raw* raw_;
};

bool bench_create(Shop& shop) {
    Raw raw{shop.schema.url()};
    RawCreation creation{raw};
    int ours = 0;
    int theirs = 0;
    return compare({.what = "create", .calls = creations, .bar = 1.2},
                   {"library",
                    [&] {
                        for (int n = 0; n < creations; ++n) {
                            shop.crm.contacts().create(owner("created"), person(ours++));
                        }
                    }},
                   {"raw", [&] {
                        for (int n = 0; n < creations; ++n) creation.create(theirs++);
                    }});
}

/// The rows that a message writes, in two round trips: what is read to decide, then what is
/// written, with the commit.
class RawSending {
public:
    RawSending(Raw& raw, const ConversationId& room) : raw_{&raw}, room_{room.uuid().to_string()} {
        raw.prepare("hold",
                    "select c.type, c.agent_run_limit, c.updated_at, c.member_count,"
                    " c.last_number, c.message_count, c.agent_run, c.last_event, c.event_at,"
                    " m.role, m.member_type, m.joined_number"
                    " from lvng_conversations c join lvng_members m"
                    " on m.tenant_id = c.tenant_id and m.conversation_id = c.id"
                    " where c.tenant_id = $1 and c.id = $3 and m.tenant_id = $1"
                    " and m.user_id = $2 for update of c");
        raw.prepare("message", "insert into lvng_messages values ($1, $2, $3, $4, $5, 'user',"
                               " 'user', null, $7, $7, null, null, $6, $6, '{}', $3::bigint + 1)");
        raw.prepare("seen", "update lvng_members set seen_count = seen_count + 1"
                            " where tenant_id = $1 and conversation_id = $2 and user_id = $3");
        raw.prepare("count", "update lvng_conversations set updated_at = $3, last_number = $4,"
                             " message_count = $4, last_event = $4::bigint + 1, event_at = $3"
                             " where tenant_id = $1 and id = $2");
        raw.enter_pipeline();
    }

    void send(int count) {
        const std::string number = std::to_string(count);
        const std::string now = "1775044800000";
        raw_->send("begin");
        raw_->send("owner", {"acme", "ana"});
        raw_->send("hold", {"acme", "ana", room_});
        raw_->exchange();
        raw_->send("message",
                   {"acme", room_, number, fmt::format("01990000-0000-7000-8000-{:012}", count),
                    "ana", text(count), now});
        raw_->send("seen", {"acme", room_, "ana"});
        raw_->send("count", {"acme", room_, now, number});
        raw_->send("commit");
        raw_->exchange();
    }

    static std::string text(int count) { return fmt::format("Message {} of the room", count); }

private:
    Raw* raw_;
    std::string room_;
};

ConversationId room_of(Crm& crm, int members) {
    std::vector<NewMember> others;
    for (int n = 1; n < members; ++n) others.push_back({.id = UserId{fmt::format("usr_{}", n)}});
    return crm.conversations().create(owner("ana"), {.members = others}).conversation.id;
}

bool bench_send(Shop& shop) {
    const auto send_to = [&](const ConversationId& room) {
        return [&shop, room] {
            for (int n = 0; n < creations; ++n)
                shop.crm.messages().send(owner("ana"), room, {.content = RawSending::text(n)});
        };
    };
    Raw raw{shop.schema.url()};
    RawSending sending{raw, room_of(shop.crm, 2)};
    int sent = 0;
    const bool close =
        compare({.what = "send", .calls = creations, .bar = 1.3},
                {"library", send_to(room_of(shop.crm, 2))}, {"two round trips", [&] {
                                                                 for (int n = 0; n < creations; ++n)
                                                                     sending.send(++sent);
                                                             }});
    return compare({.what = "send, 1000 members against 2", .calls = creations, .bar = 1.2},
                   {"1000", send_to(room_of(shop.crm, 1000))},
                   {"2", send_to(room_of(shop.crm, 2))}) &&
           close;
}

/// Copies of its last message, every other one read: what a conversation looks like is made by
/// the library, its length by SQL, its numbers by a recount.
void lengthen(PostgresqlClient& client, const Desk& desk, int messages) {
    const std::string failed = client.run(fmt::format(
        "insert into lvng_messages select tenant_id, conversation_id, i,"
        " (substr(id::text, 1, 24) || lpad(to_hex(i), 12, '0'))::uuid, user_id, sender_type,"
        " type, parent_message_id, created_at, updated_at, edited_at, deleted_at, content,"
        " search_key, metadata from generate_series(51, {1}) i, lvng_messages"
        " where tenant_id = '{0}' and conversation_id = '{2}' and number = 50;"
        "insert into lvng_receipts select '{0}', '{2}', 'bob', i, 0"
        " from generate_series(52, {1}, 2) i",
        desk.who.tenant.to_string(), messages, digits(desk.long_one)));
    if (!failed.empty()) throw std::runtime_error{"the server answered " + failed};
}

bool bench_long_conversation(int large) {
    const PostgresqlSchema schema;
    Crm crm{
        postgresql_store(
            {.url = schema.url(), .pool_size = 1, .statement_timeout = std::chrono::minutes{5}}),
        Options{.timeout = std::chrono::minutes{5}}};
    const Desk long_desk = furnish(crm, "large");
    const Desk short_desk = furnish(crm, "small");
    PostgresqlClient client{schema.superuser_url()};
    lengthen(client, long_desk, large);
    lengthen(client, short_desk, 1000);
    client.run("vacuum analyze");
    crm.repair();
    fmt::print("a conversation of {} messages against one of 1000\n", large);
    return bench_growth(crm, long_desk, short_desk);
}

}  // namespace

int main(int argc, char** argv) {
    if (postgresql_address().empty()) {
        fmt::print("LVNG_TEST_POSTGRES is not set\n");
        return 2;
    }
    Shop shop;
    bool holds = bench_get(shop);
    holds = bench_row_security(shop) && holds;
    holds = bench_create(shop) && holds;
    holds = bench_send(shop) && holds;
    holds = bench_long_conversation(argc > 1 ? std::atoi(argv[1]) : 1'000'000) && holds;
    return holds ? 0 : 1;
}
