#include "adapters/sqlite/log_buffering.hpp"

#include "adapters/sqlite/connection.hpp"
#include "support/faulty_disk.hpp"
#include "support/people.hpp"
#include "support/soon.hpp"
#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <array>
#include <cstdint>
#include <string>

using namespace lvng::crm;
using namespace lvng::crm::sqlite;
using namespace lvng::crm::test;

namespace {

/// A file with one table, a connection that buffers what it writes to the log, and one that does
/// not.
struct Desk {
    TemporaryFolder folder;
    std::string path = folder.file("desk.db");
    Connection buffering{{.path = path}, soon()};
    Connection plain{{.path = path, .full_sync = false}, soon()};

    Desk() { buffering.run_script("create table t (n integer primary key, filling text)"); }

    static void insert(Connection& connection, std::int64_t n, std::size_t size = 1) {
        const std::string filling(size, 'f');
        connection.execute("insert into t values ($1, $2)",
                           std::array<sql::Value, 2>{n, std::string_view{filling}});
    }
    static void insert_and_commit(Connection& connection, std::int64_t n, std::size_t size = 1) {
        connection.run("begin immediate");
        insert(connection, n, size);
        connection.commit();
    }
    static std::string rows(Connection& connection) {
        std::string out;
        sql::Rows rows{connection.query("select n from t order by n", {})};
        while (rows.next()) out += std::to_string(rows.integer(0)) + ' ';
        return out;
    }
    std::string integrity() {
        // Whatever it has read before does not count.
        Connection fresh{{.path = path, .read_only = true}, soon()};
        sql::Rows rows{fresh.query("pragma integrity_check", {})};
        return rows.next() ? std::string{rows.text(0)} : std::string{};
    }
};

}  // namespace

