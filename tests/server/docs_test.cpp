#include "api/docs.hpp"

#include "openapi/page.hpp"
#include "support/http_scenario.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace lvng::server;
using namespace lvng::server::testing;

TEST_SUITE("server.docs") {

    TEST_CASE("the page and its two files need no token") {
        TestServer server;
        const auto type = [&](const char* path) {
            const Reply reply = server.send(Who::guest, "GET", path);
            CHECK(reply.status() == 200);
            CHECK(*reply.header("X-Content-Type-Options") == "nosniff");
            CHECK(*reply.header("X-Frame-Options") == "DENY");
            return *reply.header("Content-Type");
        };
        CHECK(type("/docs") == "text/html; charset=utf-8");
        CHECK(type("/docs/page.css") == "text/css; charset=utf-8");
        CHECK(type("/docs/page.js") == "text/javascript; charset=utf-8");
        CHECK(server.send(Who::guest, "GET", "/docs/other.js").status() == 404);
    }

    TEST_CASE("the page's policy lets in its own files and nothing inline") {
        TestServer server;
        const std::string policy =
            *server.send(Who::guest, "GET", "/docs").header("Content-Security-Policy");
        for (const auto* part : {"default-src 'none';", "script-src 'self';", "style-src 'self';",
                                 "frame-ancestors 'none';", "base-uri 'none';"})
            CHECK(policy.find(part) != std::string::npos);
        CHECK(policy.find("unsafe") == std::string::npos);
        // Its files are no pages, so the policy of everything else is right for them.
        CHECK(*server.send(Who::guest, "GET", "/docs/page.js").header("Content-Security-Policy") ==
              "default-src 'none'; frame-ancestors 'none'");
    }

    TEST_CASE("no file of the page names an address outside") {
        for (const std::string_view file : {docs_page_html(), docs_page_css(), docs_page_js()}) {
            CHECK(file.size() > 500);
            CHECK(file.find("://") == std::string_view::npos);
            CHECK(file.find("innerHTML") == std::string_view::npos);
        }
    }

}  // TEST_SUITE
