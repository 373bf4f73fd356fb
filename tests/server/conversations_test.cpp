#include "support/http_scenario.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

using namespace lvng::server;
using namespace lvng::server::testing;

namespace {

const std::string unknown = conversations + "/conv_00000000-0000-7000-8000-000000000999";
const std::string direct_with_bob = R"({"conversation_type":"direct","member_ids":["bob"]})";

}  // namespace

TEST_SUITE("server.conversations") {

    TEST_CASE("a created conversation is answered whole, with its place") {
        TestServer server;
        const Reply reply =
            server.send(Who::ana, "POST", conversations,
                        R"({"conversation_type":"project","name":" Alpha ","description":" d ",
                        "member_ids":["bob","twin-1","bob","ana"],
                        "member_types":{"twin-1":"twin","ana":"agent"},
                        "project_id":"proj_1","settings":{"pinned": [1, 2]}})");
        CHECK(reply.status() == 201);
        REQUIRE(reply.header("Location") != nullptr);
        const std::string path = *reply.header("Location");
        CHECK(path.starts_with(conversations + "/conv_"));
        CHECK(reply.body() ==
              R"({"success":true,"data":{"id":")" + id_in(path) +
                  R"(","name":"Alpha","conversation_type":"project","description":" d ",)"
                  R"("project_id":"proj_1","parent_message_id":null,"is_archived":false,)"
                  R"("settings":{"pinned":[1,2]},"member_count":3,"created_by":"ana",)"
                  R"("created_at":"2026-04-01T12:00:00.000Z",)"
                  R"("updated_at":"2026-04-01T12:00:00.000Z"}})");
        run(server,
            {{Who::ana,
              "GET",
              path,
              "",
              200,
              {R"("id":"ana","display_name":"Ana","role":"admin","member_type":"agent")",
               R"("id":"bob","display_name":"bob","role":"member","member_type":"user",)"
               R"("joined_at":"2026-04-01T12:00:00.000Z")",
               R"("id":"twin-1","display_name":"twin-1","role":"member","member_type":"twin")"}}});
    }

    TEST_CASE("a conversation lives from its creation to its deletion") {
        TestServer server;
        const std::string group = open_group(server, Who::ana, R"(["bob"])");
        run(server,
            {
                {Who::bob, "GET", group, "", 200, {R"("success":true,"data":{"id":"conv_)"}},
                {Who::ana, "PATCH", group, R"({"name":" X "})", 200, {R"("name":"X")"}},
                {Who::ana, "PATCH", group, R"({"name":null})", 200, {R"("name":null)"}},
                {Who::ana,
                 "PATCH",
                 group,
                 R"({"is_archived":true,"settings":{"a":1},"description":" d\n"})",
                 200,
                 {R"("description":" d\n","project_id":null,"parent_message_id":null,)"
                  R"("is_archived":true,"settings":{"a":1},"member_count":2)"}},
                {Who::ana,
                 "PATCH",
                 group,
                 R"({"settings":null,"description":null,"is_archived":false})",
                 200,
                 {R"("description":null)", R"("settings":{})", R"("is_archived":false)"}},
                {Who::ana, "DELETE", group, "", 200, {R"({"success":true,"deleted":true})"}},
                {Who::ana, "DELETE", group, "", 404, {"NOT_FOUND"}},
                {Who::bob, "GET", group, "", 404, {"NOT_FOUND"}},
                {Who::ana, "PATCH", group, "{}", 404, {"NOT_FOUND"}},
            });
    }

    TEST_CASE("a member who deletes leaves, and the others stay") {
        TestServer server;
        const std::string group = open_group(server, Who::ana, R"(["bob","cid"])");
        run(server, {
                        {Who::bob, "DELETE", group, "", 200, {R"({"success":true,"left":true})"}},
                        {Who::bob, "GET", group, "", 404},
                        {Who::cid, "GET", group, "", 200, {R"("member_count":2)"}, {"bob"}},
                    });
    }

    TEST_CASE("a direct pair has one conversation, from either side") {
        TestServer server;
        const std::string direct = server.create_at(Who::ana, conversations, direct_with_bob);
        const Reply again = server.send(
            Who::bob, "POST", conversations,
            R"({"conversation_type":"direct","member_ids":["ana"],"name":"x","settings":{"a":1}})");
        CHECK(again.status() == 200);
        CHECK(again.header("Location") == nullptr);
        check_answer({.status = 200,
                      .contains = {id_in(direct), R"("name":null)", R"("settings":{})",
                                   R"("created_by":"ana")"}},
                     again.status(), again.body());
        run(server,
            {
                {Who::bob, "DELETE", direct, "", 200, {R"("left":true)"}},
                {Who::ana, "POST", conversations, direct_with_bob, 200, {R"("member_count":2)"}},
                {Who::bob, "GET", direct, "", 200, {R"("role":"member")"}},
                {Who::ana,
                 "POST",
                 conversations,
                 R"({"conversation_type":"direct","member_ids":["bob"],"project_id":"p"})",
                 201,
                 {},
                 {id_in(direct)}},
                {Who::ana_of_another, "POST", conversations, direct_with_bob, 201},
            });
    }

    TEST_CASE("a conversation may start from a message that its creator can see") {
        TestServer server;
        const std::string group = open_group(server, Who::ana, R"(["bob"])");
        const std::string message = id_in(say(server, Who::bob, group));
        const auto from = [&](std::string_view id) {
            return fmt::format(
                R"({{"conversation_type":"group","member_ids":["bob"],"parent_message_id":"{}"}})",
                id);
        };
        const std::string nobodys = "msg_00000000-0000-7000-8000-000000000999";
        run(server,
            {
                {Who::ana,
                 "POST",
                 conversations,
                 from(message),
                 201,
                 {R"("parent_message_id":")" + message}},
                {Who::cid, "POST", conversations, from(message), 404, {"NOT_FOUND"}},
                {Who::ana_of_another, "POST", conversations, from(message), 404, {"NOT_FOUND"}},
                {Who::ana, "POST", conversations, from(nobodys), 404, {"NOT_FOUND"}},
            });
    }

    TEST_CASE("a list carries what is unread and what came last, latest first") {
        TestServer server;
        const std::string first = open_group(server, Who::ana, R"(["bob"])");
        server.advance(std::chrono::seconds{1});
        const std::string second = open_group(server, Who::ana, R"(["bob"])");
        run(server, {{Who::bob,
                      "GET",
                      conversations,
                      "",
                      200,
                      {R"({"success":true,"data":[{"id":")" + id_in(second),
                       R"("unread_count":0,"last_message":null},{"id":")" + id_in(first),
                       R"(}],"pagination":{"limit":20,"offset":0,"total":2}})"}}});
        server.advance(std::chrono::seconds{1});
        const std::string message = id_in(say(server, Who::ana, first, "news"));
        run(server,
            {
                {Who::bob,
                 "GET",
                 conversations + "?limit=1",
                 "",
                 200,
                 {R"({"success":true,"data":[{"id":")" + id_in(first),
                  R"("updated_at":"2026-04-01T12:00:02.000Z","unread_count":1,)"
                  R"("last_message":{"id":")" +
                      message,
                  R"("content":"news")", R"(}}],"pagination":{"limit":1,"offset":0,"total":2}})"},
                 {id_in(second)}},
                {Who::ana,
                 "GET",
                 conversations + "?offset=1",
                 "",
                 200,
                 {id_in(second), R"("pagination":{"limit":20,"offset":1,"total":2}})"},
                 {message}},
                {Who::ana, "GET", conversations, "", 200, {R"("unread_count":0,"last_message":{)"}},
                {Who::cid,
                 "GET",
                 conversations,
                 "",
                 200,
                 {R"({"success":true,"data":[],"pagination":{"limit":20,"offset":0,"total":0}})"}},
            });
    }

    TEST_CASE("a list is filtered by type, unread and archived together") {
        TestServer server;
        const std::string direct = server.create_at(Who::ana, conversations, direct_with_bob);
        const std::string group = open_group(server, Who::ana, R"(["bob"])");
        const std::string archived = open_group(server, Who::ana, R"(["bob"])");
        say(server, Who::ana, direct);
        say(server, Who::ana, archived);
        const auto total = [](int count) { return fmt::format(R"("total":{}}}}})", count); };
        const auto list = [&](std::string_view query) {
            return fmt::format("{}?{}", conversations, query);
        };
        run(server, {
                        {Who::ana, "PATCH", archived, R"({"is_archived":true})", 200},
                        {Who::bob, "GET", conversations, "", 200, {total(2)}, {id_in(archived)}},
                        {Who::bob, "GET", list("archived=true"), "", 200, {total(3)}},
                        {Who::bob, "GET", list("archived=false&unread=false"), "", 200, {total(2)}},
                        {Who::bob, "GET", list("unread=true"), "", 200, {total(1), id_in(direct)}},
                        {Who::bob, "GET", list("unread=true&archived=true"), "", 200, {total(2)}},
                        {Who::ana, "GET", list("unread=true"), "", 200, {total(0)}},
                        {Who::bob, "GET", list("type=group"), "", 200, {total(1), id_in(group)}},
                        {Who::bob, "GET", list("type=project"), "", 200, {total(0)}},
                        {Who::bob, "GET", list("type=direct&unread=true"), "", 200, {total(1)}},
                    });
    }

    TEST_CASE("a PATCH that changes nothing leaves updated_at alone, every other one moves it") {
        TestServer server;
        const std::string group = open_group(server, Who::ana, R"(["bob"])");
        server.advance(std::chrono::minutes{1});
        const std::vector<std::string> untouched{R"("updated_at":"2026-04-01T12:00:00.000Z")"};
        run(server, {
                        {Who::ana, "PATCH", group, "{}", 200, untouched},
                        {Who::ana, "PATCH", group, R"({"name":" "})", 200, untouched},
                        {Who::ana, "PATCH", group, R"({"is_archived":false})", 200, untouched},
                        {Who::ana, "PATCH", group, R"({"settings":{}})", 200, untouched},
                        {Who::ana,
                         "PATCH",
                         group,
                         R"({"name":"x"})",
                         200,
                         {R"("updated_at":"2026-04-01T12:01:00.000Z")"}},
                    });
    }

    TEST_CASE("a malformed id is refused alone, before the body's fields") {
        TestServer server{{.conversations_rate = std::nullopt}};
        const std::vector<std::string> only_id{"id"};
        for (const std::string id : {"zzz", "00000000-0000-7000-8000-000000000001", "conv_",
                                     "conv_00000000-0000-7000-8000-00000000000",
                                     "msg_00000000-0000-7000-8000-000000000001", "%20"}) {
            CAPTURE(id);
            const std::string path = conversations + "/" + id;
            for (const auto& [method, target] : std::vector<std::pair<std::string, std::string>>{
                     {"GET", path},
                     {"PATCH", path},
                     {"DELETE", path},
                     {"GET", path + "/messages?limit=0"},
                     {"POST", path + "/messages"},
                     {"PATCH", path + "/messages/x"},
                     {"DELETE", path + "/messages/x"},
                     {"POST", path + "/members"},
                     {"DELETE", path + "/members/%20"},
                     {"POST", path + "/read-receipts"}}) {
                CAPTURE(method);
                CAPTURE(target);
                const bool has_body = method == "POST" || method == "PATCH";
                const Reply reply =
                    server.send(Who::ana, method, target, has_body ? R"({"name":7,"x":1})" : "");
                CHECK(reply.status() == 400);
                CHECK(bad_fields(reply.body()) == only_id);
            }
            CHECK(error_member(server.send(Who::ana, "PATCH", path, "{").body(), "code") ==
                  "INVALID_JSON");
        }
    }

    TEST_CASE("an id is read in either case and answered in lower case") {
        TestServer server;
        const std::string group = open_group(server, Who::ana, R"(["bob"])");
        std::string upper = id_in(group);
        for (char& letter : upper)
            if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
        run(server,
            {{Who::ana, "GET", conversations + "/" + upper, "", 200, {quoted(id_in(group))}}});
    }

    TEST_CASE("a path has the methods it has, and HEAD where GET is") {
        TestServer server;
        const std::string group = open_group(server, Who::ana, R"(["bob"])");
        const auto allow = [&](std::string_view method, const std::string& path) {
            const Reply reply = server.send(Who::ana, method, path);
            CHECK(reply.status() == 405);
            return reply.header("Allow") != nullptr ? *reply.header("Allow") : std::string{};
        };
        CHECK(allow("PUT", conversations) == "POST, GET, HEAD");
        CHECK(allow("PUT", group) == "GET, HEAD, PATCH, DELETE");
        CHECK(allow("PUT", group + "/messages") == "GET, HEAD, POST");
        CHECK(allow("GET", group + "/messages/x") == "PATCH, DELETE");
        CHECK(allow("GET", group + "/members") == "POST");
        CHECK(allow("PUT", group + "/members/bob") == "DELETE");
        CHECK(allow("GET", group + "/read-receipts") == "POST");
        run(server, {
                        {Who::ana, "HEAD", group, "", 200},
                        {Who::ana, "HEAD", unknown, "", 404},
                        {Who::ana, "HEAD", group + "/messages", "", 200},
                        {Who::ana, "GET", group + "/unknown", "", 404},
                    });
    }

}  // TEST_SUITE
