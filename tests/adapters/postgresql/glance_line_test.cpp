#include "support/people.hpp"
#include "support/postgresql_desk.hpp"

#include <lvng/crm/users.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <functional>
#include <string>
#include <thread>
#include <vector>

using namespace lvng::crm;
using namespace lvng::crm::test;

namespace {

/// Readers that all go by one connection.
struct Readers : Desk {
    std::unique_ptr<Crm> crm = open({.pool_size = 2});
    std::vector<Principal> people{ana(), bob(), other_ana()};
    std::vector<ContactId> contacts;

    Readers() {
        for (const Principal& who : people) {
            const NewContact draft{.name = who.tenant.to_string() + who.user.to_string()};
            contacts.push_back(crm->contacts().create(who, draft).id);
        }
    }

    /// What a reader gets that asks for its own contact: its name, or what is thrown.
    std::string read(std::size_t reader) {
        std::string name;
        const std::size_t person = reader % people.size();
        const std::string refused =
            refusal([&] { name = crm->contacts().get(people[person], contacts[person]).name; });
        return refused == "nothing" ? name : refused;
    }
    [[nodiscard]] std::string expected(std::size_t reader) const {
        const Principal& who = people[reader % people.size()];
        return who.tenant.to_string() + who.user.to_string();
    }

    /// As many requests, for `get_each`.
    [[nodiscard]] std::vector<ContactRequest> requests(std::size_t count) const {
        std::vector<ContactRequest> requests;
        for (std::size_t reader = 0; reader < count; ++reader) {
            const std::size_t person = reader % people.size();
            requests.push_back({.who = people[person], .id = contacts[person]});
        }
        return requests;
    }
    /// What they came to, as `read` says it.
    static std::vector<std::string> outcomes(const std::vector<ContactRequest>& requests) {
        std::vector<std::string> out;
        for (const ContactRequest& request : requests) {
            const std::string refused = refusal([&] {
                if (request.failure) std::rethrow_exception(request.failure);
            });
            out.push_back(refused == "nothing" ? request.contact.value().name : refused);
        }
        return out;
    }

    /// What as many readers get, each asking once while `meanwhile` runs.
    std::vector<std::string> read_all(std::size_t readers, const std::function<void()>& meanwhile) {
        std::vector<std::string> answers(readers);
        std::vector<std::jthread> threads;
        for (std::size_t reader = 0; reader < readers; ++reader) {
            threads.emplace_back([this, &answers, reader] { answers[reader] = read(reader); });
        }
        meanwhile();
        threads.clear();
        return answers;
    }

    void lock_contacts() {
        CHECK(client.run("begin; lock table lvng_contacts in access exclusive mode") == "");
    }
    void unlock() { CHECK(client.run("rollback") == ""); }

    std::string backends(const std::string& what) {
        return client.run("select " + what + " from pg_stat_activity where application_name = '" +
                          schema.name() + "'");
    }
};

}  // namespace

