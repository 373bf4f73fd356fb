#include "adapters/sqlite/group_commit.hpp"

#include "support/people.hpp"
#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>
#include <fmt/ranges.h>
#include <sqlite3.h>

#include <array>
#include <atomic>
#include <functional>
#include <future>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace lvng::crm;
using namespace lvng::crm::sqlite;
using namespace lvng::crm::test;

namespace {

Deadline soon() {
    return std::chrono::steady_clock::now() + std::chrono::seconds{20};
}

/// A queue on a file with one table, whose commits are counted and can be made to fail.
struct Queue {
    TemporaryFolder folder;
    Connection connection{{.path = folder.file("queue.db")}, soon()};
    GroupCommit writers{connection, 128};
    int commits = 0;
    bool commit_fails = false;

    Queue() {
        connection.run_script("create table t (n integer primary key)");
        sqlite3_commit_hook(connection.handle(), &Queue::on_commit, this);
    }

    static int on_commit(void* self) {
        auto* queue = static_cast<Queue*>(self);
        ++queue->commits;
        return queue->commit_fails ? 1 : 0;
    }

    void insert(int n) {
        connection.execute("insert into t values ($1)", std::array<sql::Value, 1>{std::int64_t{n}});
    }

    std::string rows() {
        Connection reader{{.path = folder.file("queue.db"), .read_only = true}, soon()};
        std::string out;
        sql::Rows rows{reader.query("select n from t order by n", {})};
        while (rows.next()) out += std::to_string(rows.integer(0)) + ' ';
        return out;
    }

    /// Runs the parts as one group: each begins while the ones before it have the turn or wait,
    /// and the first goes on when all others wait. Returns what each refused with.
    std::string group(const std::vector<std::function<void(GroupCommit::Member&)>>& parts) {
        std::vector<std::string> answers(parts.size());
        std::vector<std::jthread> threads;
        const auto first = writers.begin(soon());
        for (std::size_t at = 1; at < parts.size(); ++at) {
            threads.emplace_back(
                [&, at] { answers[at] = refusal([&] { parts[at](*writers.begin(soon())); }); });
            while (writers.waiting() < at) std::this_thread::yield();
        }
        answers[0] = refusal([&] { parts[0](*first); });
        threads.clear();
        return fmt::format("{}", fmt::join(answers, ", "));
    }

    /// The same of parts that the first runs for all.
    std::string group_of_parts(const std::vector<std::function<void()>>& parts) {
        return group_of_holders(holding(parts));
    }
    std::string group_of_holders(const std::vector<GroupCommit::Part>& parts) {
        std::vector<std::string> answers(parts.size());
        std::vector<std::jthread> threads;
        const auto run = [&](std::size_t at, const GroupCommit::Part& part) {
            answers[at] = refusal([&] { writers.run(soon(), part); });
        };
        bool waited = false;
        const auto wait_for_mates_and_run = [&](GroupCommit::Hold& hold) {
            if (std::exchange(waited, true)) return parts[0](hold);
            for (std::size_t at = 1; at < parts.size(); ++at) {
                threads.emplace_back([&, at] { run(at, parts[at]); });
                while (writers.waiting() < at) std::this_thread::yield();
            }
            parts[0](hold);
        };
        run(0, wait_for_mates_and_run);
        threads.clear();
        return fmt::format("{}", fmt::join(answers, ", "));
    }

    /// Parts that do something to the store.
    static std::vector<GroupCommit::Part> holding(const std::vector<std::function<void()>>& acts) {
        std::vector<GroupCommit::Part> parts;
        parts.reserve(acts.size());
        for (const auto& act : acts) {
            parts.emplace_back([act](GroupCommit::Hold& hold) {
                hold.take();
                act();
            });
        }
        return parts;
    }

    std::function<void(GroupCommit::Member&)> writes(int n) {
        return [this, n](GroupCommit::Member& member) {
            insert(n);
            member.commit();
        };
    }
};

}  // namespace

