#include "adapters/postgresql/conninfo.hpp"
#include "adapters/postgresql/pool.hpp"
#include "adapters/sql/transaction.hpp"

#include "support/people.hpp"
#include "support/postgresql_store.hpp"

#include <lvng/crm/crm.hpp>
#include <lvng/crm/postgresql.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

using namespace lvng::crm;
using namespace lvng::crm::postgresql;
using namespace lvng::crm::test;

namespace {

/// `text` without `predicate`, whatever alias stands before it. What it compared stays a
/// parameter.
void take_away(std::string& text, const std::string& predicate, const std::string& instead) {
    for (std::size_t at = 0; (at = text.find(predicate, at)) != std::string::npos;) {
        // `$1`, and not the start of `$17`.
        const std::size_t end = at + predicate.size();
        if (end < text.size() && text[end] >= '0' && text[end] <= '9') {
            at = end;
            continue;
        }
        const bool aliased = at > 1 && text[at - 1] == '.';
        const std::size_t start = aliased ? at - 2 : at;
        text.replace(start, end - start, instead);
        at = start + instead.size();
    }
}

/// Statements that forgot whose rows they mean.
class Careless final : public sql::Session {
public:
    explicit Careless(Connection& connection) : connection_{&connection} {}

    sql::Cursor& query(std::string_view text, std::span<const sql::Value> values) override {
        return connection_->query(careless(text), values);
    }
    std::int64_t execute(std::string_view text, std::span<const sql::Value> values) override {
        return connection_->execute(careless(text), values);
    }
    void defer(std::string_view text, std::span<const sql::Value> values) override {
        connection_->defer(careless(text), values);
    }
    [[nodiscard]] std::string_view for_update() const noexcept override {
        return connection_->for_update();
    }

private:
    std::string careless(std::string_view given) {
        std::string text{given};
        take_away(text, "tenant_id = $1", "$1::text is not null");
        take_away(text, "user_id = $2", "$2::text is not null");
        // A join by the owner's columns would still keep owners apart.
        for (const char alias : {'c', 'e', 'g'}) {
            take_away(text, fmt::format("tenant_id = {}.tenant_id", alias), "true");
        }
        take_away(text, "user_id = e.user_id", "true");
        return text;
    }

    Connection* connection_;
};

class CarelessTransaction final : public sql::SqlTransaction {
public:
    CarelessTransaction(Pool::Lease connection, const Principal& who, Access access,
                        Deadline deadline)
        : SqlTransaction{careless_, who, nullptr}, access_{access}, connection_{
                                                                        std::move(connection)} {
        connection_->begin(&who_, access, deadline);
    }

    void commit() override {
        access_ == Access::write ? connection_->commit() : connection_->leave();
    }
    void rollback() override { connection_->leave(); }
    void savepoint() override { connection_->savepoint(); }
    void release_savepoint() override { connection_->release_savepoint(); }
    void rollback_to_savepoint() override { connection_->rollback_to_savepoint(); }
    void* native_handle() override { return connection_->lend_handle(); }

private:
    Access access_;
    Pool::Lease connection_;
    Careless careless_{*connection_};
};

/// A store with nothing but row-level security between its users.
class CarelessStore final : public Store {
public:
    CarelessStore(const PostgresqlOptions& options)
        : pool_{connection_string(options), options.pool_size} {
        static_cast<void>(postgresql_store(options));
    }
    std::unique_ptr<StoreTransaction> begin(const Principal& who, Access access,
                                            Deadline deadline) override {
        return std::make_unique<CarelessTransaction>(pool_.take(deadline), who, access, deadline);
    }
    std::vector<TenantId> tenants(Deadline) override { return {}; }
    StoreHealth health(Deadline) override { return {}; }

private:
    Pool pool_;
};

Principal tenant(int number) {
    return {.tenant = TenantId{fmt::format("tenant{}", number)}, .user = UserId{"usr"}};
}

int requests() {
    return std::getenv("LVNG_TEST_LONG") ? 100'000 : 10'000;
}

/// What one caller does and sees: everything it makes is named after its tenant.
class Caller {
public:
    Caller(Crm& crm, std::atomic<int>& foreign) : crm_{&crm}, foreign_{&foreign} {}

