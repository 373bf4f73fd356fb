#pragma once

#include "adapters/sqlite/group_commit.hpp"
#include "support/people.hpp"
#include "support/soon.hpp"
#include "support/temporary_folder.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sqlite3.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace lvng::crm::test {

/// A queue on a file with one table, whose commits are counted and can be made to fail.
struct CommitQueue {
    TemporaryFolder folder;
    sqlite::Connection connection{{.path = folder.file("queue.db")}, soon()};
    sqlite::GroupCommit writers{connection, 128};
    int commits = 0;
    bool commit_fails = false;

    CommitQueue() {
        connection.run_script("create table t (n integer primary key)");
        sqlite3_commit_hook(connection.handle(), &CommitQueue::on_commit, this);
    }

    static int on_commit(void* self) {
        auto* queue = static_cast<CommitQueue*>(self);
        ++queue->commits;
        return queue->commit_fails ? 1 : 0;
    }

    void insert(int n) {
        connection.execute("insert into t values ($1)", std::array<sql::Value, 1>{std::int64_t{n}});
    }

    std::string rows() {
        sqlite::Connection reader{{.path = folder.file("queue.db"), .read_only = true}, soon()};
        std::string out;
        sql::Rows rows{reader.query("select n from t order by n", {})};
        while (rows.next()) out += std::to_string(rows.integer(0)) + ' ';
        return out;
    }

    /// Runs the parts as one group: each begins while the ones before it have the turn or wait,
    /// and the first goes on when all others wait. Returns what each refused with.
    std::string group(const std::vector<std::function<void(sqlite::GroupCommit::Member&)>>& parts) {
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
    std::string group_of_holders(const std::vector<sqlite::GroupCommit::Part>& parts) {
        std::vector<std::string> answers(parts.size());
        std::vector<std::jthread> threads;
        const auto run = [&](std::size_t at, const sqlite::GroupCommit::Part& part) {
            answers[at] = refusal([&] { writers.run(soon(), part); });
        };
        bool waited = false;
        const auto wait_for_mates_and_run = [&](sqlite::GroupCommit::Hold& hold) {
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
    static std::vector<sqlite::GroupCommit::Part>
    holding(const std::vector<std::function<void()>>& acts) {
        std::vector<sqlite::GroupCommit::Part> parts;
        parts.reserve(acts.size());
        for (const auto& act : acts) {
            parts.emplace_back([act](sqlite::GroupCommit::Hold& hold) {
                hold.take();
                act();
            });
        }
        return parts;
    }

    std::function<void(sqlite::GroupCommit::Member&)> writes(int n) {
        return [this, n](sqlite::GroupCommit::Member& member) {
            insert(n);
            member.commit();
        };
    }
};

}  // namespace lvng::crm::test