TEST_SUITE("adapters.postgresql.glance_line") {

    TEST_CASE_FIXTURE(Readers, "readers at once get their own, and need no connection each") {
        std::vector<std::jthread> threads;
        for (std::size_t reader = 0; reader < 12; ++reader) {
            threads.emplace_back([this, reader] {
                const std::size_t stranger = reader + 1;
                for (int round = 0; round < 100; ++round) {
                    CHECK(read(reader) == expected(reader));
                    CHECK(refusal([&] {
                              (void)crm->contacts().get(people[stranger % people.size()],
                                                        contacts[reader % people.size()]);
                          }) == "not_found");
                }
            });
        }
        threads.clear();
        CHECK(backends("count(*)") == "1\n");
    }

    TEST_CASE_FIXTURE(Readers, "those that wait behind one that waits are answered after it") {
        lock_contacts();
        const auto answers = read_all(9, [&] {
            wait_for_waiter();
            unlock();
        });
        for (std::size_t reader = 0; reader < answers.size(); ++reader) {
            CHECK(answers[reader] == expected(reader));
        }
    }

    TEST_CASE_FIXTURE(Readers, "nobody waits longer than the own deadline") {
        crm = open({.pool_size = 2}, std::chrono::milliseconds{300});
        lock_contacts();
        const auto start = std::chrono::steady_clock::now();
        for (const std::string& answer : read_all(9, [] {})) CHECK(answer == "unavailable");
        CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{3});
        unlock();
        CHECK(read(0) == expected(0));
    }

    TEST_CASE_FIXTURE(Readers, "where the connection is lost, all are asked for again") {
        lock_contacts();
        const auto answers = read_all(9, [&] {
            wait_for_waiter();
            CHECK(backends("count(pg_terminate_backend(pid))") == "1\n");
            unlock();
        });
        for (std::size_t reader = 0; reader < answers.size(); ++reader) {
            CHECK(answers[reader] == expected(reader));
        }
    }

    TEST_CASE_FIXTURE(Readers, "one that is stuck holds up none that is not") {
        crm = open({.pool_size = 4});
        lock_contacts();
        std::jthread stuck{[this] { CHECK(read(0) == expected(0)); }};
        wait_for_waiter();
        for (int round = 0; round < 3; ++round) {
            CHECK_FALSE(crm->users().find(ana(), ana().user));
        }
        CHECK(backends("count(*) filter (where wait_event_type = 'Lock')") == "1\n");
        unlock();
    }

    TEST_CASE_FIXTURE(Readers, "a statement that fails fails nobody else's") {
        CHECK(client.run("alter table lvng_users rename to lvng_lost") == "");
        std::vector<std::jthread> threads;
        for (std::size_t reader = 0; reader < 8; ++reader) {
            threads.emplace_back([this, reader] {
                for (int round = 0; round < 50; ++round) {
                    if (reader % 2 == 0) {
                        CHECK(read(reader) == expected(reader));
                    } else {
                        CHECK(refusal([&] { (void)crm->users().find(ana(), ana().user); }) !=
                              "nothing");
                    }
                }
            });
        }
        threads.clear();
        CHECK(client.run("alter table lvng_lost rename to lvng_users") == "");
        CHECK_FALSE(crm->users().find(ana(), ana().user));
    }

    TEST_CASE_FIXTURE(Readers, "many of one call go by one connection, each to its own owner") {
        CHECK(crm->gains_by_get_each());
        std::vector<ContactRequest> wanted = requests(150);
        wanted[70].id = contacts[0];  // somebody else's
        crm->contacts().get_each(wanted);
        const std::vector<std::string> got = outcomes(wanted);
        for (std::size_t reader = 0; reader < got.size(); ++reader) {
            CHECK(got[reader] == (reader == 70 ? "not_found" : expected(reader)));
        }
        CHECK(backends("count(*)") == "1\n");
    }

    TEST_CASE_FIXTURE(Readers,
                      "where its connection is lost, all of one call are asked for again") {
        std::vector<ContactRequest> wanted = requests(9);
        lock_contacts();
        std::jthread caller{[&] { crm->contacts().get_each(wanted); }};
        wait_for_waiter();
        CHECK(backends("count(pg_terminate_backend(pid))") == "1\n");
        unlock();
        caller.join();
        const std::vector<std::string> got = outcomes(wanted);
        for (std::size_t reader = 0; reader < got.size(); ++reader) {
            CHECK(got[reader] == expected(reader));
        }
    }

    TEST_CASE_FIXTURE(Readers, "one whose caller has waited for too long fails alone") {
        std::vector<ContactRequest> wanted = requests(9);
        wanted[0].waited = std::chrono::hours{1};
        crm->contacts().get_each(wanted);
        const std::vector<std::string> got = outcomes(wanted);
        for (std::size_t reader = 0; reader < got.size(); ++reader) {
            CHECK(got[reader] == (reader == 0 ? "unavailable" : expected(reader)));
        }
    }

    TEST_CASE_FIXTURE(Readers, "one call waits no longer than its deadline, and the next goes on") {
        crm = open({.pool_size = 2}, std::chrono::milliseconds{300});
        std::vector<ContactRequest> wanted = requests(9);
        lock_contacts();
        const auto start = std::chrono::steady_clock::now();
        crm->contacts().get_each(wanted);
        CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{3});
        for (const std::string& outcome : outcomes(wanted)) CHECK(outcome == "unavailable");
        unlock();
        crm->contacts().get_each(wanted);
        CHECK(outcomes(wanted)[8] == expected(8));
    }
}
