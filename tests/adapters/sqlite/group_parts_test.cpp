#include "adapters/sqlite/group_commit.hpp"

#include "support/commit_queue.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace lvng::crm;
using namespace lvng::crm::sqlite;
using namespace lvng::crm::test;

// Parts that whoever has the turn runs for all who wait.
TEST_SUITE("adapters.sqlite.group_parts") {

    TEST_CASE_FIXTURE(CommitQueue, "whoever has the turn runs the parts of those who wait") {
        std::vector<std::thread::id> ran_on(3);
        const auto part = [&](std::size_t at) {
            ran_on[at] = std::this_thread::get_id();
            insert(static_cast<int>(at));
        };
        CHECK(group_of_parts({[&] { part(0); }, [&] { part(1); }, [&] { part(2); }}) ==
              "nothing, nothing, nothing");
        CHECK(commits == 1);
        CHECK(rows() == "0 1 2 ");
        CHECK(ran_on[1] == ran_on[0]);
        CHECK(ran_on[2] == ran_on[0]);
    }

    TEST_CASE_FIXTURE(CommitQueue,
                      "a part that throws is undone alone, and its caller hears of it") {
        const auto refuses = [&] {
            insert(9);
            throw Error{ErrorCode::conflict, "no"};
        };
        CHECK(group_of_parts({[&] { insert(1); }, refuses, [&] { insert(2); }}) ==
              "nothing, conflict, nothing");
        CHECK(rows() == "1 2 ");
        CHECK(group_of_parts({refuses, [&] { insert(3); }}) == "conflict, nothing");
        CHECK(rows() == "1 2 3 ");
    }

    TEST_CASE_FIXTURE(CommitQueue,
                      "where the commit fails, the parts that mates ran have failed too") {
        commit_fails = true;
        const auto refuses = [] { throw Error{ErrorCode::conflict, "no"}; };
        CHECK(group_of_parts({[&] { insert(1); }, [&] { insert(2); }, refuses}) ==
              "internal, internal, unavailable");
        commit_fails = false;
        CHECK(rows() == "");
    }

    TEST_CASE_FIXTURE(CommitQueue, "a part that breaks the transaction fails the parts before it") {
        const auto breaks = [&] {
            connection.run_script("rollback");
            throw Error{ErrorCode::unavailable, "the disk is full"};
        };
        CHECK(group_of_parts({[&] { insert(1); }, breaks, [&] { insert(2); }}) ==
              "unavailable, unavailable, nothing");
        CHECK(rows() == "2 ");
    }

    TEST_CASE_FIXTURE(CommitQueue, "a part that needs nothing of the store takes nothing of it") {
        CHECK(group_of_holders({[](GroupCommit::Hold&) {},
                                [](GroupCommit::Hold&) {
                                    throw Error{ErrorCode::conflict, "no"};
                                }}) == "nothing, conflict");
        CHECK(commits == 0);
        commit_fails = true;
        CHECK(group_of_holders({[&](GroupCommit::Hold& hold) {
                                    hold.take();
                                    insert(1);
                                },
                                [](GroupCommit::Hold&) {}}) == "internal, nothing");
    }

    TEST_CASE_FIXTURE(CommitQueue,
                      "the parts of a group run again where one of them wrote and threw") {
        std::vector<int> runs(4);
        const auto inserts = [&](std::size_t at) {
            return [&, at] {
                ++runs[at];
                insert(static_cast<int>(at));
            };
        };
        const auto refuses = [&] {
            ++runs[2];
            insert(9);
            throw Error{ErrorCode::conflict, "no"};
        };
        CHECK(group_of_parts({inserts(0), inserts(1), refuses, inserts(3)}) ==
              "nothing, nothing, conflict, nothing");
        CHECK(rows() == "0 1 3 ");
        CHECK(commits == 1);
        CHECK(runs == std::vector{2, 2, 2, 1});
    }

    TEST_CASE_FIXTURE(CommitQueue, "a part that threw without writing disturbs nobody") {
        int runs = 0;
        const auto inserts = [&] { insert(++runs); };
        const auto refuses = [] { throw Error{ErrorCode::conflict, "no"}; };
        CHECK(group_of_parts({inserts, refuses, inserts}) == "nothing, conflict, nothing");
        CHECK(runs == 2);
        CHECK(commits == 1);
    }

    TEST_CASE_FIXTURE(CommitQueue, "a refusal may be another one when the group runs again") {
        bool first_time = true;
        const auto inserts = [&] {
            if (first_time) insert(1);
            insert(5);
        };
        // Finds the first part's row, then does not: the part behind it spoils the first run.
        const auto wants_no_1 = [&] {
            sql::Rows rows{connection.query("select 1 from t where n = 1", {})};
            if (rows.next()) throw Error{ErrorCode::conflict, "it is there"};
        };
        const auto spoils = [&] {
            first_time = false;
            insert(9);
            throw Error{ErrorCode::forbidden, "no"};
        };
        CHECK(group_of_parts({inserts, wants_no_1, spoils}) == "nothing, nothing, forbidden");
        CHECK(rows() == "5 ");
    }

    TEST_CASE_FIXTURE(CommitQueue, "a part can undo what it did and go on") {
        const auto goes_on = [&](int n) {
            return [&, n](GroupCommit::Hold& hold) {
                CHECK(hold.take());
                hold.undo();
                CHECK(hold.take());
                CHECK_FALSE(hold.take());
                insert(n);
            };
        };
        CHECK(group_of_holders({goes_on(1), goes_on(2)}) == "nothing, nothing");
        CHECK(rows() == "1 2 ");
        // What it wrote it can't undo alone before the group has run again.
        const auto writes_before = [&](GroupCommit::Hold& hold) {
            hold.take();
            insert(8);
            hold.undo();
            hold.take();
            insert(4);
        };
        CHECK(group_of_holders({goes_on(3), writes_before}) == "nothing, nothing");
        CHECK(rows() == "1 2 3 4 ");
    }

    TEST_CASE_FIXTURE(CommitQueue, "what SQLite does not count as a change can be noted as one") {
        int runs = 0;
        const auto defines = [&](GroupCommit::Hold& hold) {
            hold.take();
            hold.note_change();
            connection.run_script("create table made (n)");
            throw Error{ErrorCode::conflict, "no"};
        };
        CHECK(group_of_holders({[&](GroupCommit::Hold& hold) {
                                    hold.take();
                                    insert(++runs);
                                },
                                defines}) == "nothing, conflict");
        CHECK(runs == 2);
        CHECK_THROWS(connection.run("select * from made"));
    }

    TEST_CASE_FIXTURE(CommitQueue, "with a member in the group a part that wrote is undone alone") {
        int runs = 0;
        const auto part = [&](int n, bool throws) {
            return [&, n, throws](GroupCommit::Hold& hold) {
                hold.take();
                ++runs;
                insert(n);
                if (throws) throw Error{ErrorCode::conflict, "no"};
            };
        };
        std::vector<std::string> answers(3);
        std::vector<std::jthread> mates;
        const auto line_up = [&](std::size_t at, const std::function<void()>& act) {
            mates.emplace_back([&answers, at, act] { answers[at] = refusal(act); });
            while (writers.waiting() <= at) std::this_thread::yield();
        };
        writers.run(soon(), [&](GroupCommit::Hold& hold) {
            line_up(0, [&] { writers.run(soon(), part(2, false)); });
            line_up(1, [&] {
                const auto member = writers.begin(soon());
                insert(3);
                member->commit();
            });
            line_up(2, [&] { writers.run(soon(), part(4, true)); });
            part(1, false)(hold);
        });
        mates.clear();
        CHECK(answers == std::vector<std::string>{"nothing", "nothing", "conflict"});
        CHECK(runs == 3);
        CHECK(commits == 1);
        CHECK(rows() == "1 2 3 ");
    }

    TEST_CASE_FIXTURE(CommitQueue, "one thread can run many parts, each with its own outcome") {
        const auto refuses = [] { throw Error{ErrorCode::conflict, "no"}; };
        const auto run_each = [&] {
            std::vector<GroupCommit::Job> jobs;
            for (GroupCommit::Part& part :
                 holding({[&] { insert(1); }, refuses, [&] { insert(2); }}))
                jobs.push_back({.part = std::move(part)});
            writers.run_each(soon(), jobs);
            std::string out;
            for (const GroupCommit::Job& job : jobs) {
                out += refusal([&] {
                    if (job.failure) std::rethrow_exception(job.failure);
                });
                out += ' ';
            }
            return out;
        };
        CHECK(run_each() == "nothing conflict nothing ");
        CHECK(commits == 1);
        CHECK(rows() == "1 2 ");
        connection.run("delete from t");
        commit_fails = true;
        CHECK(run_each() == "internal unavailable internal ");
        commit_fails = false;

        // Behind somebody else's turn they wait, and go with it.
        std::string answer;
        const auto first = writers.begin(soon());
        std::jthread many{[&] { answer = run_each(); }};
        while (writers.waiting() < 3) std::this_thread::yield();
        insert(7);
        first->commit();
        many.join();
        CHECK(answer == "nothing conflict nothing ");
        CHECK(rows() == "1 2 7 ");
    }

    TEST_CASE_FIXTURE(CommitQueue, "members and parts share a group") {
        std::jthread mate;
        const auto first = writers.begin(soon());
        std::jthread part{[&] { writers.run(soon(), holding({[&] { insert(2); }})[0]); }};
        while (writers.waiting() < 1) std::this_thread::yield();
        mate = std::jthread{[&] {
            const auto member = writers.begin(soon());
            insert(3);
            member->commit();
        }};
        while (writers.waiting() < 2) std::this_thread::yield();
        insert(1);
        first->commit();
        part.join();
        mate.join();
        CHECK(commits == 1);
        CHECK(rows() == "1 2 3 ");
    }

    TEST_CASE_FIXTURE(CommitQueue, "a part that nobody could run by its deadline never runs") {
        const auto first = writers.begin(soon());
        bool ran = false;
        CHECK(refusal([&] {
                  writers.run(std::chrono::steady_clock::now(),
                              [&](GroupCommit::Hold&) { ran = true; });
              }) == "unavailable");
        first->rollback();
        CHECK_FALSE(ran);
    }

    TEST_CASE_FIXTURE(CommitQueue,
                      "a caller out of time waits for its part, and then does not know") {
        std::promise<void> begun;
        std::promise<void> may_end;
        std::jthread leader{[&] {
            writers.run(soon(), [&](GroupCommit::Hold&) {
                begun.set_value();
                may_end.get_future().wait();
            });
        }};
        begun.get_future().wait();
        const Deadline near = std::chrono::steady_clock::now() + std::chrono::milliseconds{50};
        std::atomic<bool> ended{false};
        std::string answer;
        std::jthread late{[&] {
            answer = refusal([&] {
                writers.run(near, [&](GroupCommit::Hold& hold) {
                    hold.take();
                    insert(1);
                    std::this_thread::sleep_until(near + std::chrono::milliseconds{50});
                    CHECK_FALSE(ended);
                });
            });
            ended = true;
        }};
        while (writers.waiting() < 1) std::this_thread::yield();
        may_end.set_value();
        late.join();
        leader.join();
        CHECK((answer == "nothing" || answer == "unavailable"));
        CHECK(rows() == "1 ");
    }
}
