#include "conversations/talk.hpp"

#include <lvng/crm/sqlite.hpp>
#include <lvng/crm/testing.hpp>

#include <doctest/doctest.h>

#include <sqlite3.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

using namespace lvng::crm;
using namespace lvng::crm::test;

namespace {

/// A column of what SQLite says about a statement, a line for each row.
std::vector<std::string> explained(sqlite3* db, const std::string& statement, int column) {
    sqlite3_stmt* handle = nullptr;
    REQUIRE(sqlite3_prepare_v2(db, statement.c_str(), -1, &handle, nullptr) == SQLITE_OK);
    std::vector<std::string> lines;
    while (sqlite3_step(handle) == SQLITE_ROW) {
        lines.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(handle, column)));
    }
    sqlite3_finalize(handle);
    return lines;
}

/// How it means to go through the tables.
std::vector<std::string> plan_of(sqlite3* db, const std::string& statement) {
    return explained(db, "explain query plan " + statement, 3);
}

/// The steps of its program.
std::vector<std::string> program_of(sqlite3* db, const std::string& statement) {
    return explained(db, "explain " + statement, 1);
}

/// All statements about the library's tables that a connection has prepared.
std::set<std::string> statements_of(sqlite3* db) {
    std::set<std::string> statements;
    for (sqlite3_stmt* at = sqlite3_next_stmt(db, nullptr); at; at = sqlite3_next_stmt(db, at)) {
        const std::string statement = sqlite3_sql(at);
        if (statement.find("lvng_") != std::string::npos) statements.insert(statement);
    }
    return statements;
}

/// Whether a line of a plan goes through all that a tenant has, or through everybody's. Tables have
/// one of these short names in the statements; what else is scanned is a result that was cut.
bool goes_through_all(const std::string& line) {
    if (line.find("lvng_tenants") != std::string::npos) return false;
    if (line.find("(tenant_id=?)") != std::string::npos) {
        return line.find("lvng_remains") == std::string::npos;
    }
    for (const char* table : {"lvng_", "c", "m", "g", "f", "v"}) {
        if (line.starts_with(std::string{"SCAN "} + table)) return true;
    }
    return false;
}

/// Whether a line of a plan goes through all contacts of a book.
bool goes_through_book(const std::string& line) {
    return line.find("lvng_contacts_in_order") != std::string::npos;
}

/// Calls every statement about contacts once.
void use_contacts(Crm& crm) {
    Contacts& contacts = crm.contacts();
    const ContactId jane = contacts
                               .create(ana(), {.name = "Jane",
                                               .email = "jane@a.example",
                                               .phone = "+15550000123",
                                               .tags = {"vip"}})
                               .id;
    contacts.create(ana(), {.name = "John"});
    CHECK_THROWS_AS(contacts.create(ana(), {.name = "Joan", .email = "jane@a.example"}), Error);
    contacts.update(ana(), jane, {.email = "j@a.example", .phone = "+15550000124"});
    CHECK(contacts.get(ana(), jane).name == "Jane");
    CHECK(contacts.with_email(ana(), "j@a.example"));
    CHECK(contacts.with_phone(ana(), "+15550000124").size() == 1);
    // Searched again, a book is searched in memory, and the page is read by its ids.
    for (int n = 0; n < 4; ++n) {
        const ContactFilter filter{.search = "j", .source = ContactSource::manual};
        CHECK(contacts.list(ana(), filter, {.limit = 1}).total == 2);
    }
    CHECK(contacts.list(ana(), {.tags = {"vip"}}, {.limit = 1}).total == 1);
    CHECK(contacts.list(ana(), {}, {.limit = 1}).total == 2);
    contacts.each(ana(), {}, [](const Contact&) { return true; });
    contacts.remove(ana(), jane);
}

