#include "support/http_scenario.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace lvng::server;
using namespace lvng::server::testing;

namespace {}  // namespace

TEST_SUITE("server.members") {

    TEST_CASE(
        "adding is answered as the product's page shows it, once with 201 and then with 200") {
        TestServer server;
        const std::string group = open_group(server, Who::ana, R"(["bob"])");
        const Reply added = server.send(Who::bob, "POST", group + "/members",
                                        R"({"member_id":"twin/1%","member_type":"twin"})");
        CHECK(added.status() == 201);
        CHECK(added.body() == R"({"success":true,"added":true,"member_id":"twin/1%"})");
        REQUIRE(added.header("Location") != nullptr);
        CHECK(*added.header("Location") == group + "/members/twin%2F1%25");
        const Reply again = server.send(Who::bob, "POST", group + "/members",
                                        R"({"member_id":"twin/1%","member_type":"agent"})");
        CHECK(again.status() == 200);
        CHECK(again.body() == R"({"success":true,"added":false,"member_id":"twin/1%"})");
        CHECK(again.header("Location") == nullptr);
        run(server, {{Who::ana,
                      "GET",
                      group,
                      "",
                      200,
                      {R"("member_count":3)", R"("id":"twin/1%","display_name":"twin/1%",)"
                                              R"("role":"member","member_type":"twin")"}}});
        const Reply removed = server.send(Who::ana, "DELETE", *added.header("Location"));
        CHECK(removed.status() == 200);
        CHECK(removed.body() == R"({"success":true,"removed":true,"member_id":"twin/1%"})");
    }

    TEST_CASE("a new member is a user unless told otherwise, and bad fields are named") {
        TestServer server{{.conversations_rate = std::nullopt}};
        const std::string group = open_group(server, Who::ana, R"(["bob"])");
        check_refusals(
            server, {.method = "POST", .path = group + "/members", .success = 200},
            {
                {R"({"member_id":"bob"})"},
                {R"({"member_id":"bob","member_type":null})"},
                {R"({"member_id":"bob","member_type":"twin"})"},
                {R"({"member_id":"bob","member_type":"agent"})"},
                {"{}", {"member_id"}},
                {R"({"member_id":null})", {"member_id"}},
                {R"({"member_id":1})", {"member_id"}},
                {R"({"member_id":""})", {"member_id"}},
                {R"({"member_id":"ü"})", {"member_id"}},
                {R"({"member_id":"bob","member_type":"system"})", {"member_type"}},
                {R"({"member_id":"bob","role":"admin"})", {"role"}},
                {R"({"member_id":"a b","member_type":7,"x":1})", {"member_id", "member_type", "x"}},
            });
        run(server, {{Who::ana, "GET", group, "", 200, {R"("member_count":2)"}, {"twin"}}});
    }

    TEST_CASE("a direct conversation takes nobody in, but knows who is there") {
        TestServer server;
        const std::string direct = server.create_at(
            Who::ana, conversations, R"({"conversation_type":"direct","member_ids":["bob"]})");
        run(server, {
                        {Who::ana,
                         "POST",
                         direct + "/members",
                         R"({"member_id":"cid"})",
                         409,
                         {"CONFLICT"}},
                        {Who::ana, "POST", direct + "/members", R"({"member_id":"bob"})", 200},
                    });
    }

    TEST_CASE("admins remove others, and everybody removes themselves") {
        TestServer server;
        const std::string group = open_group(server, Who::ana, R"(["bob","cid"])");
        run(server,
            {
                {Who::bob, "DELETE", group + "/members/cid", "", 403, {"FORBIDDEN"}},
                {Who::bob, "DELETE", group + "/members/nobody", "", 403, {"FORBIDDEN"}},
                {Who::ana, "DELETE", group + "/members/nobody", "", 404, {"NOT_FOUND"}},
                {Who::ana, "DELETE", group + "/members/cid", "", 200, {R"("removed":true)"}},
                {Who::cid, "GET", group, "", 404},
                {Who::ana, "DELETE", group + "/members/cid", "", 404},
                {Who::bob, "DELETE", group + "/members/bob", "", 200},
                {Who::ana, "GET", group, "", 200, {R"("member_count":1)"}},
            });
    }

    TEST_CASE("the last admin hands over, and the last member takes the conversation along") {
        TestServer server;
        const std::string group = open_group(server, Who::ana, R"(["bob"])");
        run(server, {
                        {Who::ana, "DELETE", group + "/members/ana", "", 200},
                        {Who::bob,
                         "GET",
                         group,
                         "",
                         200,
                         {R"("id":"bob","display_name":"bob","role":"admin")"}},
                        {Who::bob, "POST", group + "/members", R"({"member_id":"ana"})", 201},
                        {Who::ana,
                         "GET",
                         group,
                         "",
                         200,
                         {R"("id":"ana","display_name":"Ana","role":"member")"}},
                        {Who::ana, "DELETE", group + "/members/ana", "", 200},
                        {Who::bob, "DELETE", group + "/members/bob", "", 200},
                        {Who::bob, "GET", group, "", 404},
                    });
    }

    TEST_CASE("a malformed member id in the path is named") {
        TestServer server;
        const std::string group = open_group(server, Who::ana, R"(["bob"])");
        for (const std::string id : {"a%20b", "%C3%BC", "%0A"}) {
            const Reply reply = server.send(Who::ana, "DELETE", group + "/members/" + id);
            CHECK(reply.status() == 400);
            CHECK(bad_fields(reply.body()) == std::vector<std::string>{"memberId"});
        }
    }

}  // TEST_SUITE