TEST_SUITE("adapters.sqlite.log_buffering") {

    TEST_CASE_FIXTURE(Desk,
                      "what is committed is there for others, small or larger than a buffer") {
        std::int64_t n = 0;
        for (const std::size_t size : {1U, 5'000U, 60'000U, 70'000U, 1'000'000U}) {
            insert_and_commit(buffering, ++n, size);
            CHECK(rows(plain).ends_with(std::to_string(n) + ' '));
        }
        CHECK(integrity() == "ok");
    }

    TEST_CASE_FIXTURE(Desk, "connections with and without it take turns") {
        std::string all;
        for (int n = 1; n <= 200; ++n) {
            insert_and_commit(n % 2 == 0 ? buffering : plain, n, static_cast<std::size_t>(n) * 100);
            all += std::to_string(n) + ' ';
        }
        CHECK(rows(buffering) == all);
        CHECK(rows(plain) == all);
        CHECK(integrity() == "ok");
    }

    TEST_CASE_FIXTURE(Desk, "a transaction larger than the page cache reads what it wrote") {
        buffering.run_script("pragma cache_size = 10; pragma cache_spill = 10");
        buffering.run("begin immediate");
        std::string all;
        for (int n = 1; n <= 300; ++n) {
            insert(buffering, n, 3000);
            all += std::to_string(n) + ' ';
        }
        CHECK(rows(buffering) == all);
        CHECK(rows(plain) == "");
        buffering.commit();
        CHECK(rows(plain) == all);
        CHECK(integrity() == "ok");
    }

    TEST_CASE_FIXTURE(Desk, "what was written before a rollback never lands on another's commit") {
        buffering.run_script("pragma cache_size = 10; pragma cache_spill = 10");
        for (int n = 1; n <= 20; ++n) {
            buffering.run("begin immediate");
            for (int row = 0; row < 60 + n; ++row) insert(buffering, 1000 + row, 3000);
            buffering.rollback();
            insert_and_commit(plain, n, 5000);
            insert_and_commit(buffering, 100 + n);
        }
        const std::string all = rows(plain);
        CHECK(all.starts_with("1 2 3 "));
        CHECK(all.ends_with("119 120 "));
        CHECK(rows(buffering) == all);
        CHECK(integrity() == "ok");
    }

    TEST_CASE_FIXTURE(Desk, "the log can be folded back, emptied and begun again") {
        for (const char* mode : {"passive", "full", "restart", "truncate"}) {
            insert_and_commit(buffering, static_cast<std::int64_t>(rows(plain).size()) + 1,
                              100'000);
            buffering.run_script("pragma wal_checkpoint(" + std::string{mode} + ")");
            insert_and_commit(buffering, static_cast<std::int64_t>(rows(plain).size()) + 1);
        }
        CHECK(rows(plain) == rows(buffering));
        CHECK(integrity() == "ok");
    }

    TEST_CASE_FIXTURE(Desk, "other databases on the connection, and temporary ones, work too") {
        buffering.run_script("attach '" + folder.file("other.db") +
                             "' as other; pragma other.journal_mode = wal;"
                             "create table other.o (n); pragma temp_store = file;"
                             "create temp table scratch (n)");
        buffering.run("begin immediate");
        insert(buffering, 1);
        buffering.run_script("insert into o values (1); insert into scratch values (1)");
        buffering.commit();
        buffering.run_script("detach other");
        insert_and_commit(buffering, 2);
        CHECK(rows(plain) == "1 2 ");
        Connection other{{.path = folder.file("other.db"), .read_only = true}, soon()};
        sql::Rows found{other.query("select n from o", {})};
        CHECK(found.next());
    }

    TEST_CASE_FIXTURE(Desk, "a database that is attached need not be synced to be whole") {
        buffering.run_script("attach '" + folder.file("other.db") +
                             "' as other; pragma other.journal_mode = wal;"
                             "pragma other.synchronous = normal; create table other.o (n)");
        buffering.run_script("insert into o values (1); insert into o values (2)");
        Connection other{{.path = folder.file("other.db"), .read_only = true}, soon()};
        sql::Rows found{other.query("select count(*) from o", {})};
        REQUIRE(found.next());
        CHECK(found.integer(0) == 2);
    }

    TEST_CASE_FIXTURE(Desk, "a copy of the file is whole") {
        insert_and_commit(buffering, 1, 100'000);
        buffering.run_script("vacuum into '" + folder.file("copy.db") + "'");
        Connection copy{{.path = folder.file("copy.db"), .read_only = true}, soon()};
        CHECK(rows(copy) == "1 ");
    }

    TEST_CASE("a host that goes on after a full disk commits all that is left, or nothing") {
        FaultyDisk disk;
        bool failed = true;
        int failures = 0;
        for (int call = 1; failed; ++call) {
            TemporaryFolder folder;
            const std::string path = folder.file("desk.db");
            Connection connection{{.path = path}, soon()};
            connection.run_script("create table t (n integer primary key, filling text);"
                                  "pragma cache_size = 10; pragma cache_spill = 10");
            connection.run("begin immediate");
            for (int n = 1; n <= 60; ++n) Desk::insert(connection, n, 3000);
            disk.fail_at(call, false, FaultyDisk::Fault::full);
            // Reads pages that were written before, and is undone by itself where it fails.
            const bool refused = refusal([&] {
                                     connection.run("insert into t select 1000 - n, filling from t"
                                                    " order by n desc");
                                 }) != "nothing";
            failed = disk.has_failed();
            disk.heal();
            if (refused) ++failures;
            const bool goes_on = connection.in_transaction();
            if (goes_on) connection.commit();
            INFO("call " << call);
            Connection reader{{.path = path, .read_only = true}, soon()};
            sql::Rows rows{reader.query("select count(*), sum(length(filling)) from t", {})};
            REQUIRE(rows.next());
            const std::int64_t whole = refused ? 60 : 120;
            REQUIRE(rows.integer(0) == (goes_on ? whole : 0));
            REQUIRE(rows.integer(1) == (goes_on ? whole * 3000 : 0));
        }
        CHECK(failures > 3);
    }

    TEST_CASE("each connection has its own, and takes it along") {
        const LogBuffering first;
        {
            const LogBuffering second;
            CHECK(std::string{first.name()} != second.name());
            CHECK(sqlite3_vfs_find(second.name()) != nullptr);
        }
        CHECK(sqlite3_vfs_find(first.name()) != nullptr);
        CHECK(sqlite3_vfs_find(nullptr) != sqlite3_vfs_find(first.name()));
    }
}
