#include "api/health.hpp"

#include "support/http_scenario.hpp"

#include <lvng/crm/error.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace lvng::server;
using namespace lvng::server::testing;
using namespace std::chrono_literals;

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

/// A store that can stop answering.
class HangingStore final : public lvng::crm::Store {
public:
    std::unique_ptr<lvng::crm::StoreTransaction>
    begin(const lvng::crm::Principal&, lvng::crm::Access, lvng::crm::Deadline) override {
        throw lvng::crm::Error{lvng::crm::ErrorCode::unavailable, "not asked for"};
    }
    std::vector<lvng::crm::TenantId> tenants(lvng::crm::Deadline) override { return {}; }
    lvng::crm::StoreHealth health(lvng::crm::Deadline deadline) override {
        std::unique_lock lock{mutex_};
        ++asked_;
        time_given = deadline - std::chrono::steady_clock::now();
        changed_.notify_all();
        changed_.wait(lock, [this] { return !hangs_; });
        return {.serving = true, .kind = "postgresql", .schema_version = asked_};
    }

    void hang(bool on) {
        const std::lock_guard lock{mutex_};
        hangs_ = on;
        changed_.notify_all();
    }
    void wait_until_asked(int times) {
        std::unique_lock lock{mutex_};
        REQUIRE(changed_.wait_for(lock, 20s, [&] { return asked_ >= times; }));
    }

    std::chrono::steady_clock::duration time_given{};

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool hangs_ = false;
    int asked_ = 0;
};

/// `/readyz` of such a store, with a clock that the test moves.
struct HangingServer {
    Reply ready() {
        return app.boundary().answer(
            {.method = "GET", .target = "/readyz", .headers = {{"Host", "localhost"}}});
    }

    std::atomic<std::chrono::steady_clock::duration> now{};
    std::unique_ptr<HangingStore> owned = std::make_unique<HangingStore>();
    HangingStore& store = *owned;
    lvng::crm::Crm crm{std::move(owned)};
    const lvng::crm::testing::FixedClock clock;
    const KnownTokens tokens;
    Log log{LogLevel::off, clock, [](std::string_view) {}};
    App app{{.crm = crm, .verifier = tokens, .clock = clock, .log = log},
            {.boundary = {.steady_now = [this] {
                 return std::chrono::steady_clock::time_point{now.load()};
             }}}};
};

bool shows_version(const Reply& reply, int version) {
    return reply.body().find(fmt::format(R"("schema_version":{})", version)) != std::string::npos;
}

}  // namespace

TEST_SUITE("server.health") {

    TEST_CASE("while a store that hangs is asked, others have its last answer") {
        HangingServer server;
        CHECK(shows_version(server.ready(), 1));
        CHECK(shows_version(server.ready(), 1));
        server.store.hang(true);
        server.now = 1s;
        std::jthread asking{[&] { CHECK(shows_version(server.ready(), 2)); }};
        server.store.wait_until_asked(2);
        CHECK(server.store.time_given <= 2s);
        for (int i = 0; i < 3; ++i) CHECK(shows_version(server.ready(), 1));
        // It has waited for three seconds, and its answer is none of then.
        server.now = 4s;
        server.store.hang(false);
        asking.join();
        CHECK(shows_version(server.ready(), 2));
        server.now = 5s;
        CHECK(shows_version(server.ready(), 3));
    }

    TEST_CASE("without an answer that is worth anything all wait for one question") {
        HangingServer server;
        for (const auto now : {0s, 60s}) {
            server.now = now;
            server.store.hang(true);
            const int question = now == 0s ? 1 : 2;
            std::vector<std::jthread> asking;
            for (int i = 0; i < 4; ++i)
                asking.emplace_back([&] { CHECK(shows_version(server.ready(), question)); });
            server.store.wait_until_asked(question);
            server.store.hang(false);
        }
    }

    TEST_CASE("a server that is being stopped asks a store that hangs nothing") {
        HangingServer server;
        server.store.hang(true);
        server.app.readiness().drain();
        const Reply ready = server.ready();
        CHECK(ready.status() == 503);
        CHECK(ready.body() == R"({"status":"draining","parts":{}})");
    }

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
