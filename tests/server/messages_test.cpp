#include "support/http_scenario.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

using namespace lvng::server;
using namespace lvng::server::testing;

namespace {

/// A group of ana and bob in which ana said `one`, `two` and so on.
struct Talk {
    explicit Talk(int count) : path{open_group(server, Who::ana, R"(["bob"])")} {
        const std::vector<std::string> words{"one", "two", "three", "four", "five", "six", "seven"};
        for (int i = 0; i < count; ++i)
            said.push_back(say(server, Who::ana, path, words.at(static_cast<std::size_t>(i))));
    }

    /// The id of the n-th message, the first being 1.
    [[nodiscard]] std::string id(std::size_t n) const { return id_in(said.at(n - 1)); }
    [[nodiscard]] std::string list(std::string_view query) const {
        return fmt::format("{}/messages?{}", path, query);
    }

    TestServer server{{.conversations_rate = std::nullopt}};
    std::string path;
    std::vector<std::string> said{};
};

std::string pagination(std::string_view cursor, bool has_more, int total) {
    return fmt::format(R"("pagination":{{"cursor":{},"hasMore":{},"total":{}}}}})", cursor,
                       has_more, total);
}

/// The numbers of the messages on a page, in their order.
std::vector<int> numbers_in(const Reply& reply) {
    constexpr std::string_view mark = R"("number":)";
    std::vector<int> numbers;
    const std::string& body = reply.body();
    for (auto at = body.find(mark); at != std::string::npos; at = body.find(mark, at + 1))
        numbers.push_back(std::stoi(body.substr(at + mark.size(), 9)));
    return numbers;
}

}  // namespace