    void act(std::mt19937& random) {
        const Principal who = tenant(static_cast<int>(random() % 50));
        const std::string name = who.tenant.to_string();
        const std::string other = tenant(static_cast<int>(random() % 50)).tenant.to_string();
        switch (random() % 12) {
        case 0:
            crm_->contacts().create(who, {.name = name, .email = name + "@x.org", .phone = "123"});
            break;
        case 1:
            if (auto found = crm_->contacts().with_email(who, other + "@x.org")) see(who, *found);
            break;
        case 2:
            for (const Contact& contact : crm_->contacts().with_phone(who, "123")) {
                see(who, contact);
            }
            break;
        case 3:
            if (auto found = crm_->contacts().with_email(who, name + "@x.org")) {
                crm_->contacts().remove(who, found->id);
            }
            break;
        case 4:
            crm_->transact(who, [&](Transaction& tx) {
                tx.contacts().create(who, {.name = name});
                const std::string names =
                    PostgresqlClient::run(static_cast<PGconn*>(tx.native_handle()),
                                          "select distinct name from lvng_contacts");
                // Cut off, it answers with a SQLSTATE.
                if (names != name + '\n' && names.find("tenant") != std::string::npos) {
                    ++*foreign_;
                }
                throw Error{ErrorCode::cancelled, "changed my mind"};
            });
            break;
        case 5:
            talk(who);
            break;
        case 6:
            for (const ConversationEntry& entry : crm_->conversations().list(who).items) {
                see(who, entry);
            }
            break;
        case 7:
            // A conversation whose id was guessed.
            if (const ConversationId guessed = latest(); guessed != ConversationId{}) {
                see(who, crm_->messages().list(who, guessed).messages);
            }
            break;
        default:
            const Listing<Contact> list = crm_->contacts().list(who, {.search = "tenant"});
            for (const Contact& contact : list.items) see(who, contact);
            if (list.total != static_cast<std::int64_t>(list.items.size())) ++*foreign_;
        }
    }

private:
    void talk(const Principal& who) {
        const ConversationId id =
            crm_->conversations()
                .create(who, {.members = {{.id = UserId{"other"}}}, .name = who.tenant.to_string()})
                .conversation.id;
        crm_->messages().send(who, id, {.content = who.tenant.to_string()});
        const std::scoped_lock lock{mutex};
        latest_made = id;
    }
    static ConversationId latest() {
        const std::scoped_lock lock{mutex};
        return latest_made;
    }

    void see(const Principal& who, const Contact& contact) {
        if (contact.name != who.tenant.to_string()) ++*foreign_;
    }
    void see(const Principal& who, const ConversationEntry& entry) {
        if (entry.conversation.name != who.tenant.to_string()) ++*foreign_;
        if (entry.last_message) see(who, {*entry.last_message});
    }
    void see(const Principal& who, const std::vector<Message>& messages) {
        for (const Message& message : messages) {
            if (message.content != who.tenant.to_string()) ++*foreign_;
        }
    }

    inline static std::mutex mutex;
    inline static ConversationId latest_made;  // of whatever tenant

    Crm* crm_;
    std::atomic<int>* foreign_;
};

}  // namespace

