#include "adapters/sqlite/migrate.hpp"

#include "adapters/sqlite/connection.hpp"
#include "support/migrating.hpp"
#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <csignal>
#include <random>
#include <string>
#include <unistd.h>

using namespace lvng::crm;
using namespace lvng::crm::sqlite;
using namespace lvng::crm::test;

namespace {

constexpr auto& scripts = moving_scripts;

Deadline later() {
    return std::chrono::steady_clock::now() + std::chrono::seconds{60};
}

pid_t start_migrating(const std::string& path) {
    return start_process([&] {
        Connection connection{{.path = path}, later()};
        migrate(connection, scripts, Migrations::automatic);
    });
}

std::string one_text(Connection& connection, const std::string& statement) {
    std::string out;
    sql::Rows rows{connection.query(statement, {})};
    while (rows.next()) out += std::string{rows.text(0)} + '\n';
    return out;
}

std::string schema_of(Connection& connection) {
    return one_text(
        connection,
        "select type || ' ' || name || ' ' || coalesce(sql, '') from sqlite_schema order by name");
}

/// A file of version 1 with many rows.
void make_version_one(const std::string& path, int rows) {
    Connection connection{{.path = path, .full_sync = false}, later()};
    migrate(connection, sql::MigrationScripts{scripts}.first(1), Migrations::automatic);
    connection.run_script(fmt::format(
        "insert into lvng_old with recursive n(i) as (select 1 union all select i + 1 from n"
        " where i < {}) select i, 'row ' || i from n",
        rows));
}

}  // namespace

TEST_SUITE("adapters.sqlite.migrate") {

    TEST_CASE(
        "a migration that is killed again and again completes, and leaves what a fresh one makes") {
        TemporaryFolder folder;
        constexpr int rows = 100'000;
        make_version_one(folder.file("killed.db"), rows);
        std::mt19937 random{std::random_device{}()};
        for (int kill = 0; kill < kills(); ++kill) {
            const pid_t child = start_migrating(folder.file("killed.db"));
            ::usleep(std::uniform_int_distribution<useconds_t>{0, 60'000}(random));
            ::kill(child, SIGKILL);
            wait_for(child);
        }
        CHECK(wait_for(start_migrating(folder.file("killed.db"))) == 0);

        Connection fresh{{.path = folder.file("fresh.db")}, later()};
        migrate(fresh, scripts, Migrations::automatic);
        Connection killed{{.path = folder.file("killed.db")}, later()};
        CHECK(schema_of(killed) == schema_of(fresh));
        CHECK(one_text(killed, "select count(*) || ' ' || sum(length) from lvng_new") ==
              one_text(
                  killed,
                  fmt::format(
                      "with recursive n(i) as (select 1 union all select i + 1 from n where i < {})"
                      " select count(*) || ' ' || sum(length('row ' || i)) from n",
                      rows)));
        CHECK(one_text(killed, "select count(*) from lvng_trace") == "1\n");
        CHECK(one_text(killed, "pragma integrity_check") == "ok\n");
    }

    TEST_CASE("a migration that has begun is not ended by the time for waiting") {
        TemporaryFolder folder;
        make_version_one(folder.file("slow.db"), 100'000);
        Connection connection{{.path = folder.file("slow.db")}, later()};
        connection.set_deadline(std::chrono::steady_clock::now());
        migrate(connection, scripts, Migrations::automatic);
        CHECK(schema_version(connection) == 2);
    }

    TEST_CASE("two processes that start at the same moment migrate once") {
        for (int round = 0; round < 50; ++round) {
            TemporaryFolder folder;
            const pid_t one = start_migrating(folder.file("shared.db"));
            const pid_t other = start_migrating(folder.file("shared.db"));
            CHECK(wait_for(one) == 0);
            CHECK(wait_for(other) == 0);
            Connection connection{{.path = folder.file("shared.db")}, later()};
            CHECK(one_text(connection, "select count(*) from lvng_trace") == "1\n");
            CHECK(schema_version(connection) == 2);
        }
    }
}
