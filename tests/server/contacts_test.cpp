#include "support/http_scenario.hpp"

#include <lvng/crm/json.hpp>

#include <doctest/doctest.h>

using namespace lvng::server;
using namespace lvng::server::testing;

namespace {

const std::string contacts = "/api/v2/contacts";
const std::string unknown = contact_path(999);

/// The body without its request id, which differs each time.
std::string without_request_id(const Reply& reply) {
    std::string body = reply.body();
    if (body.empty()) return body;  // to a HEAD, over a socket
    const std::string id = error_member(body, "request_id");
    body.replace(body.find(id), id.size(), "ID");
    return body;
}

}  // namespace

TEST_SUITE("server.contacts") {

    TEST_CASE("a created contact is answered whole, with its place") {
        TestServer server;
        const Reply reply = server.send(Who::ana, "POST", contacts,
                                        R"({"name":" Jane Smith ","email":"jane@acme.com",
                                        "company":"Acme Corp","title":"VP Engineering",
                                        "tags":["client","engineering"],"source":"meeting"})");
        CHECK(reply.status() == 201);
        CHECK(*reply.header("Location") == contact_path(1));
        CHECK(*reply.header("Content-Type") == "application/json");
        CHECK(
            reply.body() ==
            R"({"success":true,"contact":{"id":"00000000-0000-7000-8000-000000000001",)"
            R"("user_id":"ana","name":"Jane Smith","email":"jane@acme.com","phone":null,)"
            R"("company":"Acme Corp","title":"VP Engineering","tags":["client","engineering"],)"
            R"("notes":"","source":"meeting","other_emails":[],"other_phones":[],)"
            R"("created_at":"2026-04-01T12:00:00.000Z","updated_at":"2026-04-01T12:00:00.000Z"}})");
    }

    TEST_CASE("a contact lives from its creation to its deletion") {
        TestServer server;
        run(server,
            {
                {Who::ana, "POST", contacts, R"({"name":"Jane"})", 201, {R"("notes":"")"}},
                {Who::ana, "GET", contact_path(1), "", 200, {R"("success":true,"contact":{"id":)"}},
                {Who::ana, "PUT", contact_path(1), R"({"title":"CTO"})", 200, {R"("title":"CTO")"}},
                {Who::ana, "PUT", contact_path(1), R"({"title":null})", 200, {R"("title":null)"}},
                {Who::ana, "PUT", contact_path(1), "{}", 200, {R"("name":"Jane")"}},
                {Who::ana, "DELETE", contact_path(1), "", 200, {"Contact deleted"}},
                {Who::ana, "DELETE", contact_path(1), "", 404, {"NOT_FOUND"}},
                {Who::ana, "GET", contact_path(1), "", 404, {"NOT_FOUND"}},
                {Who::ana, "PUT", contact_path(1), R"({"title":"x"})", 404, {"NOT_FOUND"}},
            });
    }

    TEST_CASE("the deletion is answered as the product's page shows it") {
        TestServer server;
        const std::string jane = server.create(Who::ana, R"({"name":"Jane"})");
        const Reply reply = server.send(Who::ana, "DELETE", jane);
        CHECK(reply.body() == R"({"success":true,"message":"Contact deleted"})");
    }

    TEST_CASE("an id is read in either case and answered in lower case") {
        TestServer server;
        for (int i = 0; i < 10; ++i) server.create(Who::ana, R"({"name":"Jane"})");
        run(server, {{Who::ana,
                      "GET",
                      contacts + "/00000000-0000-7000-8000-00000000000A",
                      "",
                      200,
                      {"00000000-0000-7000-8000-00000000000a"}}});
    }

    TEST_CASE("a taken e-mail address names the contact that has it") {
        TestServer server;
        server.create(Who::ana, R"({"name":"Jane","email":"Jane@Acme.com"})");
        server.create(Who::ana, R"({"name":"Jo"})");
        const std::vector<std::string> holder{
            R"("code":"ALREADY_EXISTS")", R"("details":[{"field":"email",)",
            R"("contact_id":"00000000-0000-7000-8000-000000000001")"};
        run(server,
            {
                {Who::ana, "POST", contacts, R"({"name":"J","email":"jane@acme.com"})", 409,
                 holder},
                {Who::ana, "PUT", contact_path(2), R"({"email":"JANE@acme.com"})", 409, holder},
                {Who::bob, "POST", contacts, R"({"name":"J","email":"jane@acme.com"})", 201},
            });
    }

    TEST_CASE("a list says its total, limit and offset") {
        TestServer server;
        for (const auto* name : {"Cid", "Ann", "Bea"})
            server.create(Who::ana, std::string{R"({"name":")"} + name + "\"}");
        run(server,
            {
                {Who::ana, "GET", contacts, "", 200, {R"(],"total":3,"limit":50,"offset":0})"}},
                {Who::ana,
                 "GET",
                 contacts + "?limit=1&offset=1",
                 "",
                 200,
                 {R"("name":"Bea")", R"(],"total":3,"limit":1,"offset":1})"},
                 {"Ann", "Cid"}},
                {Who::ana,
                 "GET",
                 contacts + "?offset=1000000000",
                 "",
                 200,
                 {R"({"success":true,"contacts":[],"total":3,)"}},
                {Who::bob,
                 "GET",
                 contacts,
                 "",
                 200,
                 {R"({"success":true,"contacts":[],"total":0,"limit":50,"offset":0})"}},
            });
    }

    TEST_CASE("a list is filtered by search, company, tags and source together") {
        TestServer server;
        server.create(Who::ana, R"({"name":"Ann","company":"Acme","tags":["a","b"]})");
        server.create(Who::ana, R"({"name":"Bea","company":"Acme","tags":["a"],"source":"email"})");
        server.create(Who::ana, R"({"name":"Cid","company":"Acme Ltd","email":"c@bea.org"})");
        run(server,
            {
                {Who::ana, "GET", contacts + "?search=BEA", "", 200, {R"("total":2)"}, {"Ann"}},
                {Who::ana, "GET", contacts + "?company=acme", "", 200, {R"("total":2)"}, {"Cid"}},
                {Who::ana, "GET", contacts + "?tags=A,%20b", "", 200, {R"("total":1)", "Ann"}},
                {Who::ana,
                 "GET",
                 contacts + "?tags=a&source=email",
                 "",
                 200,
                 {R"("total":1)", "Bea"}},
                {Who::ana,
                 "GET",
                 contacts + "?search=acme&company=acme+ltd",
                 "",
                 200,
                 {R"("total":1)", "Cid"}},
                {Who::ana, "GET", contacts + "?search=&company=&tags=", "", 200, {R"("total":3)"}},
                {Who::ana,
                 "GET",
                 contacts + "?tags=,,&unknown=1&unknown=2",
                 "",
                 200,
                 {R"("total":3)"}},
            });
    }

    TEST_CASE("every route refuses guests alike, and hides contacts from strangers") {
        TestServer server;
        const std::string jane = server.create(Who::ana, R"({"name":"Jane","email":"j@acme.com"})");
        struct Row {
            std::string method{};
            std::string body{};
        };
        for (const auto& [method, body] : {Row{"GET"}, Row{"HEAD"}, Row{"PUT", R"({"name":"x"})"},
                                           Row{"PUT", "{}"}, Row{"DELETE"}}) {
            CAPTURE(method);
            const Reply guest = server.send(Who::guest, method, jane, body);
            CHECK(guest.status() == 401);
            CHECK(*guest.header("WWW-Authenticate") == "Bearer");
            const std::string reading = method == "HEAD" ? method : "GET";
            CHECK(without_request_id(guest) ==
                  without_request_id(server.send(Who::guest, reading, contacts)));
            for (const Who stranger : {Who::bob, Who::ana_of_another}) {
                const Reply theirs = server.send(stranger, method, jane, body);
                const Reply nobodys = server.send(stranger, method, unknown, body);
                CHECK(theirs.status() == 404);
                CHECK(without_request_id(theirs) == without_request_id(nobodys));
            }
        }
        for (const Who stranger : {Who::bob, Who::ana_of_another})
            run(server, {{stranger, "GET", contacts + "?search=jane", "", 200, {R"("total":0)"}}});
        run(server, {{Who::ana, "GET", jane, "", 200, {R"("name":"Jane")"}}});
    }

    TEST_CASE("a malformed id is refused alone, before the body's fields") {
        TestServer server;
        for (const std::string id : {"zzz", "00000000-0000-7000-8000-00000000000", "%20", "a%2Fb",
                                     "conv_00000000-0000-7000-8000-000000000001", ".."}) {
            CAPTURE(id);
            const std::vector<std::string> only_id{"id"};
            const std::string path = contacts + "/" + id;
            CHECK(bad_fields(server.send(Who::ana, "GET", path).body()) == only_id);
            CHECK(bad_fields(server.send(Who::ana, "DELETE", path).body()) == only_id);
            const Reply put = server.send(Who::ana, "PUT", path, R"({"name":7,"x":1})");
            CHECK(put.status() == 400);
            CHECK(bad_fields(put.body()) == only_id);
            CHECK(error_member(server.send(Who::ana, "PUT", path, "{").body(), "code") ==
                  "INVALID_JSON");
        }
    }

    TEST_CASE("a PUT that changes nothing leaves updated_at alone") {
        TestServer server;
        const std::string jane = server.create(Who::ana, R"({"name":"Jane","tags":["a"]})");
        server.advance(std::chrono::minutes{1});
        const std::vector<std::string> untouched{R"("updated_at":"2026-04-01T12:00:00.000Z")"};
        run(server, {
                        {Who::ana, "PUT", jane, "{}", 200, untouched},
                        {Who::ana, "PUT", jane, R"({"name":" Jane "})", 200, untouched},
                        {Who::ana, "PUT", jane, R"({"tags":["a","A"]})", 200, untouched},
                        {Who::ana, "PUT", jane, R"({"phone":null})", 200, untouched},
                        {Who::ana,
                         "PUT",
                         jane,
                         R"({"notes":"x"})",
                         200,
                         {R"("updated_at":"2026-04-01T12:01:00.000Z")"}},
                    });
    }

}  // TEST_SUITE
