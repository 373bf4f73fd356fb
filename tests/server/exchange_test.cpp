#include "http/exchange.hpp"

#include "support/busy_store.hpp"
#include "support/http_scenario.hpp"

#include <lvng/crm/error.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>

using namespace lvng::server;
using namespace lvng::server::testing;

namespace {

const std::string contacts = "/api/v2/contacts";

std::string code_of(const Reply& reply) {
    return std::to_string(reply.status()) + ' ' + error_member(reply.body(), "code");
}

/// A server whose one route fails as the test wants.
class FailingServer {
public:
    explicit FailingServer(Handler handler)
        : log_{LogLevel::debug, crm_.clock(), [this](std::string_view line) { logged += line; }},
          boundary_{Router{{{"GET", "/x", handler}, {"POST", "/x", handler}}},
                    {.crm = crm_.crm(), .verifier = tokens_, .clock = crm_.clock(), .log = log_},
                    {}} {}

    Reply send(std::string_view method) {
        return boundary_.answer(
            {.method = method, .target = "/x", .headers = {{"Host", "localhost"}}});
    }

    std::string logged{};

private:
    lvng::crm::testing::TestCrm crm_;
    KnownTokens tokens_;
    Log log_;
    Boundary boundary_;
};

}  // namespace

TEST_SUITE("server.exchange") {

    // Each request breaks every rule from its own on, so the answer shows which one is looked at
    // first.
    TEST_CASE("the first failing check answers") {
        TestServer server{{.sizes = {.body = 100}, .contacts_rate = Rate{.places = 12}}};
        const std::string large(200, 'x');
        const std::string path = contacts + "/zzz";
        const Headers bad{{"Content-Type", "text/plain"}, {"Expect", "x"}};
        const Headers no_length{{"Content-Length", ""}, {"Content-Type", "text/plain"}};
        const Headers wrong_type{{"Content-Type", "text/plain"}};
        const std::string long_target = '/' + std::string(9000, 'a');

        CHECK(code_of(server.send(Who::guest, "POST", long_target, large,
                                  {{"Host", ""}, {"Expect", "x"}})) == "400 BAD_REQUEST");
        CHECK(code_of(server.send(Who::guest, "POST", long_target, large, bad)) ==
              "414 URI_TOO_LONG");
        CHECK(code_of(server.send(Who::guest, "POST", path, large,
                                  {{"X-A", std::string(9000, 'a')}, {"Expect", "x"}})) ==
              "431 HEADERS_TOO_LARGE");
        CHECK(code_of(server.send(Who::guest, "POST", path, large, bad)) ==
              "417 EXPECTATION_FAILED");
        CHECK(code_of(server.send(Who::guest, "BREW", path, large, no_length)) ==
              "401 UNAUTHENTICATED");
        CHECK(code_of(server.send(Who::ana, "PUT", contacts + "/a/b", large, no_length)) ==
              "404 NOT_FOUND");
        CHECK(code_of(server.send(Who::ana, "BREW", path, large, no_length)) ==
              "405 METHOD_NOT_ALLOWED");
        CHECK(code_of(server.send(Who::ana, "PUT", path, large, no_length)) ==
              "411 LENGTH_REQUIRED");
        CHECK(code_of(server.send(Who::ana, "PUT", path, large, wrong_type)) ==
              "413 PAYLOAD_TOO_LARGE");
        CHECK(code_of(server.send(Who::ana, "PUT", path, "{", wrong_type)) ==
              "415 UNSUPPORTED_MEDIA_TYPE");
        CHECK(code_of(server.send(Who::ana, "PUT", path, "{")) == "400 INVALID_JSON");
        CHECK(code_of(server.send(Who::ana, "PUT", path, R"({"x":1})")) == "400 VALIDATION_ERROR");
        CHECK(code_of(server.send(Who::ana, "PUT", contact_path(9), R"({"x":1})")) ==
              "400 VALIDATION_ERROR");
        CHECK(code_of(server.send(Who::ana, "PUT", contact_path(9), R"({"name":"x"})")) ==
              "404 NOT_FOUND");
        for (int i = 0; i < 4; ++i) server.send(Who::ana, "GET", contacts);
        CHECK(code_of(server.send(Who::ana, "BREW", contacts + "/a/b", large, no_length)) ==
              "429 RATE_LIMITED");
    }

    TEST_CASE("failures of an address beyond the limit are answered 429") {
        TestServer server{{.failed_auth_rate = Rate{.places = 3}}};
        const auto fail = [&](std::string_view token) {
            const Reply reply = server.send(Who::guest, "GET", contacts, {},
                                            {{"Authorization", fmt::format("Bearer {}", token)}});
            for (const auto* header : {"X-RateLimit-Limit", "X-RateLimit-Remaining"})
                CHECK_FALSE(reply.header(header));
            const std::string* wait = reply.header("Retry-After");
            return code_of(reply) + ' ' + (wait != nullptr ? *wait : "-");
        };
        CHECK(fail("wrong") == "401 UNAUTHENTICATED -");
        server.advance(std::chrono::seconds{20});
        CHECK(fail("") == "401 UNAUTHENTICATED -");
        CHECK(fail("wrong") == "401 UNAUTHENTICATED -");
        for (int i = 0; i < 5; ++i) CHECK(fail("wrong") == "429 RATE_LIMITED 40");
        // A good token passes, and frees nothing.
        CHECK(server.send(Who::ana, "GET", contacts).status() == 200);
        CHECK(fail("wrong") == "429 RATE_LIMITED 40");
        // So do paths that need none.
        CHECK(server.send(Who::guest, "GET", "/healthz").status() == 200);
        server.advance(std::chrono::seconds{40});
        CHECK(fail("wrong") == "401 UNAUTHENTICATED -");
        CHECK(fail("wrong") == "429 RATE_LIMITED 20");
    }

    TEST_CASE("each address has failures of its own, and a network of IPv6 is one") {
        TestServer server{{.failed_auth_rate = Rate{.places = 1}}};
        const auto status = [&](std::string_view peer) {
            return server.boundary()
                .answer({.method = "GET",
                         .target = contacts,
                         .headers = {{"Host", "localhost"}},
                         .peer = peer})
                .status();
        };
        CHECK(status("192.0.2.1") == 401);
        CHECK(status("192.0.2.1") == 429);
        CHECK(status("::ffff:192.0.2.1") == 429);
        CHECK(status("192.0.2.2") == 401);
        CHECK(status("2001:db8::1") == 401);
        CHECK(status("2001:db8::2") == 429);
        CHECK(status("2001:db8:0:0:ffff::1") == 429);
        CHECK(status("2001:db8:0:1::1") == 401);
    }

    TEST_CASE("an OPTIONS fails only with a credential") {
        TestServer server{{.failed_auth_rate = Rate{.places = 1}}};
        for (int i = 0; i < 3; ++i)
            CHECK(server.send(Who::guest, "OPTIONS", contacts).status() == 401);
        const auto guess = [&] {
            return server
                .send(Who::guest, "OPTIONS", contacts, {}, {{"Authorization", "Bearer wrong"}})
                .status();
        };
        CHECK(guess() == 401);
        CHECK(guess() == 429);
    }

    TEST_CASE("a store that is busy holds up no new caller who reads") {
        auto owned = std::make_unique<lvng::crm::test::BusyStore>();
        lvng::crm::test::BusyStore& store = *owned;
        lvng::crm::Crm crm{std::move(owned)};
        const lvng::crm::testing::FixedClock clock;
        const KnownTokens tokens;
        Log log{LogLevel::off, clock, [](std::string_view) {}};
        std::chrono::steady_clock::time_point now{};
        App app{{.crm = crm, .verifier = tokens, .clock = clock, .log = log},
                {.boundary = {.steady_now = [&] { return now; }}}};
        const std::string token = "Bearer " + std::string{token_of(Who::ana)};
        const auto status = [&](std::string_view method) {
            return app.boundary()
                .answer({.method = method,
                         .target = contacts,
                         .headers = {{"Host", "localhost"},
                                     {"Authorization", token},
                                     {"Content-Type", "application/json"},
                                     {"Content-Length", "12"}},
                         .body = R"({"name":"J"})"})
                .status();
        };
        store.busy = true;
        for (int i = 0; i < 5; ++i) CHECK(status("GET") == 200);
        CHECK(store.refused == 1);
        CHECK(store.time_given <= std::chrono::milliseconds{250});
        CHECK(status("POST") == 503);
        CHECK(store.refused == 3);  // for the directory, and for the contact
        store.busy = false;
        const lvng::crm::Principal ana = tokens.verify(token_of(Who::ana)).principal;
        CHECK(status("GET") == 200);
        CHECK_FALSE(crm.users().find(ana, ana.user));
        now += std::chrono::seconds{10};
        CHECK(status("GET") == 200);
        CHECK(crm.users().find(ana, ana.user)->name == "Ana");
    }

    TEST_CASE("without a limit a failure is always 401") {
        TestServer server{{.failed_auth_rate = std::nullopt}};
        for (int i = 0; i < 50; ++i)
            CHECK(server.send(Who::guest, "GET", contacts).status() == 401);
    }

    TEST_CASE("methods that a path lacks are named beside those it has") {
        TestServer server;
        const auto allow = [&](std::string_view method, const std::string& path) {
            const Reply reply = server.send(Who::ana, method, path);
            CHECK(reply.status() == 405);
            return *reply.header("Allow");
        };
        CHECK(allow("DELETE", contacts) == "POST, GET, HEAD");
        CHECK(allow("get", contacts) == "POST, GET, HEAD");
        CHECK(allow("OPTIONS", contacts) == "POST, GET, HEAD");
        CHECK(allow("POST", contact_path(1)) == "GET, HEAD, PUT, DELETE");
        CHECK(allow("PATCH", contact_path(1)) == "GET, HEAD, PUT, DELETE");
        CHECK(allow("POST", "/healthz") == "GET, HEAD");
        CHECK(allow("DELETE", "/openapi.json") == "GET, HEAD");
    }

    TEST_CASE("paths are compared segment by segment, after decoding") {
        TestServer server;
        run(server, {
                        {Who::ana, "GET", "/api/v2/%63ontacts", "", 200},
                        {Who::ana, "GET", "http://example.org/api/v2/contacts?limit=1", "", 200},
                        {Who::ana, "GET", contacts + "/", "", 404},
                        {Who::ana, "GET", "//api/v2/contacts", "", 404},
                        {Who::ana, "GET", "/api/v2/./contacts", "", 404},
                        {Who::ana, "GET", "/api/v2/Contacts", "", 404},
                        {Who::ana, "GET", "/api/v2%2Fcontacts", "", 404},
                        {Who::ana, "OPTIONS", "*", "", 404},
                    });
    }

    TEST_CASE("unknown paths need a token below /api, and only there") {
        TestServer server;
        run(server, {
                        {Who::guest, "GET", "/api", "", 401},
                        {Who::guest, "GET", "/api/v2/nothing", "", 401},
                        {Who::guest, "GET", "/%61pi/v2/contacts", "", 401},
                        {Who::guest, "OPTIONS", contacts, "", 401},
                        {Who::ana, "GET", "/api/v2/nothing", "", 404, {"NOT_FOUND"}},
                        {Who::guest, "GET", "/nothing", "", 404, {"NOT_FOUND"}},
                        {Who::guest, "GET", "/apix", "", 404, {"NOT_FOUND"}},
                        {Who::guest, "GET", "/", "", 404, {"NOT_FOUND"}},
                    });
    }

    TEST_CASE("the scheme of a token is read in either case, and nothing else is taken for one") {
        TestServer server;
        const auto status = [&](const std::string& value) {
            return server.send(Who::guest, "GET", contacts, "", {{"Authorization", value}})
                .status();
        };
        CHECK(status("bearer token-of-ana") == 200);
        CHECK(status("BEARER  token-of-ana") == 200);
        for (const std::string value :
             {"token-of-ana", "Bearer", "Bearer ", "Bearertoken-of-ana", "Basic token-of-ana",
              "Bearer token-of-eve", "Bearer token-of-ana x", "Bearer\ttoken-of-ana"})
            CHECK(status(value) == 401);
    }

    TEST_CASE("HEAD is answered as GET is") {
        TestServer server;
        const std::string jane = server.create(Who::ana, R"({"name":"Jane"})");
        for (const std::string& path : {contacts, jane}) {
            const Reply head = server.send(Who::ana, "HEAD", path);
            CHECK(head.status() == 200);
            CHECK(head.body() == server.send(Who::ana, "GET", path).body());
        }
        for (const std::string path : {"/healthz", "/readyz", "/openapi.json"})
            CHECK(server.send(Who::guest, "HEAD", path).status() == 200);
    }

    TEST_CASE("a body where none is expected is ignored") {
        TestServer server;
        const std::string jane = server.create(Who::ana, R"({"name":"Jane"})");
        run(server, {{Who::ana, "GET", jane, "{ no JSON", 200},
                     {Who::ana, "DELETE", jane, "{ no JSON", 200}});
    }

    TEST_CASE("every answer carries a request id and the headers of a careful server") {
        TestServer server;
        for (const std::string path : {"/healthz", "/api/v2/contacts", "/nothing"}) {
            const Reply reply = server.send(Who::guest, "GET", path);
            CHECK(*reply.header("X-Content-Type-Options") == "nosniff");
            CHECK(*reply.header("X-Frame-Options") == "DENY");
            CHECK(*reply.header("Content-Security-Policy") ==
                  "default-src 'none'; frame-ancestors 'none'");
            CHECK(*reply.header("Cache-Control") == "no-store");
            CHECK(reply.header("X-Request-Id")->starts_with("req_"));
        }
    }

    TEST_CASE("a caller's own request id is taken over where it is one") {
        TestServer server;
        const auto id = [&](const std::string& given) {
            return *server.send(Who::guest, "GET", contacts, "", {{"X-Request-Id", given}})
                        .header("X-Request-Id");
        };
        CHECK(id("abc-123") == "abc-123");
        CHECK(id(std::string(128, '~')) == std::string(128, '~'));
        CHECK(id(std::string(129, '~')).starts_with("req_"));
        CHECK(id("a b").starts_with("req_"));
        CHECK(id("\xc3\xbc").starts_with("req_"));
        CHECK(id("x") != server.send(Who::guest, "GET", contacts).header("X-Request-Id")->c_str());
        const Reply reply =
            server.send(Who::guest, "GET", contacts, "", {{"X-Request-Id", "\"quoted\""}});
        CHECK(error_member(reply.body(), "request_id") == "\"quoted\"");
    }

    TEST_CASE("a broken head closes the connection, a refused request does not") {
        TestServer server;
        CHECK(server.send(Who::ana, "GET", contacts, "", {{"Host", ""}}).closes());
        CHECK(server.send(Who::ana, "GET", contacts, "", {{"Expect", "x"}}).closes());
        CHECK_FALSE(server.send(Who::guest, "GET", contacts).closes());
        CHECK_FALSE(server.send(Who::ana, "POST", contacts, "{").closes());
        CHECK_FALSE(server.send(Who::ana, "GET", contacts).closes());
    }

    TEST_CASE("what a handler throws becomes an answer that says nothing of the inside") {
        for (const bool standard : {true, false}) {
            FailingServer server{[&](const Call&) -> Reply {
                if (standard) throw std::runtime_error{"SELECT secret"};
                throw 42;
            }};
            const Reply reply = server.send("GET");
            CHECK(code_of(reply) == "500 INTERNAL");
            CHECK(reply.body().find("secret") == std::string::npos);
            CHECK(server.logged.find(standard ? "SELECT secret" : "unknown exception") !=
                  std::string::npos);
        }
    }

    TEST_CASE("a 503 to a write says whether the write may have been done") {
        using lvng::crm::Error;
        using lvng::crm::ErrorCode;
        bool unknown = false;
        FailingServer server{[&](const Call&) -> Reply {
            throw Error{ErrorCode::unavailable, "disk", {.outcome_unknown = unknown}};
        }};
        const auto message = [&](std::string_view method) {
            const Reply reply = server.send(method);
            CHECK(code_of(reply) == "503 UNAVAILABLE");
            CHECK(*reply.header("Retry-After") == "1");
            return error_member(reply.body(), "message");
        };
        CHECK(message("GET") == "the service is unavailable for the moment");
        CHECK(message("POST") == "the service is unavailable for the moment; nothing was changed");
        unknown = true;
        CHECK(
            message("POST") ==
            "the service is unavailable for the moment; the change may or may not have been made");
    }

    TEST_CASE("each verified token refreshes the directory") {
        TestServer server;
        const lvng::crm::Principal bob{.tenant = lvng::crm::TenantId{"acme"},
                                       .user = lvng::crm::UserId{"bob"}};
        const auto known = [&](const char* user) {
            return server.crm().users().find(bob, lvng::crm::UserId{user}).has_value();
        };
        CHECK_FALSE(known("ana"));
        CHECK(server.send(Who::ana, "GET", contacts + "/zzz").status() == 400);
        CHECK(known("ana"));
        server.send(Who::ana_of_another, "GET", contacts);
        CHECK_FALSE(known("bob"));
    }

}  // TEST_SUITE
