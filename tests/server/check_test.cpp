#include "server/program.hpp"
#include "support/temporary_folder.hpp"

#include <lvng/crm/crm.hpp>
#include <lvng/crm/sqlite.hpp>

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <filesystem>
#include <string>

using namespace lvng::crm;
using namespace lvng::server::testing;

namespace {

/// A store in use, with one conversation in which bob has one unread message.
class BusyStore {
public:
    BusyStore() : crm_{sqlite_store({.path = path(), .exclusive = true})} {
        const Principal ana{.tenant = TenantId{"acme"}, .user = UserId{"ana"}};
        const auto opened =
            crm_.conversations().create(ana, {.members = {NewMember{.id = UserId{"bob"}}}});
        crm_.messages().send(ana, opened.conversation.id, {.content = "hello"});
        crm_.contacts().create(ana, {.name = "Jane"});
        conversation_ = opened.conversation.id.to_string();
    }

    [[nodiscard]] std::string path() const { return folder_.file("lvng.db"); }
    [[nodiscard]] const std::string& conversation() const { return conversation_; }

    /// What a defect or a hand in the database would do.
    void falsify(const char* statement) const {
        sqlite3* db = nullptr;
        REQUIRE(sqlite3_open(path().c_str(), &db) == SQLITE_OK);
        CHECK(sqlite3_exec(db, statement, nullptr, nullptr, nullptr) == SQLITE_OK);
        sqlite3_close(db);
    }

private:
    lvng::crm::test::TemporaryFolder folder_;
    Crm crm_;
    std::string conversation_;
};

}  // namespace

TEST_SUITE("server.check") {

    TEST_CASE("check beside a running server finds nothing to say of a sound store") {
        const BusyStore store;
        for (const std::string command : {"check", "check --repair"}) {
            const Outcome outcome = run(command + " --store sqlite:" + store.path());
            CHECK(outcome.code == 0);
            CHECK(outcome.output == fmt::format("conversations: 1, books: 1, {}: 0\n",
                                                command == "check" ? "wrong" : "repaired"));
        }
    }

    TEST_CASE("check names what differs and ends with 3, and repair makes it right") {
        const BusyStore store;
        store.falsify("update lvng_members set seen_count = -2 where user_id = 'bob'");
        const std::string at = " --store sqlite:" + store.path();
        const std::string found =
            store.conversation() + " unread of bob in acme: recorded 3, counted 1\n";
        for (int i = 0; i < 2; ++i) {
            const Outcome outcome = run("check" + at);
            CHECK(outcome.code == 3);
            CHECK(outcome.output == found + "conversations: 1, books: 1, wrong: 1\n");
        }
        const Outcome repaired = run("check --repair" + at);
        CHECK(repaired.code == 0);
        CHECK(repaired.output == found + "conversations: 1, books: 1, repaired: 1\n");
        CHECK(run("check" + at).code == 0);
    }

    TEST_CASE("check makes no store where there is none") {
        const lvng::crm::test::TemporaryFolder folder;
        const std::string path = folder.file("lvng.db");
        const Outcome outcome = run("check --store sqlite:" + path);
        CHECK(outcome.code == 1);
        CHECK(outcome.output == "lvng-server: there is no store at " + path + "\n");
        CHECK_FALSE(std::filesystem::exists(path));
    }

    TEST_CASE("check needs a store that keeps something") {
        check_misuse("check --store sqlite::memory:",
                     "check needs a store that is kept, not one in memory");
        check_misuse("check --repair=yes", "--repair takes no value");
    }

}  // TEST_SUITE
