#include <lvng/crm/crm.hpp>
#include <lvng/crm/postgresql.hpp>

#include "support/log_pieces.hpp"
#include "support/people.hpp"
#include "support/postgresql_desk.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <barrier>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace lvng::crm;
using namespace lvng::crm::test;

namespace {

using std::chrono::milliseconds;

std::string repeated(const std::string& text, std::size_t times) {
    std::string out;
    for (std::size_t n = 0; n < times; ++n) out += text;
    return out;
}

void run_threads(int count, const std::function<void(int)>& work) {
    std::barrier start{count};
    std::vector<std::jthread> threads;
    for (int number = 0; number < count; ++number) {
        threads.emplace_back([&, number] {
            start.arrive_and_wait();
            work(number);
        });
    }
}

int rounds(int otherwise, int in_long_runs) {
    return std::getenv("LVNG_TEST_LONG") ? in_long_runs : otherwise;
}

/// A contact as long as the rules allow. U+FDFA is the letter that folds to the most.
NewContact longest_contact() {
    const std::string wide = "\uFDFA";
    std::vector<std::string> tags;
    for (std::size_t n = 0; n < ContactLimits::tags; ++n) {
        tags.push_back(repeated(wide, ContactLimits::tag - 3) + std::to_string(100 + n));
    }
    const std::string label = std::string(60, 'l') + '.';
    return {.name = repeated(wide, ContactLimits::name),
            .email = repeated("\u00e9", 32) + '@' + label + label + label + "org",
            .phone = repeated(wide, ContactLimits::phone),
            .company = repeated(wide, ContactLimits::company),
            .title = repeated(wide, ContactLimits::title),
            .tags = tags,
            .notes = repeated("\U0001F600", ContactLimits::notes)};
}

}  // namespace

