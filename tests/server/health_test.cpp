#include "api/health.hpp"

#include "support/http_scenario.hpp"

#include <lvng/crm/error.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>

using namespace lvng::server;
using namespace lvng::server::testing;

namespace {

/// A store that is down.
class DeadStore final : public lvng::crm::Store {
public:
    std::unique_ptr<lvng::crm::StoreTransaction>
    begin(const lvng::crm::Principal&, lvng::crm::Access, lvng::crm::Deadline) override {
        throw lvng::crm::Error{lvng::crm::ErrorCode::unavailable, "/secret/path is gone"};
    }
    std::vector<lvng::crm::TenantId> tenants(lvng::crm::Deadline) override { return {}; }
    lvng::crm::StoreHealth health(lvng::crm::Deadline) override {
        return {.serving = false, .kind = "sqlite", .problem = "/secret/path is gone"};
    }
};

/// A store whose login sees all rows.
class OpenStore final : public lvng::crm::Store {
public:
    std::unique_ptr<lvng::crm::StoreTransaction>
    begin(const lvng::crm::Principal&, lvng::crm::Access, lvng::crm::Deadline) override {
        throw lvng::crm::Error{lvng::crm::ErrorCode::unavailable, "not asked for"};
    }
    std::vector<lvng::crm::TenantId> tenants(lvng::crm::Deadline) override { return {}; }
    lvng::crm::StoreHealth health(lvng::crm::Deadline) override {
        return {
            .serving = true, .kind = "postgresql", .schema_version = 1, .row_security = "bypassed"};
    }
};

}  // namespace

TEST_SUITE("server.health") {

    TEST_CASE("a server on a store that serves is alive and ready") {
        TestServer server;
        CHECK(server.send(Who::guest, "GET", "/healthz").body() == R"({"status":"ok"})");
        const Reply ready = server.send(Who::guest, "GET", "/readyz");
        CHECK(ready.status() == 200);
        CHECK(ready.body().starts_with(
            R"({"status":"ok","parts":{"store":{"status":"ok","kind":"sqlite","schema_version":)"));
    }

    TEST_CASE("a login that bypasses row-level security shows on the way to ready") {
        const KnownTokens tokens;
        const lvng::crm::testing::FixedClock clock;
        lvng::crm::Crm crm{std::make_unique<OpenStore>()};
        Log log{LogLevel::off, clock, [](std::string_view) {}};
        App app{{.crm = crm, .verifier = tokens, .clock = clock, .log = log}};
        Request request{.method = "GET", .target = "/readyz", .version = "HTTP/1.1"};
        request.headers.push_back({.name = "Host", .value = "localhost"});
        CHECK(app.boundary().answer(request).body() ==
              R"({"status":"ok","parts":{"store":{"status":"ok","kind":"postgresql",)"
              R"("schema_version":1,"row_security":"bypassed"}}})");
    }

    TEST_CASE("a server that is being stopped is alive and not ready") {
        TestServer server;
        server.app().readiness().drain();
        const Reply ready = server.send(Who::guest, "GET", "/readyz");
        CHECK(ready.status() == 503);
        CHECK(*ready.header("Retry-After") == "1");
        CHECK(ready.body().starts_with(R"({"status":"draining",)"));
        CHECK(server.send(Who::guest, "GET", "/healthz").status() == 200);
        CHECK(server.send(Who::ana, "GET", "/api/v2/contacts").status() == 200);
    }

    TEST_CASE("a store that is down makes 503 of everything but health, and says nothing of why") {
        const lvng::crm::testing::FixedClock clock;
        const KnownTokens tokens;
        lvng::crm::Crm crm{std::make_unique<DeadStore>()};
        std::string logged;
        Log log{LogLevel::debug, clock, [&](std::string_view line) { logged += line; }};
        App app{{.crm = crm, .verifier = tokens, .clock = clock, .log = log}};
        const std::string token = "Bearer " + std::string{token_of(Who::ana)};
        const auto get = [&](std::string_view path) {
            return app.boundary().answer(
                {.method = "GET",
                 .target = path,
                 .headers = {{"Host", "localhost"}, {"Authorization", token}}});
        };
        CHECK(get("/healthz").status() == 200);
        for (const std::string_view path : {"/readyz", "/api/v2/contacts"}) {
            const Reply reply = get(path);
            CHECK(reply.status() == 503);
            CHECK(*reply.header("Retry-After") == "1");
            CHECK(reply.body().find("secret") == std::string::npos);
        }
        CHECK(get("/readyz").body() == R"({"status":"unavailable","parts":{"store":)"
                                       R"({"status":"unavailable","kind":"sqlite",)"
                                       R"("schema_version":0}}})");
        CHECK(logged.find("/secret/path is gone") != std::string::npos);
    }

}  // TEST_SUITE
