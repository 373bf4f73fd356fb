#include "support/http_scenario.hpp"

#include <lvng/crm/conversations/conversations.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

using namespace lvng::server;
using namespace lvng::server::testing;

namespace {

/// A group with bob, and one field more.
std::string group_with(std::string_view field, std::string_view json) {
    return fmt::format(R"({{"conversation_type":"group","member_ids":["bob"],"{}":{}}})", field,
                       json);
}

std::string ids(int count) {
    std::string list = "[";
    for (int i = 0; i < count; ++i) list += (i > 0 ? ",\"m" : "\"m") + std::to_string(i) + '"';
    return list + "]";
}

}  // namespace

TEST_SUITE("server.conversations.fields") {

    TEST_CASE("a list refuses every bad parameter by name") {
        TestServer server;
        check_refusals(server, {.path = conversations},
                       {
                           {"limit=1&offset=0&type=direct&unread=true&archived=true&x=1&x=2"},
                           {"limit=100&offset=1000000000"},
                           {"limit=0", {"limit"}},
                           {"limit=101", {"limit"}},
                           {"limit=01", {"limit"}},
                           {"limit=", {"limit"}},
                           {"offset=1000000001", {"offset"}},
                           {"offset=-1", {"offset"}},
                           {"type=", {"type"}},
                           {"type=Group", {"type"}},
                           {"unread=1", {"unread"}},
                           {"archived=", {"archived"}},
                           {"unread=TRUE&archived=yes&type=x&limit=x&offset=x",
                            {"type", "unread", "archived", "limit", "offset"}},
                           {"limit=5&limit=5", {"limit"}},
                           {"type=group&type=direct&unread=x", {"type", "unread"}},
                       });
    }

    TEST_CASE("a new conversation with bad fields is refused by their names") {
        TestServer server{{.conversations_rate = std::nullopt}};
        using Limits = lvng::crm::ConversationLimits;
        const RefusedRequest post{.method = "POST", .path = conversations, .success = 201};
        const auto with_members = [](std::string_view type, std::string_view members) {
            return fmt::format(R"({{"conversation_type":"{}","member_ids":{}}})", type, members);
        };
        check_refusals(
            server, post,
            {
                {"{}", {"conversation_type", "member_ids"}},
                {R"({"conversation_type":null,"member_ids":null})",
                 {"conversation_type", "member_ids"}},
                {with_members("channel", R"(["bob"])"), {"conversation_type"}},
                {with_members("", R"(["bob"])"), {"conversation_type"}},
                {R"({"conversation_type":1,"member_ids":["bob"]})", {"conversation_type"}},
                {with_members("group", "[]"), {"member_ids"}},
                {with_members("group", R"(["ana"])"), {"member_ids"}},
                {with_members("group", R"(["ana","bob","bob"])")},
                {with_members("group", R"("bob")"), {"member_ids"}},
                {with_members("group", "[1]"), {"member_ids"}},
                {with_members("group", R"(["bob",null])"), {"member_ids"}},
                {with_members("group", R"(["bob",""])"), {"member_ids"}},
                {with_members("group", R"(["a b"])"), {"member_ids"}},
                {with_members("group", "[" + quoted(repeated("x", 128)) + "]")},
                {with_members("group", "[" + quoted(repeated("x", 129)) + "]"), {"member_ids"}},
                {with_members("direct", R"(["bob","cid"])"), {"member_ids"}},
                {with_members("direct", R"(["bob","bob","ana"])")},
                {with_members("group", ids(Limits::members))},
                {with_members("group", ids(Limits::members + 1)), {"member_ids"}},
            });
        check_refusals(
            server, post,
            {
                {group_with("member_types", R"({"bob":"agent","ana":"twin"})")},
                {group_with("member_types", R"({"bob":null})"), {"member_types"}},
                {group_with("member_types", "{}")},
                {group_with("member_types", "null")},
                {group_with("member_types", R"({"bob":"system"})"), {"member_types"}},
                {group_with("member_types", R"({"bob":1})"), {"member_types"}},
                {group_with("member_types", R"(["bob"])"), {"member_types"}},
                {group_with("member_types", R"({"cid":"user"})"), {"member_types"}},
                {group_with("member_types", R"({"Bob":"user"})"), {"member_types"}},
                {group_with("name", quoted(repeated("ü", Limits::name)))},
                {group_with("name", quoted(repeated("ü", Limits::name + 1))), {"name"}},
                {group_with("name", R"("  ")")},
                {group_with("name", R"("a\nb")"), {"name"}},
                {group_with("name", "7"), {"name"}},
                {group_with("description", quoted(repeated("d", Limits::description)))},
                {group_with("description", quoted(repeated("d", Limits::description + 1))),
                 {"description"}},
                {group_with("project_id", R"("")"), {"project_id"}},
                {group_with("project_id", R"("a b")"), {"project_id"}},
                {group_with("parent_message_id", R"("msg_1")"), {"parent_message_id"}},
                {group_with("parent_message_id", "null")},
                {group_with("settings", object_of(Limits::settings))},
                {group_with("settings", object_of(Limits::settings + 1)), {"settings"}},
                {group_with("settings", "[]"), {"settings"}},
                {group_with("settings", R"({"agent_run_limit":0})")},
                {group_with("settings", R"({"agent_run_limit":-1})"), {"settings"}},
                {group_with("settings", R"({"agent_run_limit":"5"})"), {"settings"}},
                {group_with("is_archived", "true"), {"is_archived"}},
                {group_with("created_by", R"("bob")"), {"created_by"}},
                {group_with("membres", "[]"), {"membres"}},
            });
    }

    TEST_CASE("all bad fields are listed at once, each of them once") {
        TestServer server;
        const RefusedRequest post{.method = "POST", .path = conversations, .success = 201};
        check_refusals(server, post,
                       {{R"({"conversation_type":"x","member_ids":"bob","member_types":7,"id":1,
                             "name":"a\nb","project_id":"","settings":1,"y":2})",
                         {"conversation_type", "member_ids", "member_types", "project_id",
                          "settings", "id", "y", "name"}}});
    }

    TEST_CASE("changes with bad fields are refused by their names") {
        TestServer server{{.conversations_rate = std::nullopt}};
        const std::string group = open_group(server, Who::ana, R"(["bob"])");
        check_refusals(
            server, {.method = "PATCH", .path = group},
            {
                {"{}"},
                {R"({"is_archived":null})", {"is_archived"}},
                {R"({"is_archived":"true"})", {"is_archived"}},
                {R"({"name":1,"description":1,"settings":1})", {"name", "description", "settings"}},
                {R"({"name":"a\u0007"})", {"name"}},
                {R"({"settings":{"agent_run_limit":1.5}})", {"settings"}},
                {R"({"settings":)" + object_of(16'385) + "}", {"settings"}},
                {R"({"conversation_type":"group"})", {"conversation_type"}},
                {R"({"project_id":null,"parent_message_id":null})",
                 {"project_id", "parent_message_id"}},
                {R"({"member_ids":[],"member_count":1,"archived":true})",
                 {"member_count", "member_ids", "archived"}},
            });
    }

}  // TEST_SUITE