TEST_SUITE("adapters.sqlite.group_commit") {

    TEST_CASE_FIXTURE(Queue, "a writer alone commits at once") {
        CHECK(group({writes(1)}) == "nothing");
        CHECK(commits == 1);
        CHECK(rows() == "1 ");
    }

    TEST_CASE_FIXTURE(Queue, "writers that waited share one commit") {
        CHECK(group({writes(1), writes(2), writes(3)}) == "nothing, nothing, nothing");
        CHECK(commits == 1);
        CHECK(rows() == "1 2 3 ");
    }

    TEST_CASE_FIXTURE(Queue, "nothing is seen outside before the group's commit") {
        std::string seen;
        const auto looks = [&](GroupCommit::Member& member) {
            seen = rows();
            member.commit();
        };
        group({writes(1), writes(2), looks});
        CHECK(seen == "");
        CHECK(rows() == "1 2 ");
    }

    TEST_CASE_FIXTURE(Queue, "a part that is undone leaves its mates' parts") {
        const auto undoes = [&](GroupCommit::Member& member) {
            insert(9);
            member.rollback();
        };
        const auto forgets = [&](GroupCommit::Member&) { insert(8); };
        CHECK(group({undoes, writes(1), undoes, writes(2), forgets}) ==
              "nothing, nothing, nothing, nothing, nothing");
        CHECK(rows() == "1 2 ");
    }

    TEST_CASE_FIXTURE(Queue, "a first part that is undone alone commits nothing") {
        const auto undoes = [&](GroupCommit::Member& member) {
            insert(9);
            member.rollback();
        };
        CHECK(group({undoes}) == "nothing");
        CHECK(commits == 0);
        CHECK(rows() == "");
    }

    TEST_CASE_FIXTURE(Queue, "where the commit fails, every part has failed, refusals too") {
        commit_fails = true;
        const auto refuses = [&](GroupCommit::Member& member) { member.rollback(); };
        CHECK(group({writes(1), writes(2), refuses}) == "internal, internal, unavailable");
        commit_fails = false;
        CHECK(rows() == "");
        CHECK(group({writes(3)}) == "nothing");
        CHECK(rows() == "3 ");
    }

    TEST_CASE_FIXTURE(
        Queue,
        "a part that breaks the transaction fails its mates before it, and later ones start anew") {
        const auto breaks = [&](GroupCommit::Member& member) {
            // As a full disk does: SQLite itself ends the transaction.
            connection.run_script("rollback");
            member.rollback();
        };
        CHECK(group({writes(1), breaks, writes(2)}) == "unavailable, nothing, nothing");
        CHECK(rows() == "2 ");
    }

    TEST_CASE_FIXTURE(Queue, "committing a broken transaction is refused, first part or not") {
        const auto breaks = [&](GroupCommit::Member& member) {
            connection.run_script("rollback");
            member.commit();
        };
        CHECK(group({breaks}) == "unavailable");
        CHECK(group({writes(1), breaks}) == "unavailable, unavailable");
        CHECK(group({writes(2)}) == "nothing");
        CHECK(rows() == "2 ");
    }

    TEST_CASE_FIXTURE(Queue, "a group has a greatest size") {
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

    TEST_CASE_FIXTURE(Queue, "whoever has the turn runs the parts of those who wait") {
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

    TEST_CASE_FIXTURE(Queue, "a part that throws is undone alone, and its caller hears of it") {
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

    TEST_CASE_FIXTURE(Queue, "where the commit fails, the parts that mates ran have failed too") {
        commit_fails = true;
        const auto refuses = [] { throw Error{ErrorCode::conflict, "no"}; };
        CHECK(group_of_parts({[&] { insert(1); }, [&] { insert(2); }, refuses}) ==
              "internal, internal, unavailable");
        commit_fails = false;
        CHECK(rows() == "");
    }

    TEST_CASE_FIXTURE(Queue, "a part that breaks the transaction fails the parts before it") {
        const auto breaks = [&] {
            connection.run_script("rollback");
            throw Error{ErrorCode::unavailable, "the disk is full"};
        };
        CHECK(group_of_parts({[&] { insert(1); }, breaks, [&] { insert(2); }}) ==
              "unavailable, unavailable, nothing");
        CHECK(rows() == "2 ");
    }

    TEST_CASE_FIXTURE(Queue, "a part that needs nothing of the store takes nothing of it") {
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

    TEST_CASE_FIXTURE(Queue, "the parts of a group run again where one of them wrote and threw") {
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

    TEST_CASE_FIXTURE(Queue, "a part that threw without writing disturbs nobody") {
        int runs = 0;
        const auto inserts = [&] { insert(++runs); };
        const auto refuses = [] { throw Error{ErrorCode::conflict, "no"}; };
        CHECK(group_of_parts({inserts, refuses, inserts}) == "nothing, conflict, nothing");
        CHECK(runs == 2);
        CHECK(commits == 1);
    }

    TEST_CASE_FIXTURE(Queue, "a refusal may be another one when the group runs again") {
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

    TEST_CASE_FIXTURE(Queue, "a part can undo what it did and go on") {
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

    TEST_CASE_FIXTURE(Queue, "what SQLite does not count as a change can be noted as one") {
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

    TEST_CASE_FIXTURE(Queue, "with a member in the group a part that wrote is undone alone") {
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

    TEST_CASE_FIXTURE(Queue, "one thread can run many parts, each with its own outcome") {
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

    TEST_CASE_FIXTURE(Queue, "members and parts share a group") {
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

    TEST_CASE_FIXTURE(Queue, "a part that nobody could run by its deadline never runs") {
        const auto first = writers.begin(soon());
        bool ran = false;
        CHECK(refusal([&] {
                  writers.run(std::chrono::steady_clock::now(),
                              [&](GroupCommit::Hold&) { ran = true; });
              }) == "unavailable");
        first->rollback();
        CHECK_FALSE(ran);
    }

    TEST_CASE_FIXTURE(Queue, "a caller out of time waits for its part, and then does not know") {
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

    TEST_CASE_FIXTURE(Queue,
                      "whoever waits in vain is told by the deadline, and the line goes on") {
        const auto first = writers.begin(soon());
        CHECK(refusal([&] { writers.begin(std::chrono::steady_clock::now()); }) == "unavailable");
        first->rollback();
        CHECK(group({writes(1)}) == "nothing");
    }
}