TEST_SUITE("adapters.postgresql.postgresql_store") {

    TEST_CASE_FIXTURE(Desk, "the longest contact is stored, found and listed") {
        auto crm = open();
        const Contact made = crm->contacts().create(ana(), longest_contact());
        CHECK(crm->contacts().get(ana(), made.id) == made);
        CHECK(crm->contacts().with_email(ana(), *made.email) == made);
        CHECK(crm->contacts().with_phone(ana(), *made.phone).size() == 1);
        CHECK(crm->contacts().list(ana(), {.search = made.name}).items.at(0) == made);
        CHECK(crm->contacts().list(ana(), {.company = *made.company, .tags = made.tags}).total ==
              1);
        CHECK(crm->contacts().update(ana(), made.id, {.title = clear}).title == std::nullopt);
        crm->contacts().remove(ana(), made.id);
        CHECK(client.run("select count(*) from lvng_contacts") == "0\n");
        CHECK(client.run("select count(*) from lvng_contact_emails") == "0\n");
        CHECK(client.run("select count(*) from lvng_contact_phones") == "0\n");
    }

    TEST_CASE_FIXTURE(Desk, "what was committed is there for the next store") {
        const Contact made = open()->contacts().create(ana(), {.name = "Jane"});
        CHECK(open()->contacts().get(ana(), made.id) == made);
    }

    TEST_CASE_FIXTURE(Desk, "a log from before messages were their own events reads the same") {
        const auto crm = open();
        check_older_logs(*crm, client);
    }

    TEST_CASE_FIXTURE(Desk, "a database would have to be asked, so there is no moment") {
        CHECK_FALSE(open()->moment());
    }

    TEST_CASE_FIXTURE(Desk, "a search that one process knows tells what another has written") {
        const auto here = open();
        const auto there = open();
        const auto found = [&] { return here->contacts().list(ana(), {.search = "jane"}).total; };
        const ContactId id = here->contacts().create(ana(), {.name = "Jane"}).id;
        for (int time = 0; time < 3; ++time) CHECK(found() == 1);
        there->contacts().create(ana(), {.name = "Jane Two"});
        for (int time = 0; time < 3; ++time) CHECK(found() == 2);
        there->contacts().update(ana(), id, {.name = "Bob"});
        for (int time = 0; time < 3; ++time) CHECK(found() == 1);
        there->contacts().remove(ana(), id);
        for (int time = 0; time < 3; ++time) CHECK(found() == 1);
    }

    TEST_CASE_FIXTURE(Desk, "a book that was put back while it is served is searched as it is") {
        const auto crm = open();
        const auto found = [&](const char* term) {
            return crm->contacts().list(ana(), {.search = term}).total;
        };
        crm->contacts().create(ana(), {.name = "Anna"});
        CHECK(client.run("update lvng_books set version = 9000000000000000000;"
                         "create table old_books as table lvng_books;"
                         "create table old_contacts as table lvng_contacts") == "");
        crm->contacts().create(ana(), {.name = "Carla"});
        for (int time = 0; time < 3; ++time) CHECK(found("carla") == 1);
        CHECK(client.run("begin; delete from lvng_contacts; delete from lvng_books;"
                         "insert into lvng_contacts table old_contacts;"
                         "insert into lvng_books table old_books; commit") == "");
        crm->contacts().create(ana(), {.name = "Dora"});
        for (int time = 0; time < 3; ++time) {
            CHECK(found("carla") == 0);
            CHECK(found("dora") == 1);
        }
    }

    TEST_CASE_FIXTURE(Desk, "the host's own tables change in the same transaction") {
        auto crm = open();
        CHECK(client.run("create table deals (title text); grant all on deals to public") == "");
        const auto record = [&](bool fail) {
            crm->transact(ana(), [&](Transaction& tx) {
                tx.contacts().create(ana(), {.name = "Before"});
                CHECK(PostgresqlClient::run(handle(tx), "insert into deals values ('first')") ==
                      "");
                tx.contacts().create(ana(), {.name = "After"});
                CHECK(PostgresqlClient::run(handle(tx), "select count(*) from lvng_contacts") ==
                      "2\n");
                if (fail) throw Error{ErrorCode::cancelled, "stop"};
            });
        };
        CHECK(refusal([&] { record(true); }) == "cancelled");
        CHECK(crm->contacts().list(ana()).total == 0);
        CHECK(client.run("select * from deals") == "");
        record(false);
        CHECK(crm->contacts().list(ana()).total == 2);
        CHECK(client.run("select * from deals") == "first\n");
    }

    TEST_CASE_FIXTURE(Desk, "a statement of the host that fails makes the commit fail") {
        auto crm = open();
        CHECK(refusal([&] {
                  crm->transact(ana(), [&](Transaction& tx) {
                      tx.contacts().create(ana(), {.name = "Jane"});
                      CHECK(PostgresqlClient::run(handle(tx), "select 1 / 0") == "22012");
                  });
              }) == "unavailable");
        CHECK(crm->contacts().list(ana()).total == 0);
    }

    TEST_CASE_FIXTURE(Desk, "a host that ends the transaction itself is told so") {
        auto crm = open();
        CHECK(refusal([&] {
                  crm->transact(ana(), [&](Transaction& tx) {
                      tx.contacts().create(ana(), {.name = "Jane"});
                      CHECK(PostgresqlClient::run(handle(tx), "rollback") == "");
                  });
              }) == "conflict");
        CHECK(crm->contacts().list(ana()).total == 0);
    }

    TEST_CASE_FIXTURE(Desk, "a call that is refused inside a transaction leaves it usable") {
        auto crm = open();
        crm->contacts().create(ana(), {.name = "Jane", .email = "jane@x.org"});
        crm->transact(ana(), [&](Transaction& tx) {
            tx.contacts().create(ana(), {.name = "Before"});
            CHECK(refusal([&] {
                      tx.contacts().create(
                          ana(), {.name = "Twice", .email = "jane@x.org", .phone = "12345"});
                  }) == "already_exists email");
            CHECK(tx.contacts().list(ana()).total == 2);
            tx.contacts().create(ana(), {.name = "After"});
        });
        CHECK(crm->contacts().list(ana()).total == 3);
        CHECK(client.run("select contact_count from lvng_books") == "3\n");
        CHECK(client.run("select count(*) from lvng_contact_phones") == "0\n");
    }

    TEST_CASE_FIXTURE(
        Desk,
        "of simultaneous creations with one e-mail exactly one succeeds, and the others name it") {
        auto crm = open({}, std::chrono::seconds{30});
        const int count = rounds(20, 200);
        for (int round = 0; round < count; ++round) {
            const std::string email = "race" + std::to_string(round) + "@x.org";
            std::atomic<int> made{0};
            std::vector<std::string> holders(50);
            run_threads(50, [&](int number) {
                try {
                    crm->contacts().create(ana(), {.name = "R", .email = email});
                    ++made;
                } catch (const Error& error) {
                    holders[static_cast<std::size_t>(number)] = error.related_id();
                }
            });
            CHECK(made == 1);
            const std::string holder = crm->contacts().with_email(ana(), email)->id.to_string();
            CHECK(std::count(holders.begin(), holders.end(), holder) == 49);
        }
        CHECK(crm->contacts().list(ana()).total == count);
    }

    TEST_CASE_FIXTURE(Desk, "two that lock each other out are both done in the end") {
        auto crm = open({}, std::chrono::seconds{30});
        const ContactId one = crm->contacts().create(ana(), {.name = "one"}).id;
        const ContactId two = crm->contacts().create(ana(), {.name = "two"}).id;
        std::atomic<int> attempts{0};
        std::barrier both{2};
        run_threads(2, [&](int number) {
            bool first = true;
            crm->transact(ana(), [&](Transaction& tx) {
                ++attempts;
                const std::string title = "by " + std::to_string(number);
                tx.contacts().update(ana(), number == 0 ? one : two, {.title = title});
                if (std::exchange(first, false)) both.arrive_and_wait();
                tx.contacts().update(ana(), number == 0 ? two : one, {.title = title});
            });
        });
        // The one that was ended may meet the other once more where it is back too soon.
        CHECK(attempts >= 3);
        CHECK(crm->contacts().get(ana(), one).title == crm->contacts().get(ana(), two).title);
    }

    TEST_CASE_FIXTURE(Desk, "a lock is waited for as long as asked, and nothing happened then") {
        auto crm = open({.statement_timeout = milliseconds{2000}, .lock_timeout = milliseconds{50}},
                        milliseconds{300});
        const ContactId id = crm->contacts().create(ana(), {.name = "Jane"}).id;
        CHECK(client.run("begin; select 1 from lvng_contacts for update") == "1\n");
        CHECK(refusal([&] { crm->contacts().update(ana(), id, {.name = "Joan"}); }) ==
              "unavailable");
        CHECK(crm->contacts().get(ana(), id).name == "Jane");
        CHECK(client.run("rollback") == "");
        CHECK(crm->contacts().update(ana(), id, {.name = "Joan"}).version == 2);
    }

    TEST_CASE_FIXTURE(Desk, "a request that runs too long elsewhere is a conflict for its repeat") {
        const RepeatableRequest request{.key = "k1", .fingerprint = "f"};
        auto first = open();
        // Ended by the lock's timeout again and again, by the statement's, and by our own deadline
        // after a lock's timeout.
        for (const auto& [lock, statement, timeout] :
             {std::array{50, 5000, 400}, {5000, 50, 400}, {250, 5000, 400}}) {
            CAPTURE(lock);
            auto second = open(
                {.statement_timeout = milliseconds{statement}, .lock_timeout = milliseconds{lock}},
                milliseconds{timeout});
            CHECK(refusal([&] {
                      first->once(ana(), request, [&](Transaction&) -> std::string {
                          CHECK(refusal([&] {
                                    second->once(ana(), request,
                                                 [](Transaction&) { return "second"; });
                                }) == "conflict");
                          throw Error{ErrorCode::cancelled, "stop"};
                      });
                  }) == "cancelled");
        }
        CHECK(first->once(ana(), request, [](Transaction&) { return "first"; }).answer == "first");
    }

    TEST_CASE_FIXTURE(Desk, "a statement that takes too long is ended by the server") {
        auto crm = open({.statement_timeout = milliseconds{50}, .lock_timeout = milliseconds{9999}},
                        milliseconds{3000});
        const ContactId id = crm->contacts().create(ana(), {.name = "Jane"}).id;
        CHECK(client.run("begin; select 1 from lvng_contacts for update") == "1\n");
        CHECK(refusal([&] { crm->contacts().update(ana(), id, {.name = "Joan"}); }) ==
              "unavailable");
        CHECK(client.run("rollback") == "");
        CHECK(crm->contacts().get(ana(), id).name == "Jane");
    }

    TEST_CASE_FIXTURE(Desk, "the caller's deadline holds where the server's own is later") {
        auto crm = open({.pool_size = 1}, milliseconds{1000});
        const ContactId id = crm->contacts().create(ana(), {.name = "Jane"}).id;
        CHECK(client.run("begin; select 1 from lvng_contacts for update") == "1\n");
        CHECK(refusal([&] { crm->contacts().update(ana(), id, {.name = "Joan"}); }) ==
              "unavailable");
        CHECK(client.run("rollback") == "");
        // The connection that did not answer is replaced, not used again.
        CHECK(crm->contacts().get(ana(), id).name == "Jane");
    }

    TEST_CASE_FIXTURE(Desk, "who finds every connection in use waits in line until the deadline") {
        const auto store = postgresql_store({.url = schema.url(), .pool_size = 1});
        const auto in = [](milliseconds time) { return std::chrono::steady_clock::now() + time; };
        auto holder = store->begin(ana(), Access::read, in(milliseconds{9999}));
        CHECK(refusal([&] { store->begin(ana(), Access::read, in(milliseconds{50})); }) ==
              "unavailable");
        std::jthread waiter{[&] { store->begin(ana(), Access::read, in(milliseconds{9999})); }};
        holder.reset();
        waiter.join();
        CHECK(store->health(in(milliseconds{9999})).serving);
    }

    TEST_CASE_FIXTURE(Desk, "a caller without time to connect is no trouble of the others") {
        auto crm = open();
        CHECK(client.run("select count(pg_terminate_backend(pid)) from pg_stat_activity"
                         " where application_name = '" +
                         schema.name() + "'") == "1\n");
        CHECK_FALSE(crm->health(milliseconds{0}).serving);
        CHECK(crm->health().serving);  // which asks once, while calls would try again
    }

    TEST_CASE_FIXTURE(Desk, "a connection cut off under a waiting writer costs only a repeat") {
        auto crm = open({}, std::chrono::seconds{30});
        const ContactId id = crm->contacts().create(ana(), {.name = "Jane"}).id;
        CHECK(client.run("begin; select 1 from lvng_contacts for update") == "1\n");
        std::jthread writer{[&] { crm->contacts().update(ana(), id, {.name = "Joan"}); }};
        wait_for_waiter();
        CHECK(client.run("select pg_terminate_backend(pid) from pg_stat_activity where"
                         " application_name = '" +
                         schema.name() + "' and wait_event_type = 'Lock'") == "t\n");
        CHECK(client.run("commit") == "");
        writer.join();
        CHECK(crm->contacts().get(ana(), id).name == "Joan");
    }

    TEST_CASE_FIXTURE(Desk, "all connections cut off at once are nobody's trouble") {
        auto crm = open({.pool_size = 8}, std::chrono::seconds{5});
        for (int round = 0; round < 10; ++round) {
            run_threads(8, [&](int) { crm->contacts().create(ana(), {.name = "A"}); });
            client.run("select pg_terminate_backend(pid) from pg_stat_activity where"
                       " application_name = '" +
                       schema.name() + "'");
        }
        CHECK(crm->contacts().list(ana()).total == 80);
    }

    TEST_CASE_FIXTURE(Desk, "a table that was changed meanwhile is planned for anew") {
        auto crm = open({.pool_size = 6});
        const Contact made = crm->contacts().create(ana(), {.name = "Jane"});
        // As many idle connections, each with the statement prepared.
        std::barrier all{6};
        run_threads(6, [&](int) {
            crm->transact(ana(), [&](Transaction& tx) {
                CHECK(tx.contacts().get(ana(), made.id) == made);
                all.arrive_and_wait();
            });
        });
        CHECK(client.run("alter table lvng_contacts alter column notes type varchar") == "");
        CHECK(crm->contacts().get(ana(), made.id) == made);
        run_threads(6, [&](int) { CHECK(crm->contacts().get(ana(), made.id) == made); });
    }

    TEST_CASE_FIXTURE(Desk, "filters of ever new shapes do not fill the server's memory") {
        auto crm = open({.pool_size = 1});
        crm->contacts().create(ana(), {.name = "Jane"});
        std::vector<std::string> tags;
        for (std::size_t n = 0; n < ContactLimits::tags; ++n) {
            tags.push_back(std::to_string(n));
            for (const char* search : {"", "j"}) {
                static_cast<void>(crm->contacts().list(
                    ana(), {.search = search, .tags = tags, .source = ContactSource::manual},
                    {.offset = 1}));
            }
        }
        crm->transact(ana(), [&](Transaction& tx) {
            CHECK(std::stoi(PostgresqlClient::run(
                      handle(tx), "select count(*) from pg_prepared_statements")) <= 220);
        });
        CHECK(crm->contacts().list(ana()).total == 1);
    }

    TEST_CASE_FIXTURE(Desk,
                      "writing works where the database reads only, or serializes, by default") {
        static_cast<void>(open());
        for (const char* setting : {"-cdefault_transaction_read_only%3Don%20",
                                    "-cdefault_transaction_isolation%3Dserializable%20"}) {
            std::string url = schema.url();
            const std::string options = "options=";
            REQUIRE(url.find(options) != std::string::npos);
            url.insert(url.find(options) + options.size(), setting);
            Crm crm{postgresql_store({.url = url})};
            const Contact made = crm.contacts().create(ana(), {.name = "Jane"});
            crm.transact(ana(), [&](Transaction& tx) {
                CHECK(PostgresqlClient::run(handle(tx), "show transaction_isolation") ==
                      "read committed\n");
            });
            CHECK(crm.contacts().get(ana(), made.id) == made);
        }
    }

    TEST_CASE_FIXTURE(Desk, "health tells the kind, the version, row security and a problem") {
        auto store = postgresql_store({.url = schema.url()});
        const auto soon = [] { return std::chrono::steady_clock::now() + std::chrono::seconds{5}; };
        StoreHealth health = store->health(soon());
        CHECK(health.serving);
        CHECK(health.kind == "postgresql");
        CHECK(health.schema_version == 6);
        CHECK(health.row_security == "forced");
        CHECK(client.run("alter table lvng_books no force row level security") == "");
        CHECK(store->health(soon()).row_security == "bypassed");
        CHECK(postgresql_store({.url = schema.superuser_url()})->health(soon()).row_security ==
              "bypassed");
        // The next release has migrated, and this one still serves.
        CHECK(client.run("insert into lvng_migrations (version) values (7)") == "");
        CHECK(store->health(soon()).serving);
        CHECK(client.run("delete from lvng_migrations") == "");
        health = store->health(soon());
        CHECK_FALSE(health.serving);
        CHECK(health.problem != "");
    }

    TEST_CASE("a server that is not there, or refuses the login, is unavailable") {
        const PostgresqlSchema schema;
        const auto open = [](const std::string& url) {
            return refusal([&] { static_cast<void>(postgresql_store({.url = url})); });
        };
        CHECK(open("postgresql://ana:pw@127.0.0.1:1/desk") == "unavailable");
        CHECK(open("postgresql:///desk?host=/no/such/folder") == "unavailable");
        std::string url = schema.url();
        url.replace(url.find(":lvng_test@"), 10, ":wrong");
        CHECK(open(url) == "unavailable");
    }
}