TEST_SUITE("adapters.postgresql.row_security") {

    TEST_CASE("raw statements see the rows of the transaction's owner and no others") {
        const PostgresqlSchema schema;
        Crm crm{postgresql_store({.url = schema.url(), .pool_size = 1})};
        crm.users().remember({.tenant = ana().tenant, .user = ana().user, .name = "Ana"});
        crm.users().remember({.tenant = bob().tenant, .user = bob().user, .name = "Bob"});
        for (const Principal& who : {ana(), bob(), other_ana()}) {
            crm.contacts().create(
                who, {.name = who.user.to_string(), .email = "same@x.org", .phone = "+1-555-0100"});
            crm.once(who, {.key = "same", .fingerprint = "f"},
                     [&](Transaction&) { return who.user.to_string(); });
        }
        const auto see = [&](const Principal& who, const std::string& sql) {
            std::string answer;
            CHECK(refusal([&] {
                      crm.transact(who, [&](Transaction& tx) {
                          answer =
                              PostgresqlClient::run(static_cast<PGconn*>(tx.native_handle()), sql);
                          throw Error{ErrorCode::cancelled, "only asked"};
                      });
                  }) == "cancelled");
            return answer;
        };
        for (const char* table :
             {"lvng_contacts", "lvng_contact_emails", "lvng_contact_phones", "lvng_replays"}) {
            CHECK(see(bob(), fmt::format("select tenant_id, user_id from {}", table)) ==
                  "acme|usr_bob\n");
            CHECK(see(bob(), fmt::format("with gone as (delete from {} returning user_id)"
                                         " select * from gone",
                                         table)) == "usr_bob\n");
        }
        CHECK(see(bob(), "select tenant_id, user_id, contact_count from lvng_books") ==
              "acme|usr_bob|1\n");
        CHECK(see(bob(), "select user_id from lvng_users order by 1") == "usr_ana\nusr_bob\n");
        CHECK(see(other_ana(), "select user_id from lvng_users") == "");
        // Nor can rows be written for somebody else.
        CHECK(see(bob(), "insert into lvng_books values ('acme', 'usr_ana', 9)") == "42501");
        CHECK(see(bob(), "update lvng_books set user_id = 'usr_ana'") == "42501");
    }

    TEST_CASE("raw statements see the conversations of the tenant and of no other") {
        const PostgresqlSchema schema;
        Crm crm{postgresql_store({.url = schema.url(), .pool_size = 1})};
        for (const Principal& who : {ana(), other_ana()}) {
            const ConversationId id =
                crm.conversations()
                    .create(who, {.members = {{.id = bob().user}, {.id = UserId{"usr_gone"}}},
                                  .name = who.tenant.to_string()})
                    .conversation.id;
            const Message sent = crm.messages().send(who, id, {.content = "hello"});
            const Principal reader{.tenant = who.tenant, .user = bob().user};
            crm.receipts().mark_read(reader, id, {sent.id});
            crm.members().remove(who, id, UserId{"usr_gone"});
        }
        const std::string here = ana().tenant.to_string();
        for (const char* table : {"lvng_conversations", "lvng_members", "lvng_former_members",
                                  "lvng_messages", "lvng_receipts", "lvng_events"}) {
            const auto see = [&](const std::string& sql) {
                return crm.transact(ana(), [&](Transaction& tx) {
                    return PostgresqlClient::run(static_cast<PGconn*>(tx.native_handle()), sql);
                });
            };
            CHECK(see(fmt::format("select distinct tenant_id from {}", table)) == here + '\n');
            CHECK(refusal([&] {
                      crm.transact(ana(), [&](Transaction& tx) {
                          auto* const handle = static_cast<PGconn*>(tx.native_handle());
                          CHECK(PostgresqlClient::run(
                                    handle, fmt::format("update {} set tenant_id = 'elsewhere'",
                                                        table)) == "42501");
                          throw Error{ErrorCode::cancelled, "only asked"};
                      });
                  }) == "cancelled");
        }
    }

    TEST_CASE("upkeep sees all books of its tenant, and what is in them it only reads") {
        const PostgresqlSchema schema;
        Crm crm{postgresql_store({.url = schema.url()})};
        for (const Principal& who : {ana(), bob(), other_ana()}) {
            crm.contacts().create(who, {.name = who.user.to_string()});
        }
        PostgresqlClient client{schema.url()};
        const auto as_upkeep = [&](const std::string& sql) {
            const std::string answer = client.run(
                "begin; set local lvng.tenant_id = 'acme'; set local lvng.user_id = ' ';" + sql);
            client.run("rollback");
            return answer;
        };
        CHECK(as_upkeep("select user_id from lvng_books order by 1") == "usr_ana\nusr_bob\n");
        CHECK(as_upkeep("select name from lvng_contacts order by 1") == "usr_ana\nusr_bob\n");
        CHECK(as_upkeep("with gone as (delete from lvng_contacts returning name)"
                        " select count(*) from gone") == "0\n");
    }

    TEST_CASE("outside a transaction nobody sees anything") {
        const PostgresqlSchema schema;
        Crm crm{postgresql_store({.url = schema.url()})};
        crm.contacts().create(ana(), {.name = "Jane"});
        PostgresqlClient client{schema.url()};
        CHECK(client.run("select count(*) from lvng_contacts") == "0\n");
        CHECK(client.run("begin; set local lvng.tenant_id = 'acme'; set local lvng.user_id ="
                         " 'usr_ana'; select count(*) from lvng_contacts") == "1\n");
        CHECK(client.run("commit; select count(*) from lvng_contacts") == "0\n");
        CHECK(client.run("select current_setting('lvng.tenant_id')") == "\n");
    }

    TEST_CASE("the policies are forced on every table of a tenant") {
        const PostgresqlSchema schema;
        static_cast<void>(postgresql_store({.url = schema.url()}));
        PostgresqlClient client{schema.superuser_url()};
        CHECK(client.run("select relname from pg_class where relkind in ('r', 'p') and relnamespace"
                         " = current_schema::regnamespace and not (relrowsecurity and"
                         " relforcerowsecurity) order by 1") ==
              "lvng_api_key_tenants\nlvng_migrations\nlvng_tenants\n");
        CHECK(client.run("select tablename from pg_policies where schemaname = current_schema"
                         " and (cmd not in ('ALL', 'SELECT') or permissive <> 'PERMISSIVE'"
                         " or qual not like '%tenant_id = NULLIF(current_setting(%')") == "");
        CHECK(client.run("select policyname, count(distinct tablename), count(*) from pg_policies"
                         " where schemaname = current_schema group by 1 order by 1") ==
              "lvng_owner|5|5\nlvng_tenant|9|9\nlvng_upkeep|3|3\n");
    }

    TEST_CASE("statements without their predicates show no foreign row, whatever fails between") {
        const PostgresqlSchema schema;
        const PostgresqlOptions options{.url = schema.url(), .pool_size = 4};
        Crm crm{std::make_unique<CarelessStore>(options),
                Options{.timeout = std::chrono::seconds{10}}};
        std::atomic<int> foreign{0};
        std::atomic<int> left{requests()};
        std::atomic<int> unexpected{0};
        const auto seed = std::random_device{}();
        {
            std::vector<std::jthread> threads;
            for (unsigned number = 0; number < 8; ++number) {
                threads.emplace_back([&, number] {
                    std::mt19937 random{seed + number};
                    Caller caller{crm, foreign};
                    while (left-- > 0) {
                        try {
                            caller.act(random);
                        } catch (const Error& error) {
                            if (error.code() == ErrorCode::internal) ++unexpected;
                        }
                    }
                });
            }
            // Meanwhile statements are cancelled and connections cut off.
            threads.emplace_back([&] {
                PostgresqlClient client{schema.superuser_url()};
                std::mt19937 random{seed};
                while (left > 0) {
                    client.run(fmt::format("select pg_sleep(0.01), {}(pid) from pg_stat_activity"
                                           " where application_name = '{}' order by random()"
                                           " limit 1",
                                           random() % 5 == 0 ? "pg_terminate_backend"
                                                             : "pg_cancel_backend",
                                           schema.name()));
                }
            });
        }
        CHECK(foreign == 0);
        CHECK(unexpected == 0);
        // The test has seen something: there were rows of many tenants.
        PostgresqlClient client{schema.superuser_url()};
        CHECK(std::stoi(client.run("select count(distinct tenant_id) from lvng_contacts")) > 10);
    }
}
