#include "support/http_scenario.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <string>

using namespace lvng::server;
using namespace lvng::server::testing;

namespace {

const std::string contacts = "/api/v2/contacts";
const std::string jane = R"({"name":"Jane","email":"jane@x.org"})";

/// A server that one caller sends keyed requests to.
struct Keyed {
    TestServer server;

    Reply post(const std::string& key, std::string_view body = jane,
               std::string_view path = contacts, Who who = Who::ana) {
        return server.send(who, "POST", path, body, {{"Idempotency-Key", key}});
    }
    std::string total() {
        const std::string body = server.send(Who::ana, "GET", contacts + "?limit=1").body();
        return body.substr(body.find("\"total\""), 9);
    }
};

bool is_replay(const Reply& reply) {
    const std::string* header = reply.header("Idempotency-Replayed");
    return header != nullptr && *header == "true";
}

void check_same(const Reply& first, const Reply& again) {
    CHECK(is_replay(again));
    CHECK(again.status() == first.status());
    CHECK(again.body() == first.body());
    for (const char* name : {"Content-Type", "ETag", "Location", "Cache-Control"}) {
        CAPTURE(name);
        REQUIRE((first.header(name) != nullptr) == (again.header(name) != nullptr));
        if (first.header(name) != nullptr) CHECK(*again.header(name) == *first.header(name));
    }
}

}  // namespace

TEST_SUITE("server.retry") {

    TEST_CASE_FIXTURE(Keyed, "a repeat has the first answer and does nothing") {
        const Reply first = post("k1");
        CHECK(first.status() == 201);
        CHECK_FALSE(is_replay(first));
        CHECK(*first.header("ETag") == R"("1")");
        server.send(Who::ana, "PUT", contact_path(1), R"({"title":"CTO"})");
        check_same(first, post("k1"));
        CHECK(total() == R"("total":1)");
        // Even when what it made is gone.
        server.send(Who::ana, "DELETE", contact_path(1));
        check_same(first, post("k1"));
        CHECK(total() == R"("total":0)");
    }

    TEST_CASE_FIXTURE(Keyed, "without a key nothing is a repeat") {
        CHECK(server.send(Who::ana, "POST", contacts, R"({"name":"J"})").status() == 201);
        CHECK(server.send(Who::ana, "POST", contacts, R"({"name":"J"})").status() == 201);
        CHECK(total() == R"("total":2)");
    }

    TEST_CASE_FIXTURE(Keyed, "the key of another request is 422, whatever is different") {
        post("k1");
        for (const std::string& other :
             {std::string{R"({"name":"John"})"}, jane + " ", std::string{"{}"}}) {
            const Reply reply = post("k1", other);
            CHECK(reply.status() == 422);
            CHECK(error_member(reply.body(), "code") == "IDEMPOTENCY_MISMATCH");
        }
        CHECK(post("k1", jane, conversations).status() == 422);
        CHECK(post("k1", "{").status() == 400);  // JSON syntax comes first
        CHECK(total() == R"("total":1)");
    }

    TEST_CASE_FIXTURE(Keyed, "the query and the other headers are no part of the request") {
        post("k1");
        CHECK(is_replay(post("k1", jane, contacts + "?x=1")));
        CHECK(is_replay(post("k1", jane, contacts + "?x=%")));
        CHECK(is_replay(server.send(Who::ana, "POST", contacts, jane,
                                    {{"Idempotency-Key", "k1"}, {"X-Request-Id", "other"}})));
    }

    TEST_CASE_FIXTURE(Keyed, "a key belongs to a user of an organisation") {
        post("k1");
        for (const Who who : {Who::bob, Who::ana_of_another}) {
            const Reply reply = post("k1", R"({"name":"mine"})", contacts, who);
            CHECK(reply.status() == 201);
            CHECK_FALSE(is_replay(reply));
        }
        CHECK(post("k1", jane, contacts, Who::guest).status() == 401);
    }

    TEST_CASE_FIXTURE(Keyed, "what was refused may be tried again with the same key") {
        CHECK(post("k1", R"({"name":""})").status() == 400);
        CHECK(post("k1").status() == 201);
        CHECK(post("k2", R"({"name":"J","email":"jane@x.org"})").status() == 409);
        server.send(Who::ana, "DELETE", contact_path(1));
        const Reply second = post("k2", R"({"name":"J","email":"jane@x.org"})");
        CHECK(second.status() == 201);
        CHECK_FALSE(is_replay(second));
    }

    TEST_CASE_FIXTURE(Keyed, "a key is known for 24 hours") {
        post("k1", R"({"name":"J"})");
        server.advance(std::chrono::hours{24});
        CHECK(is_replay(post("k1", R"({"name":"J"})")));
        server.advance(std::chrono::milliseconds{1});
        CHECK_FALSE(is_replay(post("k1", R"({"name":"J"})")));
        CHECK(total() == R"("total":2)");
    }

    TEST_CASE_FIXTURE(Keyed, "a key that is none is refused by name, on POST alone") {
        for (const std::string& bad : {std::string(256, 'k'), std::string{"a b"}}) {
            const Reply reply = post(bad);
            CHECK(reply.status() == 400);
            CHECK(bad_fields(reply.body()) == std::vector<std::string>{"Idempotency-Key"});
            CHECK(bad_fields(post(bad, R"({"name":""})").body()) ==
                  std::vector<std::string>{"Idempotency-Key", "name"});
        }
        CHECK(server.send(Who::ana, "GET", contacts, "", {{"Idempotency-Key", "a b"}}).status() ==
              200);
        CHECK(total() == R"("total":0)");
    }

    TEST_CASE_FIXTURE(Keyed, "every POST is done once") {
        const std::string group = open_group(server, Who::ana, R"(["bob"])");
        const std::string said = id_in(say(server, Who::bob, group));
        struct Row {
            std::string path{};
            std::string body{};
            int status = 201;
        };
        const std::vector<Row> table{
            {conversations, R"({"conversation_type":"group","member_ids":["bob"]})"},
            {conversations, R"({"conversation_type":"direct","member_ids":["bob"]})"},
            {conversations, R"({"conversation_type":"direct","member_ids":["bob"], "name":"x"})",
             200},
            {group + "/messages", R"({"content":"hello"})"},
            {group + "/members", R"({"member_id":"cid"})"},
            {group + "/read-receipts", fmt::format(R"({{"message_ids":["{}"]}})", said), 200},
        };
        int key = 0;
        for (const Row& row : table) {
            CAPTURE(row.path);
            const std::string name = std::to_string(++key);
            const Reply first = post(name, row.body, row.path);
            CHECK(first.status() == row.status);
            CHECK_FALSE(is_replay(first));
            check_same(first, post(name, row.body, row.path));
        }
        run(server, {{Who::ana, "GET", group + "/messages", "", 200, {R"("total":2)"}},
                     {Who::ana, "GET", conversations, "", 200, {R"("total":3)"}}});
    }
}

