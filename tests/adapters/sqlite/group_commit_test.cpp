#include "adapters/sqlite/group_commit.hpp"

#include "support/commit_queue.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

using namespace lvng::crm;
using namespace lvng::crm::sqlite;
using namespace lvng::crm::test;

TEST_SUITE("adapters.sqlite.group_commit") {

    TEST_CASE_FIXTURE(CommitQueue, "a writer alone commits at once") {
        CHECK(group({writes(1)}) == "nothing");
        CHECK(commits == 1);
        CHECK(rows() == "1 ");
    }

    TEST_CASE_FIXTURE(CommitQueue, "writers that waited share one commit") {
        CHECK(group({writes(1), writes(2), writes(3)}) == "nothing, nothing, nothing");
        CHECK(commits == 1);
        CHECK(rows() == "1 2 3 ");
    }

    TEST_CASE_FIXTURE(CommitQueue, "nothing is seen outside before the group's commit") {
        std::string seen;
        const auto looks = [&](GroupCommit::Member& member) {
            seen = rows();
            member.commit();
        };
        group({writes(1), writes(2), looks});
        CHECK(seen == "");
        CHECK(rows() == "1 2 ");
    }

    TEST_CASE_FIXTURE(CommitQueue, "a part that is undone leaves its mates' parts") {
        const auto undoes = [&](GroupCommit::Member& member) {
            insert(9);
            member.rollback();
        };
        const auto forgets = [&](GroupCommit::Member&) { insert(8); };
        CHECK(group({undoes, writes(1), undoes, writes(2), forgets}) ==
              "nothing, nothing, nothing, nothing, nothing");
        CHECK(rows() == "1 2 ");
    }

    TEST_CASE_FIXTURE(CommitQueue, "a first part that is undone alone commits nothing") {
        const auto undoes = [&](GroupCommit::Member& member) {
            insert(9);
            member.rollback();
        };
        CHECK(group({undoes}) == "nothing");
        CHECK(commits == 0);
        CHECK(rows() == "");
    }

    TEST_CASE_FIXTURE(CommitQueue, "where the commit fails, every part has failed, refusals too") {
        commit_fails = true;
        const auto refuses = [&](GroupCommit::Member& member) { member.rollback(); };
        CHECK(group({writes(1), writes(2), refuses}) == "internal, internal, unavailable");
        commit_fails = false;
        CHECK(rows() == "");
        CHECK(group({writes(3)}) == "nothing");
        CHECK(rows() == "3 ");
    }

    TEST_CASE_FIXTURE(
        CommitQueue,
        "a part that breaks the transaction fails its mates before it, and later ones start anew") {
        const auto breaks = [&](GroupCommit::Member& member) {
            // As a full disk does: SQLite itself ends the transaction.
            connection.run_script("rollback");
            member.rollback();
        };
        CHECK(group({writes(1), breaks, writes(2)}) == "unavailable, nothing, nothing");
        CHECK(rows() == "2 ");
    }

    TEST_CASE_FIXTURE(CommitQueue,
                      "committing a broken transaction is refused, first part or not") {
        const auto breaks = [&](GroupCommit::Member& member) {
            connection.run_script("rollback");
            member.commit();
        };
        CHECK(group({breaks}) == "unavailable");
        CHECK(group({writes(1), breaks}) == "unavailable, unavailable");
        CHECK(group({writes(2)}) == "nothing");
        CHECK(rows() == "2 ");
    }

    TEST_CASE_FIXTURE(CommitQueue, "a group has a greatest size") {
        GroupCommit pairs{connection, 2};
        std::vector<std::jthread> threads;
        auto first = pairs.begin(soon());
        for (int n = 2; n <= 4; ++n) {
            threads.emplace_back([&, n] {
                const auto member = pairs.begin(soon());
                insert(n);
                member->commit();
            });
        }
        while (pairs.waiting() < 3) std::this_thread::yield();
        insert(1);
        first->commit();
        threads.clear();
        CHECK(commits == 2);
        CHECK(rows() == "1 2 3 4 ");
    }

    TEST_CASE_FIXTURE(CommitQueue,
                      "whoever waits in vain is told by the deadline, and the line goes on") {
        const auto first = writers.begin(soon());
        CHECK(refusal([&] { writers.begin(std::chrono::steady_clock::now()); }) == "unavailable");
        first->rollback();
        CHECK(group({writes(1)}) == "nothing");
    }
}
