#include <lvng/crm/crm.hpp>
#include <lvng/crm/sqlite.hpp>

#include "support/log_pieces.hpp"
#include "support/people.hpp"
#include "support/sqlite_desk.hpp"

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <atomic>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/file.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace lvng::crm;
using namespace lvng::crm::test;

TEST_SUITE("adapters.sqlite") {

    TEST_CASE_FIXTURE(Desk, "contacts are there again when the file is opened again") {
        const Contact jane =
            open()->contacts().create(ana(), {.name = "Jane", .email = "jane@x.org"});
        auto crm = open();
        CHECK(crm->contacts().get(ana(), jane.id) == jane);
        CHECK(refusal([&] {
                  crm->contacts().create(ana(), {.name = "J", .email = "jane@x.org"});
              }) == "already_exists email");
    }

    TEST_CASE_FIXTURE(Desk, "a log from before messages were their own events reads the same") {
        const auto crm = open();
        OtherProgram other{path};
        check_older_logs(*crm, other);
    }

    TEST_CASE_FIXTURE(Desk, "the host's rows and ours are written together or not at all") {
        auto crm = open();
        const auto record = [&](bool fail) {
            crm->transact(ana(), [&](Transaction& tx) {
                auto* db = static_cast<sqlite3*>(tx.native_handle());
                CHECK(OtherProgram::run(db, "create table if not exists deals (title text)") == "");
                CHECK(OtherProgram::run(db, "insert into deals values ('first')") == "");
                tx.contacts().create(ana(), {.name = "Jane"});
                if (fail) throw Error{ErrorCode::cancelled, "stop"};
            });
        };
        CHECK(refusal([&] { record(true); }) == "cancelled");
        CHECK(crm->contacts().list(ana()).total == 0);
        CHECK(OtherProgram{path}.run("select * from deals") == "no such table: deals");
        record(false);
        CHECK(crm->contacts().list(ana()).total == 1);
        CHECK(OtherProgram{path}.run("select * from deals") == "first\n");
    }

    TEST_CASE_FIXTURE(Desk,
                      "the same file twice in one process is refused by name, in any spelling") {
        auto crm = open();
        try {
            static_cast<void>(sqlite_store({.path = folder.path() / "." / "desk.db"}));
            FAIL("the file was opened twice");
        } catch (const Error& error) {
            CHECK(error.code() == ErrorCode::conflict);
            CHECK(error.message().find("desk.db is already open in this process") !=
                  std::string::npos);
        }
        crm.reset();
        CHECK(refusal([&] { static_cast<void>(open()); }) == "nothing");
    }

    TEST_CASE_FIXTURE(
        Desk, "an exclusive store keeps other exclusive ones away, in other processes too") {
        open().reset();
        const std::string lock_path = path + ".lock";
        const int held = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        REQUIRE(::flock(held, LOCK_EX) == 0);
        CHECK(refusal([&] {
                  static_cast<void>(sqlite_store({.path = path, .exclusive = true}));
              }) == "conflict");
        CHECK(refusal([&] { static_cast<void>(sqlite_store({.path = path})); }) == "nothing");
        ::close(held);
        CHECK(refusal([&] {
                  static_cast<void>(sqlite_store({.path = path, .exclusive = true}));
              }) == "nothing");
    }

    TEST_CASE("what cannot be opened is refused with its reason") {
        TemporaryFolder folder;
        CHECK(refusal([] { static_cast<void>(sqlite_store({})); }) == "invalid path");
        CHECK(refusal([&] {
                  static_cast<void>(sqlite_store({.path = folder.file("no/desk.db")}));
              }) == "unavailable");
        CHECK(refusal([&] { static_cast<void>(sqlite_store({.path = folder.path()})); }) ==
              "unavailable");
        std::ofstream{folder.file("text.db")} << std::string(5000, 'x');
        CHECK(refusal([&] { static_cast<void>(sqlite_store({.path = folder.file("text.db")})); }) ==
              "corrupt");
    }

    TEST_CASE_FIXTURE(Desk, "a file with texts in UTF-16 is refused") {
        CHECK(OtherProgram{path}.run("pragma encoding = 'UTF-16'; create table mine (a)") == "");
        CHECK(refusal([&] { static_cast<void>(open()); }) == "incompatible");
    }

    TEST_CASE_FIXTURE(Desk, "a newer schema is refused by name, and is left as it is") {
        open().reset();
        CHECK(OtherProgram{path}.run("insert into lvng_migrations (version) values (99)") == "");
        try {
            static_cast<void>(open());
            FAIL("a newer schema was opened");
        } catch (const Error& error) {
            CHECK(error.code() == ErrorCode::incompatible);
            CHECK(error.message().find("schema version 99, newer than version 5") !=
                  std::string::npos);
        }
        CHECK(OtherProgram{path}.run("select max(version) from lvng_migrations") == "99\n");
    }

    TEST_CASE_FIXTURE(Desk,
                      "where migrating is forbidden, an empty file is refused and stays empty") {
        CHECK(refusal([&] {
                  static_cast<void>(sqlite_store({.path = path, .migrations = Migrations::never}));
              }) == "incompatible");
        CHECK(OtherProgram{path}.run("select count(*) from sqlite_schema") == "0\n");
        open().reset();
        CHECK(refusal([&] {
                  static_cast<void>(sqlite_store({.path = path, .migrations = Migrations::never}));
              }) == "nothing");
    }

    TEST_CASE_FIXTURE(Desk, "a migration waits for the other process that is at it") {
        OtherProgram other{path};
        CHECK(other.run("pragma journal_mode = wal") == "wal\n");
        CHECK(other.run("begin immediate") == "");
        CHECK(refusal([&] {
                  static_cast<void>(
                      sqlite_store({.path = path, .open_timeout = std::chrono::milliseconds{50}}));
              }) == "unavailable");
        CHECK(other.run("rollback") == "");
        CHECK(refusal([&] { static_cast<void>(open()); }) == "nothing");
    }

    TEST_CASE_FIXTURE(Desk, "every table is ours by name, and every key of it has the tenant") {
        open().reset();
        OtherProgram other{path};
        CHECK(other.run("select count(*) from sqlite_schema where type = 'table' and name not like "
                        "'lvng\\_%' escape '\\'") == "0\n");
        CHECK(
            other.run("select t.name || ' ' || i.name from sqlite_schema t, "
                      "pragma_index_list(t.name) i where t.type = 'table' and not exists"
                      " (select 1 from pragma_index_info(i.name) c where c.name = 'tenant_id')") ==
            "lvng_api_key_tenants sqlite_autoindex_lvng_api_key_tenants_1\n");
        // A table without any key would pass the line above.
        CHECK(other.run("select t.name from sqlite_schema t where t.type = 'table' and not exists"
                        " (select 1 from pragma_index_list(t.name) i where i.origin = 'pk')") ==
              "lvng_migrations\n");
        CHECK(other.run("select m.name from sqlite_schema m, pragma_foreign_key_list(m.name) f"
                        " where f.seq = 0 and f.\"from\" <> 'tenant_id'") == "");
    }

    TEST_CASE_FIXTURE(Desk, "lists and counts walk one index in order, without sorting") {
        open().reset();
        OtherProgram other{path};
        const std::string book =
            " from lvng_contacts c where c.tenant_id = 'a' and c.user_id = 'b' and c.source <> ''";
        const std::string order = " order by c.name_key, c.id limit 50";
        const auto plan = [&](const std::string& sql) {
            return other.run("explain query plan " + sql);
        };
        const std::string page =
            plan("select c.notes" + book +
                 " and instr(c.search_key, 'x') > 0 and c.source = 'manual'" + order);
        CHECK(page.find("USING INDEX lvng_contacts_in_order (tenant_id=? AND user_id=?)") !=
              std::string::npos);
        CHECK(page.find("TEMP B-TREE") == std::string::npos);
        const std::string after =
            plan("select c.notes" + book +
                 " and c.name_key >= 'n' and (c.name_key > 'n' or c.id > x'00')" + order);
        CHECK(
            after.find(
                "USING INDEX lvng_contacts_in_order (tenant_id=? AND user_id=? AND name_key>?)") !=
            std::string::npos);
        CHECK(after.find("TEMP B-TREE") == std::string::npos);
        const std::string count =
            plan("select count(*)" + book +
                 " and instr(c.search_key, 'x') > 0 and instr(c.tags_key, 'y') > 0");
        CHECK(count.find("USING COVERING INDEX lvng_contacts_in_order") != std::string::npos);
    }

    TEST_CASE_FIXTURE(Desk,
                      "writers and readers at once see whole states, and the count stays exact") {
        auto crm = open(std::chrono::seconds{30});
        std::atomic<bool> consistent{true};
        run_threads(8, [&](int number) {
            std::vector<ContactId> mine;
            for (int n = 0; n < 40; ++n) {
                if (number % 2 == 0) {
                    mine.push_back(
                        crm->contacts().create(ana(), {.name = "W" + std::to_string(number)}).id);
                    if (n % 4 == 3)
                        crm->contacts().remove(ana(), mine[mine.size() / 2]),
                            mine.erase(mine.begin() + static_cast<std::ptrdiff_t>(mine.size() / 2));
                } else {
                    const auto list = crm->contacts().list(ana(), {}, {.limit = 200});
                    if (static_cast<std::int64_t>(list.items.size()) !=
                        std::min<std::int64_t>(list.total, 200))
                        consistent = false;
                }
            }
        });
        CHECK(consistent);
        CHECK(crm->contacts().list(ana(), {}, {.limit = 1}).total == 120);
        crm.reset();
        CHECK(OtherProgram{path}.run(
                  "select count(*) from lvng_contacts; pragma integrity_check") == "120\nok\n");
    }

    TEST_CASE_FIXTURE(
        Desk,
        "a writer that does not get its turn by the deadline is told so, and nothing happened") {
        auto crm = open(std::chrono::milliseconds{50});
        std::string waited;
        crm->transact(ana(), [&](Transaction& tx) {
            tx.contacts().create(ana(), {.name = "A"});
            std::jthread{[&] {
                waited = refusal([&] { crm->contacts().create(ana(), {.name = "B"}); });
            }}.join();
            // Readers need no turn.
            std::jthread{[&] { CHECK(crm->contacts().list(ana()).total == 0); }}.join();
        });
        CHECK(waited == "unavailable");
        CHECK(crm->contacts().list(ana()).total == 1);
    }

    TEST_CASE_FIXTURE(Desk, "a writer in another process is waited for until the deadline") {
        auto crm = open(std::chrono::milliseconds{50});
        OtherProgram other{path};
        CHECK(other.run("begin immediate") == "");
        CHECK(refusal([&] { crm->contacts().create(ana(), {.name = "A"}); }) == "unavailable");
        CHECK(crm->contacts().list(ana()).total == 0);
        CHECK(other.run("commit") == "");
        CHECK(refusal([&] { crm->contacts().create(ana(), {.name = "A"}); }) == "nothing");
    }

    TEST_CASE_FIXTURE(Desk, "a full disk refuses the write whole, and writing resumes by itself") {
        auto crm = open();
        crm->contacts().create(ana(), {.name = "A", .email = "a@x.org"});
        const auto set_limit = [&](const std::string& pages) {
            crm->transact(ana(), [&](Transaction& tx) {
                OtherProgram::run(static_cast<sqlite3*>(tx.native_handle()),
                                  "pragma max_page_count = " + pages);
            });
        };
        set_limit("1");  // means: no page more than there are
        const NewContact large{.name = "B", .email = "b@x.org", .notes = std::string(20'000, 'n')};
        CHECK(refusal([&] { crm->contacts().create(ana(), large); }) == "unavailable");
        CHECK(crm->contacts().list(ana()).total == 1);
        CHECK_FALSE(crm->contacts().with_email(ana(), "b@x.org"));
        set_limit("1073741823");
        CHECK(refusal([&] { crm->contacts().create(ana(), large); }) == "nothing");
        crm.reset();
        CHECK(OtherProgram{path}.run("pragma integrity_check") == "ok\n");
    }

    TEST_CASE_FIXTURE(Desk, "a full disk inside a transaction fails its commit as well") {
        auto crm = open();
        CHECK(refusal([&] {
                  crm->transact(ana(), [&](Transaction& tx) {
                      tx.contacts().create(ana(), {.name = "A"});
                      OtherProgram::run(static_cast<sqlite3*>(tx.native_handle()),
                                        "pragma max_page_count = 1");
                      for (int n = 0; n < 3; ++n) {
                          refusal([&] {
                              tx.contacts().create(
                                  ana(), {.name = "B", .notes = std::string(20'000, 'n')});
                          });
                      }
                      OtherProgram::run(static_cast<sqlite3*>(tx.native_handle()),
                                        "rollback; pragma max_page_count = 1073741823");
                  });
              }) == "unavailable");
        CHECK(crm->contacts().list(ana()).total == 0);
    }

    TEST_CASE_FIXTURE(Desk, "nothing is written behind the end of a transaction that broke") {
        auto crm = open();
        const NewContact large{.name = "B", .notes = std::string(20'000, 'n')};
        CHECK(refusal([&] {
                  crm->transact(ana(), [&](Transaction& tx) {
                      auto* db = static_cast<sqlite3*>(tx.native_handle());
                      OtherProgram::run(db, "pragma max_page_count = 1");
                      while (refusal([&] { tx.contacts().create(ana(), large); }) == "nothing") {
                      }
                      OtherProgram::run(db, "pragma max_page_count = 1073741823");
                      CHECK(refusal([&] { tx.contacts().create(ana(), {.name = "C"}); }) ==
                            "unavailable");
                  });
              }) == "unavailable");
        CHECK(crm->contacts().list(ana()).total == 0);
        CHECK(refusal([&] { crm->contacts().create(ana(), {.name = "C"}); }) == "nothing");
    }

    TEST_CASE_FIXTURE(Desk, "a store keeps its file when the host changes its folder") {
        const std::filesystem::path before = std::filesystem::current_path();
        std::filesystem::current_path(folder.path());
        Crm crm{sqlite_store({.path = "desk.db"})};
        std::filesystem::current_path(before);
        crm.contacts().create(ana(), {.name = "Jane"});
        CHECK(crm.contacts().list(ana()).total == 1);
    }

    TEST_CASE_FIXTURE(Desk, "a file that was moved away is not made anew by a reader") {
        auto crm = open();
        std::filesystem::rename(path, folder.file("elsewhere.db"));
        CHECK(refusal([&] { static_cast<void>(crm->contacts().list(ana())); }) == "unavailable");
        CHECK_FALSE(std::filesystem::exists(path));
    }

    TEST_CASE_FIXTURE(Desk,
                      "a file that is deleted or replaced while it is open is written no more") {
        auto store = sqlite_store({.path = path});
        const auto soon = [] { return std::chrono::steady_clock::now() + std::chrono::seconds{5}; };
        const auto write = [&] { store->begin(ana(), Access::write, soon())->commit(); };
        CHECK(refusal(write) == "nothing");
        std::filesystem::rename(path, path + ".away");
        CHECK(refusal(write) == "unavailable");
        CHECK(store->health(soon()).problem == "the database file was deleted or moved away");
        std::ofstream{path} << "";
        CHECK(refusal(write) == "unavailable");
        std::filesystem::rename(path + ".away", path);
        CHECK(refusal(write) == "nothing");
        CHECK(store->health(soon()).serving);
    }

    TEST_CASE_FIXTURE(Desk, "an exclusive store is found under every name of its file") {
        open().reset();
        std::filesystem::create_symlink(path, folder.file("link.db"));
        const int held = ::open((path + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        REQUIRE(::flock(held, LOCK_EX) == 0);
        const auto exclusive = [&](const std::string& name) {
            return refusal([&] {
                static_cast<void>(sqlite_store({.path = folder.file(name), .exclusive = true}));
            });
        };
        CHECK(exclusive("link.db") == "conflict");
        ::close(held);
        CHECK(exclusive("link.db") == "nothing");
        std::filesystem::create_hard_link(path, folder.file("second.db"));
        CHECK(exclusive("desk.db") == "unavailable");
        CHECK(exclusive("second.db") == "unavailable");
    }

    TEST_CASE_FIXTURE(Desk, "a call that can find nothing still minds who asks") {
        auto crm = open();
        const std::string no_address = "no address";
        CHECK(refusal([&] { static_cast<void>(crm->contacts().list({}, {.search = "a\nb"})); }) ==
              "invalid tenant_id user_id");
        CHECK(refusal([&] { static_cast<void>(crm->contacts().with_email({}, no_address)); }) ==
              "invalid tenant_id user_id");
        CHECK(refusal([&] { static_cast<void>(crm->contacts().with_phone({}, " ")); }) ==
              "invalid tenant_id user_id");
        CHECK(refusal([&] {
                  crm->contacts().each({}, {.search = "a\nb"}, [](const Contact&) { return true; });
              }) == "invalid tenant_id user_id");
    }

    TEST_CASE_FIXTURE(Desk, "health tells the kind, the version and a problem") {
        auto store = sqlite_store({.path = path});
        const auto soon = [] { return std::chrono::steady_clock::now() + std::chrono::seconds{5}; };
        StoreHealth health = store->health(soon());
        CHECK(health.serving);
        CHECK(health.kind == "sqlite");
        CHECK(health.schema_version == 5);
        // The next release has migrated, and this one still serves.
        CHECK(OtherProgram{path}.run("insert into lvng_migrations (version) values (6)") == "");
        CHECK(store->health(soon()).serving);
        CHECK(OtherProgram{path}.run("delete from lvng_migrations") == "");
        health = store->health(soon());
        CHECK_FALSE(health.serving);
        CHECK(health.problem != "");
    }

    TEST_CASE("a store in memory serves many threads on its one connection") {
        Crm crm{sqlite_store({.path = ":memory:"}), Options{.timeout = std::chrono::seconds{30}}};
        run_threads(8, [&](int) {
            for (int n = 0; n < 20; ++n) {
                const Contact made = crm.contacts().create(ana(), {.name = "N"});
                CHECK(crm.contacts().get(ana(), made.id) == made);
            }
        });
        CHECK(crm.contacts().list(ana()).total == 160);
    }
}
