#include "http/cors.hpp"

#include "support/http_scenario.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace lvng::server;
using namespace lvng::server::testing;

namespace {

const std::string contacts = "/api/v2/contacts";
const std::string app = "https://app.example";
const std::string local = "http://localhost:3000";

/// Everything that `app` is not, however near it comes.
const std::vector<std::string> strangers{"https://other.example",
                                         "null",
                                         "https://app.example.evil.test",
                                         "https://evil-app.example",
                                         "https://app.exampl",
                                         "https://app.example:8443",
                                         "http://app.example",
                                         "https://APP.example",
                                         "https://app.example/",
                                         "https://app.example, https://app.example",
                                         "*"};

Boundary::Options listed() {
    return {.failed_auth_rate = std::nullopt, .origins = *CorsOrigins::parse(app + ", " + local)};
}

/// The value of a header, or `none`.
std::string value_of(const Reply& reply, std::string_view name) {
    const std::string* value = reply.header(name);
    return value != nullptr ? *value : "none";
}

Headers preflight_from(const std::string& origin) {
    return {{"Origin", origin},
            {"Access-Control-Request-Method", "PUT"},
            {"Access-Control-Request-Headers", "authorization,content-type"}};
}

bool has_cors_headers(const Reply& reply) {
    for (const Reply::Field& field : reply.headers())
        if (field.name.starts_with("Access-Control-")) return true;
    return false;
}

}  // namespace

TEST_SUITE("server.cors") {

    TEST_CASE("only what a browser can send is an origin") {
        for (const std::string text :
             {"https://app.example", "http://localhost:3000", "http://127.0.0.1:8080",
              "https://[::1]:3000", "http://[::1]", "https://a_b.example,https://c.example"})
            CHECK_MESSAGE(CorsOrigins::parse(text), text);
        for (const std::string text :
             {"*", "null", "app.example", "https://", "https://app.example/", "https://App.example",
              "HTTPS://app.example", "https://app.example:443", "http://app.example:80",
              "https://app.example:", "https://app.example:0443", "https://app.example:123456",
              "https://:8080", "https://user@app.example", "https://*.example", "ftp://app.example",
              "https://app.example https://c.example", "https://app.example,,https://c.example"})
            CHECK_FALSE_MESSAGE(CorsOrigins::parse(text), text);
    }

    TEST_CASE("a page of a listed origin may read answers and refusals") {
        TestServer server{listed()};
        for (const std::string& origin : {app, local}) {
            for (const Who who : {Who::ana, Who::guest}) {
                const Reply reply = server.send(who, "GET", contacts, "", {{"Origin", origin}});
                CHECK(reply.status() == (who == Who::ana ? 200 : 401));
                CHECK(value_of(reply, "Access-Control-Allow-Origin") == origin);
                CHECK(value_of(reply, "Access-Control-Expose-Headers").find("X-Request-Id") !=
                      std::string::npos);
                CHECK(value_of(reply, "Access-Control-Allow-Credentials") == "none");
                CHECK(value_of(reply, "Vary") == "Origin");
            }
        }
    }

    TEST_CASE("a preflight of a listed origin needs no token and does not count") {
        Boundary::Options options = listed();
        options.contacts_rate = Rate{.places = 1};
        TestServer server{std::move(options)};
        for (const std::string& path : {contacts, contact_path(1), std::string{"/healthz"}}) {
            const Reply reply = server.send(Who::guest, "OPTIONS", path, "", preflight_from(local));
            CHECK(reply.status() == 204);
            CHECK(reply.body().empty());
            CHECK(value_of(reply, "Access-Control-Allow-Origin") == local);
            CHECK(value_of(reply, "Access-Control-Allow-Methods") ==
                  "GET, HEAD, POST, PUT, PATCH, DELETE");
            CHECK(value_of(reply, "Access-Control-Allow-Headers") ==
                  "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, "
                  "X-Request-Id");
            CHECK(value_of(reply, "Access-Control-Max-Age") == "600");
            CHECK(value_of(reply, "Vary") == "Origin");
            CHECK(value_of(reply, "X-Content-Type-Options") == "nosniff");
        }
        CHECK(server.send(Who::ana, "GET", contacts).status() == 200);
    }

    TEST_CASE("a preflight says the same of every path") {
        TestServer server{listed()};
        CHECK(server.send(Who::guest, "OPTIONS", "/api/v2/nothing", "", preflight_from(app))
                  .status() == 204);
    }

    TEST_CASE("framing, sizes and expectations are judged before a preflight") {
        TestServer server{listed()};
        Headers headers = preflight_from(app);
        headers.emplace_back("Expect", "x");
        CHECK(server.send(Who::guest, "OPTIONS", contacts, "", headers).status() == 417);
        headers.back() = {"Host", ""};
        CHECK(server.send(Who::guest, "OPTIONS", contacts, "", headers).status() == 400);
    }

    TEST_CASE("no other origin is let in, however near it comes") {
        TestServer server{listed()};
        for (const std::string& origin : strangers) {
            CAPTURE(origin);
            const Reply get = server.send(Who::ana, "GET", contacts, "", {{"Origin", origin}});
            CHECK(get.status() == 200);
            CHECK_FALSE(has_cors_headers(get));
            CHECK(value_of(get, "Vary") == "Origin");
            const Reply refused =
                server.send(Who::guest, "GET", contacts, "", {{"Origin", origin}});
            CHECK(refused.status() == 401);
            CHECK_FALSE(has_cors_headers(refused));
            const Reply preflight =
                server.send(Who::guest, "OPTIONS", contacts, "", preflight_from(origin));
            CHECK(preflight.status() == 401);
            CHECK_FALSE(has_cors_headers(preflight));
        }
    }

    TEST_CASE("an OPTIONS that is no preflight is a method like others") {
        TestServer server{listed()};
        const Headers origin{{"Origin", app}};
        CHECK(server.send(Who::guest, "OPTIONS", contacts, "", origin).status() == 401);
        CHECK(server.send(Who::ana, "OPTIONS", contacts, "", origin).status() == 405);
        Headers only_asks = preflight_from(app);
        only_asks.front() = {"Origin", ""};
        CHECK(server.send(Who::guest, "OPTIONS", contacts, "", only_asks).status() == 401);
    }

    TEST_CASE("without a setting no answer speaks of origins") {
        TestServer server;
        const Reply get = server.send(Who::ana, "GET", contacts, "", {{"Origin", app}});
        CHECK_FALSE(has_cors_headers(get));
        CHECK(get.header("Vary") == nullptr);
        CHECK(server.send(Who::guest, "OPTIONS", contacts, "", preflight_from(app)).status() ==
              401);
    }

}  // TEST_SUITE
