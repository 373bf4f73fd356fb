#include "support/http_scenario.hpp"

#include <lvng/crm/auth.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

using namespace lvng::server;
using namespace lvng::server::testing;
using namespace std::chrono_literals;
namespace crm = lvng::crm;

namespace {

const std::string contacts = "/api/v2/contacts";

/// All routes, for callers with API keys and for the known tokens.
class KeyServer {
public:
    KeyServer()
        : log_{LogLevel::debug, under_test.clock(),
               [this](std::string_view line) { logged += line; }},
          app_{{.crm = under_test.crm(),
                .verifier = *verifier_,
                .clock = under_test.clock(),
                .log = log_}} {}

    crm::CreatedApiKey create(std::string_view user, crm::Scopes scopes = {},
                              std::optional<std::chrono::milliseconds> life = {}) {
        return crm::create_api_key(under_test.crm().api_keys(),
                                   {.tenant = crm::TenantId{"acme"},
                                    .user = crm::UserId{user},
                                    .scopes = scopes,
                                    .life = life},
                                   under_test.clock());
    }

    Reply send(std::string_view credential, std::string_view method, std::string_view target,
               std::string_view body = {}) {
        const std::string authorization = "Bearer " + std::string{credential};
        const std::string length = std::to_string(body.size());
        return app_.boundary().answer({.method = method,
                                       .target = target,
                                       .headers = {{"Host", "localhost"},
                                                   {"Authorization", authorization},
                                                   {"Content-Type", "application/json"},
                                                   {"Content-Length", length}},
                                       .body = body,
                                       .peer = "192.0.2.7"});
    }

    crm::test::CrmUnderTest under_test;
    std::string logged{};

private:
    KnownTokens tokens_;
    std::unique_ptr<crm::TokenVerifier> verifier_ =
        crm::api_key_verifier(under_test.crm().api_keys(), tokens_, under_test.clock());
    Log log_;
    App app_;
};

}  // namespace

TEST_SUITE("server.api_keys") {

    TEST_CASE("a key works wherever a token works, for the same book") {
        KeyServer server;
        const std::string key = server.create("ana").text;
        const Reply made = server.send(key, "POST", contacts, R"({"name":"Jane"})");
        CHECK(made.status() == 201);
        const std::string path = *made.header("Location");
        CHECK(server.send(token_of(Who::ana), "GET", path).status() == 200);
        CHECK(server.send(key, "GET", path).status() == 200);
        CHECK(server.send(server.create("bob").text, "GET", path).status() == 404);
        CHECK(*server.send(key, "GET", contacts).header("X-RateLimit-Remaining") == "96");
    }

    TEST_CASE("a scope that a key lacks is 403, before anything is told") {
        KeyServer server;
        const std::string reader = server.create("ana", {.read = true, .write = false}).text;
        const std::string writer = server.create("ana", {.read = false, .write = true}).text;
        const Reply made = server.send(writer, "POST", contacts, R"({"name":"Jane"})");
        CHECK(made.status() == 201);
        const std::string path = *made.header("Location");
        const std::string unknown = contact_path(999);
        for (const auto* method : {"GET", "HEAD"}) {
            CHECK(server.send(reader, method, path).status() == 200);
            CHECK(server.send(reader, method, unknown).status() == 404);
            CHECK(server.send(writer, method, path).status() == 403);
            CHECK(server.send(writer, method, unknown).status() == 403);
        }
        CHECK(server.send(reader, "POST", contacts, R"({"name":"Joe"})").status() == 403);
        CHECK(server.send(reader, "PUT", path, R"({"name":"Joe"})").status() == 403);
        CHECK(server.send(reader, "PUT", unknown, R"({"name":"Joe"})").status() == 403);
        CHECK(server.send(reader, "DELETE", path).status() == 403);
        CHECK(server.send(reader, "DELETE", contacts + "/a/b").status() == 404);
        CHECK(server.send(reader, "PATCH", path).status() == 405);
        const Reply refused = server.send(reader, "DELETE", path);
        CHECK(error_member(refused.body(), "code") == "FORBIDDEN");
        CHECK(error_member(refused.body(), "message") == "the key has no scope to write");
        CHECK(server.send(reader, "GET", path).body().find("Jane") != std::string::npos);
    }

    TEST_CASE("revoked, expired, unknown and malformed keys are answered alike") {
        KeyServer server;
        const crm::CreatedApiKey revoked = server.create("ana");
        const crm::CreatedApiKey expired = server.create("ana", {}, 1s);
        CHECK(server.send(revoked.text, "GET", contacts).status() == 200);
        CHECK(server.send(expired.text, "GET", contacts).status() == 200);
        server.under_test.crm().api_keys().revoke(revoked.key.id, server.under_test.clock().now());
        server.under_test.clock().advance(1s);
        const auto body = [&](std::string_view credential) {
            const Reply reply = server.send(credential, "GET", contacts);
            CHECK(reply.status() == 401);
            CHECK(*reply.header("WWW-Authenticate") == "Bearer");
            std::string text{reply.body()};
            const std::string id = error_member(text, "request_id");
            return text.replace(text.find(id), id.size(), "ID");
        };
        const std::string expected = body("no token at all");
        CHECK(body(revoked.text) == expected);
        CHECK(body(expired.text) == expected);
        CHECK(body("lvng_sk_live_00000000000000000000000000000000") == expected);
        CHECK(body("lvng_sk_live_") == expected);
    }

    TEST_CASE("guessing keys ends at the limit of failures") {
        KeyServer server;
        int refused = 0;
        for (int i = 0; i < 1000; ++i) {
            const std::string guess = fmt::format("lvng_sk_live_{:032x}", i);
            refused += server.send(guess, "GET", contacts).status() == 429 ? 1 : 0;
        }
        CHECK(refused == 980);
    }

    TEST_CASE("no key is ever logged") {
        KeyServer server;
        const std::string key = server.create("ana").text;
        server.send(key, "GET", contacts);
        server.send(key + "x", "GET", contacts);
        CHECK(server.logged.find("ana") != std::string::npos);
        CHECK(server.logged.find("lvng_sk_") == std::string::npos);
    }

}  // TEST_SUITE