TEST_SUITE("server.messages") {

    TEST_CASE("a sent message is answered whole, with its place") {
        Talk talk{1};
        talk.server.advance(std::chrono::seconds{1});
        const Reply reply = talk.server.send(
            Who::bob, "POST", talk.path + "/messages",
            fmt::format(R"({{"content":" hi\n","parent_message_id":"{}","metadata":{{"a": []}}}})",
                        talk.id(1)));
        CHECK(reply.status() == 201);
        REQUIRE(reply.header("Location") != nullptr);
        CHECK(reply.header("Location")->starts_with(talk.path + "/messages/msg_"));
        CHECK(
            reply.body() ==
            fmt::format(R"({{"success":true,"data":{{"id":"{}","conversation_id":"{}","number":2,)"
                        R"("user_id":"bob","content":" hi\n","message_type":"user",)"
                        R"("parent_message_id":"{}","metadata":{{"a":[]}},)"
                        R"("created_at":"2026-04-01T12:00:01.000Z",)"
                        R"("updated_at":"2026-04-01T12:00:01.000Z","edited_at":null,)"
                        R"("deleted_at":null}}}})",
                        id_in(*reply.header("Location")), id_in(talk.path), talk.id(1)));
        run(talk.server, {{Who::ana,
                           "GET",
                           talk.path,
                           "",
                           200,
                           {R"("updated_at":"2026-04-01T12:00:01.000Z")"}}});
    }

    TEST_CASE("pages go from the newest to the oldest and back") {
        Talk talk{3};
        const Reply first = talk.server.send(Who::bob, "GET", talk.list("limit=2"));
        CHECK(numbers_in(first) == std::vector<int>{3, 2});
        check_answer({.contains = {R"({"success":true,"data":[{"id":)",
                                   pagination(quoted(talk.id(2)), true, 3)}},
                     first.status(), first.body());
        const Reply last =
            talk.server.send(Who::bob, "GET", talk.list("limit=2&cursor=" + talk.id(2)));
        CHECK(numbers_in(last) == std::vector<int>{1});
        check_answer({.contains = {pagination("null", false, 3)}}, last.status(), last.body());
        const Reply newer =
            talk.server.send(Who::bob, "GET", talk.list("direction=newer&cursor=" + talk.id(1)));
        CHECK(numbers_in(newer) == std::vector<int>{2, 3});
        const Reply oldest =
            talk.server.send(Who::bob, "GET", talk.list("direction=newer&limit=1"));
        CHECK(numbers_in(oldest) == std::vector<int>{1});
        check_answer({.contains = {pagination(quoted(talk.id(1)), true, 3)}}, oldest.status(),
                     oldest.body());
        run(talk.server,
            {
                {Who::bob, "GET", talk.list("cursor="), "", 200, {pagination("null", false, 3)}},
                {Who::bob,
                 "GET",
                 talk.list("cursor=" + talk.id(1)),
                 "",
                 200,
                 {R"({"success":true,"data":[],)" + pagination("null", false, 3)}},
                {Who::bob, "GET", talk.path + "/messages", "", 200, {talk.id(1), talk.id(3)}},
            });
    }

    TEST_CASE("a page around a message tells where newer ones go on") {
        Talk talk{7};
        const Reply page =
            talk.server.send(Who::bob, "GET", talk.list("limit=3&around=" + talk.id(4)));
        CHECK(numbers_in(page) == std::vector<int>{5, 4, 3});
        check_answer({.contains = {fmt::format(R"("pagination":{{"cursor":"{}","hasMore":true,)"
                                               R"("total":7,"newer_cursor":"{}"}}}})",
                                               talk.id(3), talk.id(5))}},
                     page.status(), page.body());
        run(talk.server, {{Who::bob,
                           "GET",
                           talk.list("around=" + talk.id(7)),
                           "",
                           200,
                           {R"("hasMore":false,"total":7,"newer_cursor":null}})"}}});
    }

    TEST_CASE("a search finds without case, and never what was deleted") {
        Talk talk{3};
        run(talk.server,
            {
                {Who::bob, "GET", talk.list("search=T"), "", 200, {"two", "three", R"("total":2)"}},
                {Who::bob, "DELETE", talk.said[1], "", 403},
                {Who::ana, "DELETE", talk.said[1], "", 200},
                {Who::bob, "GET", talk.list("search=T"), "", 200, {"three", R"("total":1)"}},
                {Who::bob, "GET", talk.list("search=%25"), "", 200, {R"("data":[])"}},
                {Who::bob, "GET", talk.list("search=%20"), "", 200, {R"("total":2)"}},
            });
    }

    TEST_CASE("its sender edits a message, and a change of nothing is none") {
        Talk talk{1};
        talk.server.advance(std::chrono::minutes{1});
        const std::string at = talk.said[0];
        run(talk.server,
            {
                {Who::ana, "PATCH", at, "{}", 200, {R"("edited_at":null)"}},
                {Who::ana, "PATCH", at, R"({"content":"one"})", 200, {R"("edited_at":null)"}},
                {Who::bob, "PATCH", at, R"({"content":"x"})", 403, {"FORBIDDEN"}},
                {Who::ana,
                 "PATCH",
                 at,
                 R"({"content":"1","metadata":{"a":1}})",
                 200,
                 {R"("content":"1")", R"("metadata":{"a":1})",
                  R"("created_at":"2026-04-01T12:00:00.000Z",)"
                  R"("updated_at":"2026-04-01T12:01:00.000Z",)"
                  R"("edited_at":"2026-04-01T12:01:00.000Z","deleted_at":null)"}},
                {Who::ana, "PATCH", at, R"({"metadata":null})", 200, {R"("metadata":{})"}},
                {Who::ana,
                 "GET",
                 talk.path,
                 "",
                 200,
                 {R"("updated_at":"2026-04-01T12:00:00.000Z")"}},
            });
    }

    TEST_CASE("a deleted message leaves a tombstone, once and for all") {
        Talk talk{1};
        const std::string theirs = say(talk.server, Who::bob, talk.path, "bye");
        talk.server.advance(std::chrono::minutes{1});
        const std::string deleted = R"({"success":true,"deleted":true})";
        run(talk.server,
            {
                {Who::bob, "DELETE", talk.said[0], "", 403, {"FORBIDDEN"}},
                {Who::ana, "DELETE", theirs, "", 200, {deleted}},
                {Who::bob, "DELETE", theirs, "", 200, {deleted}},
                {Who::bob, "PATCH", theirs, R"({"content":"x"})", 409, {"CONFLICT"}},
                {Who::bob,
                 "GET",
                 talk.path + "/messages",
                 "",
                 200,
                 {R"("number":2,"user_id":"bob","content":"")", pagination("null", false, 1),
                  R"("metadata":{},"created_at":"2026-04-01T12:00:00.000Z",)"
                  R"("updated_at":"2026-04-01T12:01:00.000Z","edited_at":null,)"
                  R"("deleted_at":"2026-04-01T12:01:00.000Z")"},
                 {"bye"}},
                {Who::ana, "POST", talk.path + "/messages",
                 message_with("parent_message_id", quoted(id_in(theirs))), 201},
            });
    }

    TEST_CASE("a message says what it is, and system ones are for admins") {
        TestServer server;
        const std::string group = server.create_at(
            Who::ana, conversations,
            R"({"conversation_type":"group","member_ids":["bob"],"member_types":{"bob":"twin"}})");
        const std::string messages = group + "/messages";
        run(server, {
                        {Who::bob,
                         "POST",
                         messages,
                         R"({"content":"a"})",
                         201,
                         {R"("message_type":"twin")"}},
                        {Who::ana,
                         "POST",
                         messages,
                         R"({"content":"a"})",
                         201,
                         {R"("message_type":"user")"}},
                        {Who::bob,
                         "POST",
                         messages,
                         message_with("message_type", R"("user")"),
                         201,
                         {R"("message_type":"user")"}},
                        {Who::bob,
                         "POST",
                         messages,
                         message_with("message_type", R"("system")"),
                         403,
                         {"FORBIDDEN"}},
                        {Who::ana,
                         "POST",
                         messages,
                         message_with("message_type", R"("system")"),
                         201,
                         {R"("message_type":"system")"}},
                    });
    }

    TEST_CASE("twins and agents wait for somebody else once their run is full") {
        TestServer server;
        const std::string group = server.create_at(
            Who::ana, conversations,
            R"({"conversation_type":"group","member_ids":["bob"],"member_types":{"bob":"agent"},
                "settings":{"agent_run_limit":2}})");
        const std::string messages = group + "/messages";
        const std::string hello = R"({"content":"hello"})";
        run(server,
            {
                {Who::bob, "POST", messages, hello, 201},
                {Who::ana, "POST", messages, message_with("message_type", R"("twin")"), 201},
                {Who::bob, "POST", messages, hello, 409, {"CONFLICT"}},
                {Who::bob, "POST", messages, message_with("message_type", R"("user")"), 409},
                {Who::ana, "POST", messages, hello, 201, {R"("number":3)"}},
                {Who::bob, "POST", messages, hello, 201, {R"("number":4)"}},
            });
    }

    TEST_CASE("an unknown message is not found, and a malformed id is named before the body") {
        Talk talk{1};
        const std::string other = open_group(talk.server, Who::ana, R"(["bob"])");
        const std::string foreign = id_in(say(talk.server, Who::ana, other));
        for (const std::string& id : {unknown_message, foreign})
            run(talk.server,
                {
                    {Who::ana, "PATCH", talk.path + "/messages/" + id, "{}", 404, {"NOT_FOUND"}},
                    {Who::ana, "DELETE", talk.path + "/messages/" + id, "", 404, {"NOT_FOUND"}},
                    {Who::ana,
                     "POST",
                     talk.path + "/messages",
                     message_with("parent_message_id", quoted(id)),
                     404,
                     {"NOT_FOUND"}},
                });
        const std::vector<std::string> only_id{"messageId"};
        for (const std::string id : {"x", "00000000-0000-7000-8000-000000000001", "msg_1",
                                     "conv_00000000-0000-7000-8000-000000000001"}) {
            CAPTURE(id);
            const std::string path = talk.path + "/messages/" + id;
            CHECK(bad_fields(talk.server.send(Who::ana, "DELETE", path).body()) == only_id);
            CHECK(bad_fields(talk.server.send(Who::ana, "PATCH", path, R"({"x":1})").body()) ==
                  only_id);
        }
    }

}  // TEST_SUITE
