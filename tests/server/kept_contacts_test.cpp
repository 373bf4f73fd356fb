#include "support/http_scenario.hpp"
#include "support/sqlite_desk.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <atomic>
#include <string>

// What a server answers of contacts without asking its store, which a file allows.

using namespace lvng::server;
using namespace lvng::server::testing;
using lvng::crm::test::OtherProgram;
using lvng::crm::test::run_threads;

namespace {

namespace crm = lvng::crm;

const std::string contacts = "/api/v2/contacts";

std::string path_of(crm::Crm& crm) {
    return crm.transact({.tenant = crm::TenantId{"t"}, .user = crm::UserId{"u"}},
                        [](crm::Transaction& tx) {
                            auto* db = static_cast<sqlite3*>(tx.native_handle());
                            return std::string{sqlite3_db_filename(db, "main")};
                        });
}

struct OneContact {
    TestServer server;
    std::string jane = server.create(Who::ana, R"({"name":"Jane"})");

    /// Asks, and says from where the answer came: `kept`, `printed`.
    std::string from(Who who, const std::string& target, int status = 200) {
        const long before = answered("kept");
        CHECK(server.send(who, "GET", target).status() == status);
        return answered("kept") > before ? "kept" : "printed";
    }
    long answered(const std::string& from) {
        const std::string name = fmt::format("\nlvng_pages_total{{from=\"{}\"}} ", from);
        const std::string text = server.app().metrics().text();
        return std::stol(text.substr(text.find(name) + name.size()));
    }
};

}  // namespace

TEST_SUITE("server.kept_contacts") {

    TEST_CASE_FIXTURE(OneContact, "a contact is printed once while the store stays as it is") {
        CHECK(from(Who::ana, jane) == "printed");
        CHECK(from(Who::ana, jane) == "kept");
        CHECK(from(Who::ana, jane) == "kept");
        server.create(Who::bob, R"({"name":"Joe"})");
        CHECK(from(Who::ana, jane) == "printed");
        CHECK(from(Who::ana, jane) == "kept");
    }

    TEST_CASE_FIXTURE(OneContact, "a kept contact has tag and headers as a read one has") {
        const Reply read = server.send(Who::ana, "GET", jane);
        const Reply kept = server.send(Who::ana, "GET", jane);
        CHECK(answered("kept") == 1);
        CHECK(kept.body() == read.body());
        for (const Reply::Field& field : read.headers()) {
            if (field.name == "X-Request-Id" || field.name == "X-RateLimit-Remaining") continue;
            INFO(field.name);
            REQUIRE(kept.header(field.name) != nullptr);
            CHECK(*kept.header(field.name) == field.value);
        }
        const std::string tag = *read.header("ETag");
        const Reply same = server.send(Who::ana, "GET", jane, "", {{"If-None-Match", tag}});
        CHECK(same.status() == 304);
        CHECK(same.body() == "");
        CHECK(*same.header("ETag") == tag);
        CHECK(server.send(Who::ana, "HEAD", jane).status() == 200);
        CHECK(server.send(Who::ana, "HEAD", jane, "", {{"If-None-Match", tag}}).status() == 304);
        CHECK(server.send(Who::ana, "GET", jane, "", {{"If-None-Match", "x"}}).status() == 400);
    }

    TEST_CASE_FIXTURE(OneContact, "a change is seen at once, with another tag") {
        const std::string before = *server.send(Who::ana, "GET", jane).header("ETag");
        const Reply put = server.send(Who::ana, "PUT", jane, R"({"name":"Joan"})");
        const Reply after = server.send(Who::ana, "GET", jane);
        CHECK(after.body() == put.body());
        CHECK(*after.header("ETag") == *put.header("ETag"));
        CHECK(*after.header("ETag") != before);
        run(server, {
                        {Who::ana, "DELETE", jane, "", 200},
                        {Who::ana, "GET", jane, "", 404},
                        {Who::ana, "GET", jane, "", 404},
                    });
    }

    TEST_CASE_FIXTURE(OneContact, "nobody gets what was kept for another") {
        run(server, {
                        {Who::ana, "GET", jane, "", 200, {"Jane"}},
                        {Who::ana, "GET", jane, "", 200, {"Jane"}},
                        {Who::bob, "GET", jane, "", 404},
                        {Who::ana_of_another, "GET", jane, "", 404},
                        {Who::guest, "GET", jane, "", 401},
                        {Who::ana, "GET", contacts, "", 200, {"Jane"}},
                        {Who::ana, "GET", contacts, "", 200, {"Jane"}},
                        {Who::bob, "GET", contacts, "", 200, {}, {"Jane"}},
                        {Who::ana_of_another, "GET", contacts, "", 200, {}, {"Jane"}},
                    });
    }

    TEST_CASE_FIXTURE(OneContact, "what another program writes is seen at once") {
        OtherProgram other{path_of(server.crm())};
        CHECK(from(Who::ana, jane) == "printed");
        CHECK(from(Who::ana, jane) == "kept");
        CHECK(other.run("update lvng_contacts set name = 'Joan', version = version + 1") == "");
        run(server, {{Who::ana, "GET", jane, "", 200, {"Joan"}, {"Jane"}}});
        CHECK(other.run("delete from lvng_contacts") == "");
        CHECK(from(Who::ana, jane, 404) == "printed");
    }

    TEST_CASE_FIXTURE(OneContact, "a list that did not change while the store did is kept") {
        CHECK(from(Who::ana, contacts) == "printed");
        CHECK(from(Who::ana, contacts) == "kept");
        server.create(Who::bob, R"({"name":"Joe"})");
        CHECK(from(Who::ana, contacts) == "kept");
        CHECK(from(Who::ana, contacts) == "kept");
        server.create(Who::ana, R"({"name":"Jim"})");
        CHECK(from(Who::ana, contacts) == "printed");
    }

    TEST_CASE_FIXTURE(OneContact, "an answer is never older than a change acknowledged before") {
        constexpr int changes = 300;
        std::atomic<int> acknowledged{0};
        std::atomic<bool> stale{false};
        PageCache pages{[&] { return server.crm().moment(); }};
        const crm::Principal ana{.tenant = crm::TenantId{"acme"}, .user = crm::UserId{"ana"}};
        crm::Contacts& book = server.crm().contacts();
        const crm::ContactId id{id_in(jane)};
        book.update(ana, id, {.name = "0"});
        run_threads(4, [&](int number) {
            if (number == 0) {
                for (int n = 1; n <= changes; ++n) {
                    book.update(ana, id, {.name = std::to_string(n)});
                    acknowledged = n;
                }
                return;
            }
            for (int least = 0; least < changes;) {
                least = acknowledged;
                const std::string name =
                    number == 1
                        ? pages
                              .own_list(
                                  ana, "list",
                                  [&](const crm::ListVersion& known) {
                                      return book.list_if_changed(ana, known);
                                  },
                                  [](const auto& list) { return list.items.at(0).name; })
                              .body()
                        : pages
                              .own_object(
                                  ana, "contact",
                                  [&] { return PageCache::Tagged{.json = book.get(ana, id).name}; })
                              .body();
                if (std::stoi(name) < least) stale = true;
            }
        });
        CHECK_FALSE(stale);
    }
}
