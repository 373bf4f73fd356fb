#include "support/http_scenario.hpp"

#include <lvng/crm/conversations/receipts.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace lvng::server;
using namespace lvng::server::testing;

namespace {

std::string nobodys(std::size_t n) {
    return fmt::format("msg_00000000-0000-7000-8000-{:012x}", 0x900000 + n);
}

std::string body_of(const std::vector<std::string>& ids) {
    std::string body = R"({"message_ids":[)";
    for (const std::string& id : ids) body += (body.back() == '[' ? "\"" : ",\"") + id + '"';
    return body + "]}";
}

std::vector<std::string> nobodys_up_to(std::size_t count) {
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < count; ++i) ids.push_back(nobodys(i));
    return ids;
}

}  // namespace

TEST_SUITE("server.receipts") {

    TEST_CASE("marking counts the distinct ids that are read now, however often it is done") {
        TestServer server;
        const std::string group = open_group(server, Who::ana, R"(["bob"])");
        const std::string first = id_in(say(server, Who::ana, group));
        const std::string deleted = say(server, Who::ana, group);
        const std::string own = id_in(say(server, Who::bob, group));
        say(server, Who::ana, group);
        const std::string receipts = group + "/read-receipts";
        std::string upper = first;
        std::transform(upper.begin(), upper.end(), upper.begin(),
                       [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
        run(server,
            {
                {Who::bob, "GET", conversations, "", 200, {R"("unread_count":3)"}},
                {Who::ana, "DELETE", deleted, "", 200},
                {Who::bob, "GET", conversations, "", 200, {R"("unread_count":2)"}},
                {Who::bob,
                 "POST",
                 receipts,
                 body_of({first, upper, own, id_in(deleted), first}),
                 200,
                 {R"({"success":true,"marked_read":3})"}},
                {Who::bob, "GET", conversations, "", 200, {R"("unread_count":1)"}},
                {Who::bob, "POST", receipts, body_of({first}), 200, {R"("marked_read":1})"}},
                {Who::bob, "GET", conversations, "", 200, {R"("unread_count":1)"}},
            });
    }

    TEST_CASE("strangers among the ids are named, up to ten, and nothing is marked") {
        TestServer server;
        const std::string group = open_group(server, Who::ana, R"(["bob"])");
        const std::string other = open_group(server, Who::ana, R"(["bob"])");
        const std::string message = id_in(say(server, Who::ana, group));
        const std::string foreign = id_in(say(server, Who::ana, other));
        const std::string receipts = group + "/read-receipts";
        const auto detail = [](const std::string& id) {
            return R"({"field":"message_ids","message":")" + id + R"("})";
        };
        run(server, {
                        {Who::bob,
                         "POST",
                         receipts,
                         body_of({message, foreign, nobodys(1), foreign}),
                         404,
                         {R"("code":"NOT_FOUND")", detail(foreign), detail(nobodys(1))},
                         {detail(message)}},
                        {Who::bob,
                         "GET",
                         conversations + "?unread=true",
                         "",
                         200,
                         {R"("unread_count":1)", R"("total":2)"}},
                    });
        const Reply many = server.send(Who::bob, "POST", receipts, body_of(nobodys_up_to(12)));
        CHECK(many.status() == 404);
        CHECK(bad_fields(many.body()) == std::vector<std::string>(10, "message_ids"));
    }

    TEST_CASE("bad lists of ids are refused") {
        TestServer server{{.conversations_rate = std::nullopt}};
        const std::string group = open_group(server, Who::ana, R"(["bob"])");
        const std::string message = id_in(say(server, Who::ana, group));
        constexpr std::size_t most = lvng::crm::ReceiptLimits::messages;
        check_refusals(server, {.method = "POST", .path = group + "/read-receipts"},
                       {
                           {body_of({message})},
                           {body_of(std::vector<std::string>(most + 1, message))},
                           {body_of(nobodys_up_to(most + 1)), {"message_ids"}},
                           {"{}", {"message_ids"}},
                           {R"({"message_ids":null})", {"message_ids"}},
                           {R"({"message_ids":[]})", {"message_ids"}},
                           {R"({"message_ids":"x"})", {"message_ids"}},
                           {R"({"message_ids":[1]})", {"message_ids"}},
                           {R"({"message_ids":["msg_1"]})", {"message_ids"}},
                           {R"({"message_ids":["x"],"read_at":1})", {"message_ids", "read_at"}},
                           {R"({"message_ids":[],"read_at":1})", {"read_at", "message_ids"}},
                       });
        const Reply most_of_them =
            server.send(Who::ana, "POST", group + "/read-receipts", body_of(nobodys_up_to(most)));
        CHECK(most_of_them.status() == 404);
    }

}  // TEST_SUITE