TEST_SUITE("server.tags") {

    TEST_CASE("a contact's tag stays until the contact changes") {
        TestServer server;
        const auto tag = [](const Reply& reply) { return *reply.header("ETag"); };
        const auto put = [&](std::string_view body) {
            return tag(server.send(Who::ana, "PUT", contact_path(1), body));
        };
        const std::string created = tag(server.send(Who::ana, "POST", contacts, jane));
        CHECK(tag(server.send(Who::ana, "GET", contact_path(1))) == created);
        CHECK(tag(server.send(Who::ana, "HEAD", contact_path(1))) == created);
        CHECK(put("{}") == created);
        CHECK(put(R"({"name":" Jane "})") == created);
        const std::string changed = put(R"({"title":"CTO"})");
        CHECK(changed != created);
        CHECK(tag(server.send(Who::ana, "GET", contact_path(1))) == changed);
        CHECK(put(R"({"title":null})") != created);
    }

    TEST_CASE("what has a tag may be kept and asked for again, what has none may not") {
        TestServer server;
        server.create(Who::ana, jane);
        const std::string group = open_group(server, Who::ana, R"(["bob"])");
        for (const std::string& path : {contact_path(1), group}) {
            const Reply reply = server.send(Who::ana, "GET", path);
            CHECK(*reply.header("Cache-Control") == "private, no-cache");
        }
        for (const std::string& path : {contacts, conversations, group + "/messages"}) {
            const Reply reply = server.send(Who::ana, "GET", path);
            CHECK(reply.header("ETag") == nullptr);
            CHECK(*reply.header("Cache-Control") == "no-store");
        }
    }

    TEST_CASE("who has the contact already is told so and sent nothing") {
        TestServer server;
        server.create(Who::ana, jane);
        const auto get = [&](std::string_view method, const std::string& tags) {
            return server.send(Who::ana, method, contact_path(1), "", {{"If-None-Match", tags}});
        };
        for (const char* method : {"GET", "HEAD"}) {
            for (const char* fits : {R"("1")", R"(W/"1")", R"("0", "1")", "*"}) {
                CAPTURE(fits);
                const Reply reply = get(method, fits);
                CHECK(reply.status() == 304);
                CHECK(reply.body().empty());
                CHECK(*reply.header("ETag") == R"("1")");
                CHECK(*reply.header("Cache-Control") == "private, no-cache");
                CHECK(reply.header("Content-Type") == nullptr);
                CHECK(reply.header("Content-Length") == nullptr);
                CHECK(reply.header("X-RateLimit-Remaining") != nullptr);
            }
        }
        CHECK(get("GET", R"("0", "2")").status() == 200);
        CHECK(get("GET", "1").status() == 400);
        CHECK(
            server.send(Who::ana, "GET", contact_path(9), "", {{"If-None-Match", "*"}}).status() ==
            404);
        // A list has no tag.
        for (const char* tags : {"*", "1"})
            CHECK(server.send(Who::ana, "GET", contacts, "", {{"If-None-Match", tags}}).status() ==
                  200);
        // Nor is it a condition of a change.
        CHECK(server.send(Who::ana, "PUT", contact_path(1), "{}", {{"If-None-Match", "*"}})
                  .status() == 200);
    }

    TEST_CASE("a bad condition is named beside the other bad fields, a bad id alone") {
        TestServer server;
        server.create(Who::ana, jane);
        using Fields = std::vector<std::string>;
        const auto named = [&](std::string_view method, const std::string& target,
                               std::string_view body = {}) {
            const std::string header = method == "GET" ? "If-None-Match" : "If-Match";
            return bad_fields(server.send(Who::ana, method, target, body, {{header, "1"}}).body());
        };
        CHECK(named("PUT", contact_path(1), "{}") == Fields{"If-Match"});
        CHECK(named("PUT", contact_path(1) + "?x=%", R"({"title":7,"nam":"J"})") ==
              Fields{"x", "If-Match", "title", "nam"});
        CHECK(named("DELETE", contact_path(1) + "?x=%") == Fields{"x", "If-Match"});
        CHECK(named("GET", contact_path(1) + "?x=%") == Fields{"x", "If-None-Match"});
        const std::string bad_id = contacts + "/1";
        CHECK(named("PUT", bad_id, R"({"title":7})") == Fields{"id"});
        CHECK(named("DELETE", bad_id) == Fields{"id"});
        CHECK(named("GET", bad_id) == Fields{"id"});
        run(server, {{Who::ana, "GET", contact_path(1), "", 200, {R"("title":null)"}}});
    }

    TEST_CASE("no route goes on with a condition or a key that it cannot read") {
        TestServer server;
        for (const Route& route : server.boundary().router().routes()) {
            if (!route.path.starts_with("/api")) continue;
            CAPTURE(route.method);
            CAPTURE(route.path);
            std::string path{route.path};
            for (const auto& [name, value] : Headers{{"{id}", id_in(contact_path(1))},
                                                     {"conversations/", "conversations/conv_"},
                                                     {"{messageId}", unknown_message},
                                                     {"{memberId}", "bob"}})
                if (const auto at = path.find(name); at != std::string::npos)
                    path.replace(at, name.size(), value);
            const bool reads = route.method == "GET";
            const std::string header = reads                    ? "If-None-Match"
                                       : route.method == "POST" ? "Idempotency-Key"
                                                                : "If-Match";
            const Reply reply =
                server.send(Who::ana, route.method, path, route.takes == Takes::json ? "{}" : "",
                            {{header, "a \"b"}});
            const auto fields = bad_fields(reply.body());
            const bool is_named = !fields.empty() && fields.front() == header;
            // Where nothing has a tag the header says nothing.
            CHECK(is_named == (!reads || route.tagged));
        }
    }

    TEST_CASE("a contact is changed and deleted only as it was seen") {
        TestServer server;
        server.create(Who::ana, jane);
        const auto status = [&](std::string_view method, const std::string& tags,
                                std::string_view body = {}, int n = 1) {
            return server.send(Who::ana, method, contact_path(n), body, {{"If-Match", tags}})
                .status();
        };
        CHECK(status("PUT", R"("1")", R"({"title":"CTO"})") == 200);
        const Reply stale = server.send(Who::ana, "PUT", contact_path(1), R"({"title":"CEO"})",
                                        {{"If-Match", R"("1")"}});
        CHECK(stale.status() == 412);
        CHECK(error_member(stale.body(), "code") == "PRECONDITION_FAILED");
        CHECK(status("PUT", R"(W/"2")", "{}") == 412);
        CHECK(status("DELETE", R"("1")") == 412);
        // The checks before it answer first.
        CHECK(status("PUT", R"("1")", R"({"title":7})") == 400);
        CHECK(status("PUT", R"("1")", "{}", 9) == 404);
        CHECK(status("PUT", "2", "{}") == 400);
        CHECK(status("DELETE", "*", "", 9) == 404);
        run(server, {{Who::ana, "GET", contact_path(1), "", 200, {R"("title":"CTO")"}}});
        CHECK(status("PUT", "*", R"({"title":"CEO"})") == 200);
        CHECK(status("DELETE", R"("1", "3")") == 200);
    }

    TEST_CASE("a conversation's tag changes exactly when what a GET shows does") {
        TestServer server;
        const std::string group = open_group(server, Who::ana, R"(["bob","cid"])");
        const auto look = [&](Who who = Who::ana) { return server.send(who, "GET", group); };
        const auto tag = [&] { return *look().header("ETag"); };
        std::string before = tag();
        const auto moves = [&](bool moved, std::string_view what) {
            CAPTURE(what);
            const std::string after = tag();
            CHECK((after != before) == moved);
            before = after;
        };
        CHECK(*look(Who::bob).header("ETag") == before);
        CHECK(*server.send(Who::ana, "PATCH", group, "{}").header("ETag") == before);
        moves(false, "a change of nothing");
        const std::string patched =
            *server.send(Who::ana, "PATCH", group, R"({"name":"Room"})").header("ETag");
        CHECK(patched == tag());
        moves(true, "a change");
        server.advance(std::chrono::seconds{1});
        const std::string said = say(server, Who::bob, group);
        moves(true, "a message");
        server.send(Who::bob, "PATCH", said, R"({"content":"edited"})");
        server.send(Who::ana, "POST", group + "/read-receipts",
                    fmt::format(R"({{"message_ids":["{}"]}})", id_in(said)));
        moves(false, "an edit and a receipt");
        server.send(Who::ana, "POST", group + "/members", R"({"member_id":"dan"})");
        moves(true, "a new member");
        server.send(Who::cid, "DELETE", group);
        moves(true, "a member who leaves");
        server.crm().users().remember({.tenant = lvng::crm::TenantId{"acme"},
                                       .user = lvng::crm::UserId{"dan"},
                                       .name = "Dan"});
        moves(true, "a name of a member");
    }

    TEST_CASE("a conversation is changed and deleted only as it was seen") {
        TestServer server;
        const std::string body = R"({"conversation_type":"group","member_ids":["bob","cid"]})";
        const Reply opened = server.send(Who::ana, "POST", conversations, body);
        const std::string group = *opened.header("Location");
        const std::string first = *opened.header("ETag");
        CHECK(*server.send(Who::ana, "GET", group).header("ETag") == first);
        const auto status = [&](Who who, std::string_view method, const std::string& tags,
                                std::string_view text = {}) {
            return server.send(who, method, group, text, {{"If-Match", tags}}).status();
        };
        CHECK(server.send(Who::ana, "GET", group, "", {{"If-None-Match", first}}).status() == 304);
        CHECK(status(Who::ana, "PATCH", first, R"({"name":"Room"})") == 200);
        CHECK(status(Who::ana, "PATCH", first, R"({"name":"Other"})") == 412);
        CHECK(status(Who::bob, "PATCH", first, R"({"name":"Other"})") == 403);
        CHECK(status(Who::dan, "PATCH", first, R"({"name":"Other"})") == 404);
        CHECK(status(Who::ana, "DELETE", first) == 412);
        CHECK(status(Who::bob, "DELETE", first) == 412);
        const std::string now = *server.send(Who::ana, "GET", group).header("ETag");
        CHECK(status(Who::bob, "DELETE", now) == 200);
        CHECK(status(Who::ana, "DELETE", now) == 412);
        CHECK(status(Who::ana, "DELETE", "*") == 200);
    }

    TEST_CASE("what has no tag fits no condition but any") {
        TestServer server;
        const std::string group = open_group(server, Who::ana, R"(["bob"])");
        const std::string said = say(server, Who::ana, group);
        const auto status = [&](std::string_view method, const std::string& path,
                                const std::string& tags, std::string_view body = {}) {
            return server.send(Who::ana, method, path, body, {{"If-Match", tags}}).status();
        };
        const std::string edit = R"({"content":"edited"})";
        CHECK(status("PATCH", said, R"("1")", edit) == 412);
        CHECK(status("PATCH", said, R"("1")", R"({"content":""})") == 400);
        CHECK(status("PATCH", group + "/messages/" + unknown_message, R"("1")", edit) == 404);
        CHECK(status("DELETE", said, R"("1")") == 412);
        CHECK(status("DELETE", group + "/members/bob", R"("1")") == 412);
        run(server, {{Who::bob, "GET", group + "/messages", "", 200, {R"("content":"hello")"}}});
        CHECK(status("PATCH", said, "*", edit) == 200);
        CHECK(status("DELETE", said, "*") == 200);
        CHECK(status("DELETE", group + "/members/bob", "*") == 200);
    }
}
