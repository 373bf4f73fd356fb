#include "conversations/talk.hpp"

#include <lvng/crm/sqlite.hpp>

#include <doctest/doctest.h>
#include <sqlite3.h>

using namespace lvng::crm;
using namespace lvng::crm::test;

namespace {

/// A store whose tables somebody else has been at.
struct Falsified : Talk {
    Falsified() : Talk{sqlite_store({.path = ":memory:"})} {}

    void run(const char* sql) {
        crm().transact(ana(), [&](Transaction& tx) {
            REQUIRE(sqlite3_exec(static_cast<sqlite3*>(tx.native_handle()), sql, nullptr, nullptr,
                                 nullptr) == SQLITE_OK);
        });
    }
    std::string found(const CheckReport& report) {
        std::string out;
        for (const Miscount& miscount : report.miscounts)
            out += fmt::format("{} {}: {} {}\n", miscount.tenant.to_string(), miscount.what,
                               miscount.recorded, miscount.counted);
        return out;
    }
};

}  // namespace

TEST_SUITE("conversations.falsified_file") {

    TEST_CASE_FIXTURE(Falsified, "a book that counts wrong is found and repaired") {
        for (int n = 0; n < 3; ++n) crm().contacts().create(ana(), {.name = "Jane"});
        crm().contacts().create(other_ana(), {.name = "Jane"});
        run("update lvng_books set contact_count = 7 where tenant_id = 'acme'");
        CHECK(crm().contacts().list(ana(), {}, {.limit = 1}).total == 7);
        CHECK(found(crm().check()) == "acme book of usr_ana: 7 3\n");
        CHECK(crm().check().books == 2);
        const ListVersion seen = crm().contacts().list(ana()).version;
        CHECK(found(crm().repair()) == "acme book of usr_ana: 7 3\n");
        CHECK(crm().contacts().list_if_changed(ana(), seen));
        CHECK(found(crm().check()) == "");
        CHECK(crm().contacts().list(ana(), {}, {.limit = 1}).total == 3);
    }

    TEST_CASE_FIXTURE(Falsified,
                      "rows that were lost change the numbers that were counted of them") {
        const ConversationId id = group(ana(), {"usr_bob", "usr_cleo"});
        std::vector<MessageId> sent;
        for (int n = 0; n < 4; ++n) sent.push_back(say(ana(), id, "x").id);
        receipts.mark_read(bob(), id, sent);
        run("delete from lvng_receipts where number = 2;"
            "delete from lvng_messages where number = 1;"
            "delete from lvng_members where user_id = 'usr_cleo'");
        CHECK_FALSE(crm().check().miscounts.empty());
        crm().repair();
        CHECK(found(crm().check()) == "");
        CHECK(look(ana(), id).member_count == 2);
        CHECK(messages.list(ana(), id).total == 3);
        CHECK(unread(bob(), id) == 1);
    }

    TEST_CASE_FIXTURE(Falsified, "receipts that nobody should have count for nothing") {
        const ConversationId id = group(ana(), {"usr_bob"});
        for (int n = 0; n < 3; ++n) say(n == 1 ? bob() : ana(), id, "x");
        run("insert into lvng_receipts (tenant_id, conversation_id, user_id, number, read_at)"
            " select tenant_id, conversation_id, user_id, number, created_at from lvng_messages"
            " union select tenant_id, conversation_id, 'usr_gone', number, created_at"
            " from lvng_messages"
            " union select tenant_id, conversation_id, 'usr_bob', 9, created_at"
            " from lvng_messages");
        CHECK(found(crm().check()) == "");
        CHECK(unread(bob(), id) == 2);
    }
}
