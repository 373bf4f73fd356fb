#include "support/http_scenario.hpp"

#include <lvng/crm/conversations/messages.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

using namespace lvng::server;
using namespace lvng::server::testing;

namespace {

/// A group of ana and bob in which ana said one thing.
struct Talk {
    TestServer server{{.conversations_rate = std::nullopt}};
    std::string path = open_group(server, Who::ana, R"(["bob"])");
    std::string said = say(server, Who::ana, path);
};

}  // namespace

TEST_SUITE("server.messages.fields") {

    TEST_CASE("bad parameters are refused by name") {
        Talk talk;
        const std::string other = open_group(talk.server, Who::ana, R"(["bob"])");
        const std::string foreign = id_in(say(talk.server, Who::ana, other));
        const std::string own = id_in(talk.said);
        check_refusals(talk.server, {.path = talk.path + "/messages"},
                       {
                           {"limit=200&direction=older&search=x&cursor=" + own},
                           {"limit=0", {"limit"}},
                           {"limit=201", {"limit"}},
                           {"direction=", {"direction"}},
                           {"direction=up", {"direction"}},
                           {"cursor=x", {"cursor"}},
                           {"cursor=" + foreign, {"cursor"}},
                           {"cursor=" + unknown_message, {"cursor"}},
                           {"around=" + own + "&cursor=&search="},
                           {"around=", {"around"}},
                           {"around=x", {"around"}},
                           {"around=" + foreign, {"around"}},
                           {"around=" + unknown_message, {"around"}},
                           {"around=" + own + "&cursor=" + own, {"around"}},
                           {"around=" + own + "&direction=older", {"around"}},
                           {"around=" + own + "&direction=newer", {"around"}},
                           {"around=" + own + "&search=x", {"around"}},
                           {"around=" + own + "&search=x&limit=0", {"limit", "around"}},
                           {"cursor=x&around=y&limit=z&direction=w&offset=v",
                            {"cursor", "limit", "direction", "around"}},
                           {"cursor=" + own + "&cursor=" + own, {"cursor"}},
                       });
    }

    TEST_CASE("a message with bad fields is refused by their names") {
        Talk talk;
        using Limits = lvng::crm::MessageLimits;
        const auto content = [](std::string_view text) {
            return R"({"content":)" + quoted(text) + "}";
        };
        check_refusals(
            talk.server, {.method = "POST", .path = talk.path + "/messages", .success = 201},
            {
                {content(repeated("ü", Limits::content))},
                {content(repeated("ü", Limits::content + 1)), {"content"}},
                {content(R"(a\n\u0007)")},
                {content(""), {"content"}},
                {content(R"( \n\u3000)"), {"content"}},
                {"{}", {"content"}},
                {R"({"content":null})", {"content"}},
                {R"({"content":5})", {"content"}},
                {message_with("message_type", "null")},
                {message_with("message_type", R"("agent")")},
                {message_with("message_type", R"("bot")"), {"message_type"}},
                {message_with("message_type", "1"), {"message_type"}},
                {message_with("parent_message_id", "null")},
                {message_with("parent_message_id", R"("x")"), {"parent_message_id"}},
                {message_with("metadata", object_of(Limits::metadata))},
                {message_with("metadata", object_of(Limits::metadata + 1)), {"metadata"}},
                {message_with("metadata", R"("{}")"), {"metadata"}},
                {message_with("number", "1"), {"number"}},
                {message_with("text", R"("x")"), {"text"}},
                {R"({"message_type":"x","parent_message_id":1,"metadata":[],"user_id":"bob","y":1})",
                 {"content", "message_type", "parent_message_id", "metadata", "user_id", "y"}},
            });
    }

    TEST_CASE("changes with bad fields are refused by their names") {
        Talk talk;
        check_refusals(talk.server, {.method = "PATCH", .path = talk.said},
                       {
                           {"{}"},
                           {R"({"metadata":null})"},
                           {R"({"content":null})", {"content"}},
                           {R"({"content":" "})", {"content"}},
                           {R"({"content":1,"metadata":1})", {"content", "metadata"}},
                           {R"({"message_type":"user","parent_message_id":null,"x":1})",
                            {"message_type", "parent_message_id", "x"}},
                           {R"({"deleted_at":null})", {"deleted_at"}},
                       });
    }

}  // TEST_SUITE
