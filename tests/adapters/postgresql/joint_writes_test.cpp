#include "support/outcomes.hpp"
#include "support/people.hpp"
#include "support/postgresql_desk.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <thread>
#include <vector>

using namespace lvng::crm;
using namespace lvng::crm::test;

namespace {

struct Works : Desk {
    std::unique_ptr<Crm> crm = open();
    std::vector<TransactionWork> works;

    /// A work that makes a contact, and does something more.
    void add(
        const Principal& who, const std::string& name,
        const std::function<void(Transaction&)>& more = [](Transaction&) {}) {
        works.push_back({.who = who, .work = [who, name, more](Transaction& tx) {
                             tx.contacts().create(who, {.name = name});
                             more(tx);
                         }});
    }

    std::string run(std::chrono::seconds waited = {}) {
        crm->transact_each(works, waited);
        std::string told = outcomes(works);
        works.clear();
        return told;
    }

    /// The names that each transaction has written.
    std::string commits() {
        return client.run("select string_agg(name, ' ' order by name) from lvng_contacts"
                          " group by xmin::text order by 1");
    }
};

void refuse(Transaction& /*tx*/) {
    throw Error{ErrorCode::conflict, "no"};
}

}  // namespace

TEST_SUITE("adapters.postgresql.joint_writes") {

    TEST_CASE_FIXTURE(Works, "works share a commit") {
        add(ana(), "A");
        add(bob(), "B");
        add(other_ana(), "C");
        CHECK(run() == "nothing, nothing, nothing");
        CHECK(commits() == "A B C\n");
    }

    TEST_CASE_FIXTURE(Works, "no work sees what the database keeps from its principal") {
        std::vector<std::string> seen;
        const auto look = [&](Transaction& tx) {
            seen.push_back(PostgresqlClient::run(
                handle(tx), "select string_agg(name, ' ' order by name) from lvng_contacts"));
        };
        add(ana(), "A", look);
        add(bob(), "B", look);
        add(other_ana(), "C", look);
        add(ana(), "D", look);
        CHECK(run() == "nothing, nothing, nothing, nothing");
        CHECK(seen == std::vector<std::string>{"A\n", "B\n", "C\n", "A D\n"});
    }

    TEST_CASE_FIXTURE(Works,
                      "those before and behind one that fails after it wrote stay together") {
        add(ana(), "A");
        add(other_ana(), "B");
        add(bob(), "never", refuse);
        add(ana(), "C");
        add(other_ana(), "D");
        CHECK(run() == "nothing, nothing, conflict, nothing, nothing");
        CHECK(commits() == "A B\nC D\n");
        CHECK(crm->gains_by_transact_each());
    }

    TEST_CASE_FIXTURE(Works, "one that writes nothing may fail among the others") {
        add(ana(), "A");
        works.push_back({.who = ana(), .work = refuse});
        add(ana(), "B");
        CHECK(run() == "nothing, conflict, nothing");
        CHECK(commits() == "A B\n");
    }

    TEST_CASE_FIXTURE(Works, "a call that fails after it wrote is undone, and its work goes on") {
        add(ana(), "A");
        add(ana(), "B", [](Transaction& tx) {
            const ContactId id = tx.contacts().create(ana(), {.name = "C"}).id;
            CHECK(refusal([&] {
                      tx.contacts().update(ana(), id, {.name = "never"},
                                           [](const Contact&) { return false; });
                  }) == "precondition_failed");
            PostgresqlClient::run(handle(tx), "select 1");
        });
        add(ana(), "D");
        CHECK(run() == "nothing, nothing, nothing");
        CHECK(commits() == "A B C D\n");
    }

    TEST_CASE_FIXTURE(Works, "one that waits for somebody else's lock holds up no other") {
        crm->contacts().create(bob(), {.name = "first"});
        CHECK(client.run("begin; select from lvng_books for update") == "\n");
        add(ana(), "A");
        add(bob(), "B");
        add(other_ana(), "C");
        std::jthread writer{[&] { CHECK(run() == "nothing, nothing, nothing"); }};
        PostgresqlClient other{schema.superuser_url()};
        while (other.run("select count(*) from lvng_contacts") != "3\n") std::this_thread::yield();
        CHECK(client.run("commit") == "");
        writer.join();
        CHECK(commits() == "A C\nB\nfirst\n");
        CHECK_FALSE(crm->gains_by_transact_each());
    }

    TEST_CASE_FIXTURE(Works, "those whose callers have waited for too long are not begun") {
        add(ana(), "A");
        add(bob(), "B");
        CHECK(run(std::chrono::seconds{6}) == "unavailable, unavailable");
        CHECK(commits() == "");
    }

    TEST_CASE_FIXTURE(Works, "where the connection is lost, all is done once") {
        bool lost = false;
        add(ana(), "A");
        add(bob(), "B", [&](Transaction&) {
            if (lost) return;
            lost = true;
            CHECK(client.run("select count(pg_terminate_backend(pid)) from pg_stat_activity"
                             " where application_name = '" +
                             schema.name() + "' ") == "1\n");
        });
        add(other_ana(), "C");
        CHECK(run() == "nothing, nothing, nothing");
        CHECK(client.run("select string_agg(name, ' ' order by name) from lvng_contacts") ==
              "A B C\n");
        CHECK(lost);
    }
}
