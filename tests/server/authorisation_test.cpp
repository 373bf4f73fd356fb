#include "support/http_scenario.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

using namespace lvng::server;
using namespace lvng::server::testing;

namespace {

const std::string nowhere = "/conv_00000000-0000-7000-8000-000000000999";

/// A conversation that ana leads, bob is a member of and cid has left. Dan is a stranger.
struct House {
    House()
        : path{open_group(server, Who::ana, R"(["bob","cid"])")},
          of_ana{say(server, Who::ana, path, "by ana")}, of_cid{say(server, Who::cid, path,
                                                                    "by cid")} {
        const Reply left = server.send(Who::cid, "DELETE", path);
        REQUIRE(left.status() == 200);
    }

    /// Everything that an admin sees, and what bob has not read.
    std::string state() {
        std::string seen;
        for (const Who who : {Who::ana, Who::bob})
            for (const std::string& target : {path, path + "/messages", conversations})
                seen += server.send(who, "GET", target).body() + '\n';
        return seen;
    }

    TestServer server{{.conversations_rate = std::nullopt, .failed_auth_rate = std::nullopt}};
    std::string path;
    std::string of_ana;
    std::string of_cid;
};

/// What each caller is answered.
struct Answers {
    int outsider = 404;  ///< a stranger, somebody who left, the same user id in another tenant
    int member = 200;
    int admin = 200;
};

struct Endpoint {
    std::string_view method{};
    std::string House::*base = &House::path;
    std::string_view below{};
    std::string body{};
    Answers answers{};
};

/// Every endpoint below a conversation, those that only the admin may use in each of their forms.
std::vector<Endpoint> endpoints(const House& house) {
    const std::string receipts = fmt::format(R"({{"message_ids":["{}"]}})", id_in(house.of_ana));
    return {
        {"GET", &House::path},
        {"PATCH", &House::path, "", R"({"name":"x","is_archived":true})", {.member = 403}},
        {"PATCH", &House::path, "", "{}", {.member = 403}},
        {"DELETE", &House::path},
        {"GET", &House::path, "/messages"},
        {"POST", &House::path, "/messages", R"({"content":"x"})", {.member = 201, .admin = 201}},
        {"POST",
         &House::path,
         "/messages",
         R"({"content":"x","message_type":"system"})",
         {.member = 403, .admin = 201}},
        {"PATCH", &House::of_ana, "", R"({"content":"x"})", {.member = 403}},
        {"PATCH", &House::of_cid, "", R"({"content":"x"})", {.member = 403, .admin = 403}},
        {"DELETE", &House::of_ana, "", "", {.member = 403}},
        {"DELETE", &House::of_cid, "", "", {.member = 403}},
        {"POST", &House::path, "/members", R"({"member_id":"eve"})", {.member = 201, .admin = 201}},
        {"POST", &House::path, "/members", R"({"member_id":"bob"})"},
        {"DELETE", &House::path, "/members/ana", "", {.member = 403}},
        {"DELETE", &House::path, "/members/bob"},
        {"DELETE", &House::path, "/members/cid", "", {.member = 403, .admin = 404}},
        {"POST", &House::path, "/read-receipts", receipts},
    };
}

/// The body without its request id, which differs each time.
std::string without_request_id(const Reply& reply) {
    std::string body = reply.body();
    const std::string id = error_member(body, "request_id");
    body.replace(body.find(id), id.size(), "ID");
    return body;
}

constexpr std::size_t endpoint_count = 17;

}  // namespace

TEST_SUITE("server.authorisation") {

    TEST_CASE("guests, strangers, those who left and other tenants change and see nothing") {
        House house;
        const std::string before = house.state();
        const std::vector<Endpoint> table = endpoints(house);
        REQUIRE(table.size() == endpoint_count);
        for (const Endpoint& endpoint : table) {
            const std::string target = house.*endpoint.base + std::string{endpoint.below};
            std::string unknown = target;
            unknown.replace(conversations.size(), nowhere.size(), nowhere);
            CAPTURE(endpoint.method);
            CAPTURE(target);
            CAPTURE(endpoint.body);
            const auto send = [&](Who who, const std::string& to) {
                return house.server.send(who, endpoint.method, to, endpoint.body);
            };
            const Reply guest = send(Who::guest, target);
            CHECK(guest.status() == 401);
            CHECK(without_request_id(guest) ==
                  without_request_id(house.server.send(Who::guest, "GET", conversations)));
            for (const Who who : {Who::dan, Who::cid, Who::ana_of_another}) {
                const Reply theirs = send(who, target);
                CHECK(theirs.status() == endpoint.answers.outsider);
                CHECK(without_request_id(theirs) == without_request_id(send(who, unknown)));
            }
            CHECK(house.state() == before);
        }
    }

    TEST_CASE("members and admins may do what the contract gives each of them, and no more") {
        for (std::size_t i = 0; i < endpoint_count; ++i) {
            for (const Who who : {Who::bob, Who::ana}) {
                House house;
                const std::string before = house.state();
                const Endpoint endpoint = endpoints(house)[i];
                const std::string target = house.*endpoint.base + std::string{endpoint.below};
                CAPTURE(endpoint.method);
                CAPTURE(target);
                CAPTURE(endpoint.body);
                const int wanted =
                    who == Who::ana ? endpoint.answers.admin : endpoint.answers.member;
                const Reply reply = house.server.send(who, endpoint.method, target, endpoint.body);
                CHECK_MESSAGE(reply.status() == wanted, reply.body());
                if (wanted >= 400) CHECK(house.state() == before);
            }
        }
    }

    TEST_CASE("a list holds one's own conversations alone, and guests have none") {
        House house;
        CHECK(house.server.send(Who::guest, "GET", conversations).status() == 401);
        CHECK(house.server
                  .send(Who::guest, "POST", conversations,
                        R"({"conversation_type":"group","member_ids":["ana"]})")
                  .status() == 401);
        for (const Who who : {Who::dan, Who::cid, Who::ana_of_another})
            run(house.server, {{who, "GET", conversations, "", 200, {R"("total":0)"}}});
        for (const Who who : {Who::ana, Who::bob})
            run(house.server, {{who, "GET", conversations, "", 200, {R"("total":1)"}}});
    }

    TEST_CASE("who comes back is a plain member again") {
        House house;
        run(house.server,
            {
                {Who::bob, "POST", house.path + "/members", R"({"member_id":"cid"})", 201},
                {Who::cid, "GET", house.path + "/messages", "", 200, {"by ana", "by cid"}},
                {Who::cid, "PATCH", house.path, R"({"name":"x"})", 403},
                {Who::cid, "PATCH", house.of_cid, R"({"content":"mine"})", 200},
            });
    }

}  // TEST_SUITE
