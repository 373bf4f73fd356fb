#include "adapters/postgresql/migrate.hpp"

#include "adapters/postgresql/conninfo.hpp"
#include "support/migrating.hpp"
#include "support/people.hpp"
#include "support/postgresql_store.hpp"

#include <doctest/doctest.h>

#include <array>
#include <csignal>
#include <fmt/format.h>
#include <random>
#include <string>
#include <unistd.h>

using namespace lvng::crm;
using namespace lvng::crm::postgresql;
using namespace lvng::crm::test;

namespace {

constexpr auto& scripts = moving_scripts;

Deadline later() {
    return std::chrono::steady_clock::now() + std::chrono::seconds{60};
}

void migrate_all(const std::string& url, sql::MigrationScripts wanted = scripts) {
    Connection connection{connection_string({.url = url}), later()};
    migrate(connection, wanted, Migrations::automatic, later());
}

pid_t start_migrating(const std::string& url) {
    return start_process([&] { migrate_all(url); });
}

std::string schema_of(PostgresqlClient& client) {
    return client.run("select table_name, column_name, data_type from information_schema.columns"
                      " where table_schema = current_schema order by 1, 2") +
           client.run("select indexname from pg_indexes where schemaname = current_schema"
                      " order by 1");
}

}  // namespace

TEST_SUITE("adapters.postgresql.migrate") {

    TEST_CASE(
        "a migration that is killed again and again completes, and leaves what a fresh one makes") {
        const PostgresqlSchema schema;
        constexpr int rows = 100'000;
        migrate_all(schema.url(), sql::MigrationScripts{scripts}.first(1));
        PostgresqlClient client{schema.superuser_url()};
        CHECK(client.run(fmt::format(
                  "insert into lvng_old select i, 'row ' || i from generate_series(1, {}) i",
                  rows)) == "");
        std::mt19937 random{std::random_device{}()};
        for (int kill = 0; kill < kills(); ++kill) {
            const pid_t child = start_migrating(schema.url());
            ::usleep(std::uniform_int_distribution<useconds_t>{0, 150'000}(random));
            ::kill(child, SIGKILL);
            wait_for(child);
        }
        CHECK(wait_for(start_migrating(schema.url())) == 0);

        const PostgresqlSchema fresh;
        migrate_all(fresh.url());
        PostgresqlClient fresh_client{fresh.superuser_url()};
        CHECK(schema_of(client) == schema_of(fresh_client));
        CHECK(client.run("select count(*), sum(length) from lvng_new") ==
              client.run(fmt::format("select count(*), sum(length('row ' || i))"
                                     " from generate_series(1, {}) i",
                                     rows)));
        CHECK(client.run("select count(*) from lvng_trace") == "1\n");
    }

    TEST_CASE("two processes that start at the same moment migrate once") {
        for (int round = 0; round < 50; ++round) {
            const PostgresqlSchema schema;
            const pid_t one = start_migrating(schema.url());
            const pid_t other = start_migrating(schema.url());
            CHECK(wait_for(one) == 0);
            CHECK(wait_for(other) == 0);
            PostgresqlClient client{schema.superuser_url()};
            CHECK(client.run("select count(*) from lvng_trace") == "1\n");
        }
    }

    TEST_CASE("a step that fails leaves nothing of itself") {
        const PostgresqlSchema schema;
        constexpr std::array<const char*, 2> broken{
            scripts[0], "create table lvng_half (n integer); select 1 / 0"};
        CHECK(refusal([&] { migrate_all(schema.url(), broken); }) == "internal");
        PostgresqlClient client{schema.superuser_url()};
        CHECK(client.run("select max(version), to_regclass('lvng_half') from lvng_migrations") ==
              "1|\n");
        migrate_all(schema.url());
        CHECK(client.run("select max(version) from lvng_migrations") == "2\n");
    }

    TEST_CASE("a newer schema is refused by name, and where migrating is forbidden any other") {
        const PostgresqlSchema schema;
        CHECK(refusal([&] {
                  static_cast<void>(
                      postgresql_store({.url = schema.url(), .migrations = Migrations::never}));
              }) == "incompatible");
        PostgresqlClient client{schema.superuser_url()};
        CHECK(client.run("select to_regclass('lvng_migrations')") == "\n");
        static_cast<void>(postgresql_store({.url = schema.url()}));
        CHECK(refusal([&] {
                  static_cast<void>(
                      postgresql_store({.url = schema.url(), .migrations = Migrations::never}));
              }) == "nothing");
        CHECK(client.run("insert into lvng_migrations values (99)") == "");
        try {
            static_cast<void>(postgresql_store({.url = schema.url()}));
            FAIL("a newer schema was opened");
        } catch (const Error& error) {
            CHECK(error.code() == ErrorCode::incompatible);
            CHECK(error.message().find("schema version 99, newer than version 6") !=
                  std::string::npos);
        }
    }

    TEST_CASE("a migration waits for the other process that is at it, and no longer than asked") {
        const PostgresqlSchema schema;
        PostgresqlClient client{schema.superuser_url()};
        CHECK(client.run("begin; select pg_advisory_xact_lock(1819700839)") == "\n");
        CHECK(refusal([&] {
                  static_cast<void>(postgresql_store(
                      {.url = schema.url(), .open_timeout = std::chrono::milliseconds{300}}));
              }) == "unavailable");
        CHECK(client.run("rollback") == "");
        CHECK(refusal([&] { static_cast<void>(postgresql_store({.url = schema.url()})); }) ==
              "nothing");
    }

    TEST_CASE("distributing without Citus says what is missing") {
        const PostgresqlSchema schema;
        try {
            distribute_postgresql_store({.url = schema.url()});
            FAIL("tables were distributed by nobody");
        } catch (const Error& error) {
            CHECK(error.code() == ErrorCode::incompatible);
            CHECK(error.message().find("Citus") != std::string::npos);
        }
    }
}