/// Calls every statement about conversations, events and answers once.
void use_conversations(Crm& crm) {
    Conversations& rooms = crm.conversations();
    Messages& messages = crm.messages();
    const Principal leaver = person("usr_leaver");
    const auto list = [&](const ConversationFilter& filter, const Page& page = {.limit = 20}) {
        static_cast<void>(rooms.list(bob(), filter, page));
    };
    const ConversationId room =
        rooms.create(ana(), {.members = {{.id = bob().user}, {.id = leaver.user}}}).conversation.id;
    for (int n = 0; n < 2; ++n) {
        rooms.create(ana(), {.type = ConversationType::direct, .members = {{.id = bob().user}}});
    }
    const auto page = [&](const MessageQuery& query) {
        static_cast<void>(messages.list(ana(), room, query));
    };
    std::vector<MessageId> ids;
    for (int n = 0; n < 20; ++n) {
        ids.push_back(messages.send(ana(), room, {.content = "x"}).id);
    }
    rooms.create(ana(), {.members = {{.id = bob().user}}, .parent_message_id = ids[0]});
    messages.send(bob(), room, {.content = "x", .parent_message_id = ids[0]});
    crm.receipts().mark_read(bob(), room, ids);
    crm.receipts().mark_read(bob(), room, {ids[0], ids[1]});
    for (const PageDirection direction : {PageDirection::older, PageDirection::newer}) {
        page({.direction = direction});
        page({.cursor = ids[3], .direction = direction});
        page({.cursor = ids[3], .direction = direction, .search = "x"});
    }
    page({.around = ids[3]});
    messages.edit(ana(), room, ids[0], {.content = "y"});
    messages.remove(ana(), room, ids[0]);
    for (const bool unread : {false, true}) {
        for (const bool archived : {false, true}) {
            list({.unread = unread, .archived = archived});
            list({.type = ConversationType::group, .unread = unread, .archived = archived});
        }
    }
    list({}, {.limit = 1, .offset = 99});
    static_cast<void>(rooms.get(bob(), room));
    rooms.update(ana(), room, {.name = "Room"});
    static_cast<void>(crm.members().list(bob(), room));
    crm.members().remove(leaver, room, leaver.user);
    crm.members().add(ana(), room, {.id = leaver.user});
    static_cast<void>(crm.events_since(bob(), room, 3));
    static_cast<void>(crm.subscribe({.tenant = bob().tenant, .user = bob().user}));
    for (int n = 0; n < 2; ++n) {
        crm.once(ana(), {.key = "k", .fingerprint = "f"}, [](Transaction&) { return "done"; });
    }
    static_cast<void>(crm.check());
    crm.repair();
    crm.tidy();
    rooms.remove(ana(), room);
}

template <typename Body>
void with_statements(const Body& body) {
    // In memory there is one connection, which has prepared them all.
    Crm crm{sqlite_store({.path = ":memory:"})};
    use_contacts(crm);
    use_conversations(crm);
    crm.transact(ana(), [&](Transaction& tx) {
        auto* const db = static_cast<sqlite3*>(tx.native_handle());
        body(db, statements_of(db));
    });
}

}  // namespace

TEST_SUITE("adapters.sqlite.plans") {

    TEST_CASE("no statement goes through all that a tenant has, or through a book unasked") {
        with_statements([](sqlite3* db, const std::set<std::string>& statements) {
            CHECK(statements.size() > 60);
            for (const std::string& statement : statements) {
                for (const std::string& line : plan_of(db, statement)) {
                    CAPTURE(statement);
                    CAPTURE(line);
                    CHECK_FALSE(goes_through_all(line));
                    if (goes_through_book(line)) {
                        CHECK(statement.find("source <> ''") != std::string::npos);
                    }
                }
            }
        });
    }

    TEST_CASE("no row that is written needs a table of its own") {
        with_statements([](sqlite3* db, const std::set<std::string>& statements) {
            int writing = 0;
            for (const std::string& statement : statements) {
                if (statement.find(" values (") == std::string::npos) continue;
                ++writing;
                const std::vector<std::string> program = program_of(db, statement);
                CAPTURE(statement);
                CHECK(std::find(program.begin(), program.end(), "OpenEphemeral") == program.end());
            }
            CHECK(writing > 10);
        });
    }
}
