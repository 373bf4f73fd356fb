#include "api/metrics.hpp"

#include "http/request_metrics.hpp"
#include "support/fronts.hpp"
#include "support/http_scenario.hpp"
#include "support/raw_client.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

using namespace lvng::server;
using namespace lvng::server::testing;
using namespace std::chrono_literals;

namespace {

const std::string contacts = "/api/v2/contacts";
const std::string token = "a-token-of-scrapers";
const Headers scraper{{"Authorization", "Bearer " + token}};

App::Options with_token() {
    return {.metrics_token = token};
}

std::string scrape(TestServer& server) {
    const Reply reply = server.send(Who::guest, "GET", "/metrics", "", scraper);
    REQUIRE(reply.status() == 200);
    return reply.body();
}

/// The value behind a name with its labels; empty where there is no such line.
std::string sample(const std::string& page, const std::string& name) {
    const auto begin = page.find("\n" + name + ' ');
    if (begin == std::string::npos) return {};
    const auto value = begin + name.size() + 2;
    return page.substr(value, page.find('\n', value) - value);
}

std::string count_of(const std::string& page, std::string_view method, std::string_view route,
                     std::string_view status) {
    return sample(page, fmt::format("http_server_request_duration_seconds_count"
                                    R"({{method="{}",route="{}",status="{}"}})",
                                    method, route, status));
}

/// The names and labels of all samples.
std::set<std::string> series(const std::string& page) {
    std::set<std::string> found;
    std::istringstream lines{page};
    for (std::string line; std::getline(lines, line);)
        if (!line.starts_with('#')) found.insert(line.substr(0, line.rfind(' ')));
    return found;
}

}  // namespace

TEST_SUITE("server.metrics") {

    TEST_CASE("a page is written as the text format wants it") {
        MetricsText out;
        out.begin("a_total", MetricType::counter, "How many.");
        out.add(3);
        out.add(0, {{"kind", "q\"b\\c\nd"}, {"x", ""}});
        out.begin("b_seconds", MetricType::histogram, "How long.");
        out.add_part("_bucket", std::uint64_t{2}, {{"le", "+Inf"}});
        out.add_part("_sum", 0.25, {});
        CHECK(out.text() == "# HELP a_total How many.\n"
                            "# TYPE a_total counter\n"
                            "a_total 3\n"
                            "a_total{kind=\"q\\\"b\\\\c\\nd\",x=\"\"} 0\n"
                            "# HELP b_seconds How long.\n"
                            "# TYPE b_seconds histogram\n"
                            "b_seconds_bucket{le=\"+Inf\"} 2\n"
                            "b_seconds_sum 0.25\n");
    }

    TEST_CASE("a duration counts in its bucket and in all larger ones") {
        const std::vector<Route> routes{{.method = "GET", .path = "/x"}};
        RequestMetrics metrics{routes};
        metrics.count(&routes[0], 200, 1ms);
        metrics.count(&routes[0], 204, 1ms + 1ns);
        metrics.count(&routes[0], 200, 3s);
        MetricsText out;
        metrics.write(out);
        const auto value = [&](const std::string& part, const std::string& bound) {
            return sample(out.text(), "http_server_request_duration_seconds" + part +
                                          R"({method="GET",route="/x",status="2xx")" + bound + "}");
        };
        CHECK(value("_bucket", R"(,le="0.0005")") == "0");
        CHECK(value("_bucket", R"(,le="0.001")") == "1");
        CHECK(value("_bucket", R"(,le="0.0025")") == "2");
        CHECK(value("_bucket", R"(,le="2.5")") == "2");
        CHECK(value("_bucket", R"(,le="+Inf")") == "3");
        CHECK(value("_count", "") == "3");
        CHECK(value("_sum", "") == "3.002000001");
    }

    TEST_CASE("nothing is lost between threads") {
        const std::vector<Route> routes{{.method = "GET", .path = "/x"}};
        RequestMetrics metrics{routes};
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] {
                for (int n = 0; n < 10'000; ++n) metrics.count(&routes[0], 200, 1us);
            });
        for (std::thread& thread : threads) thread.join();
        MetricsText out;
        metrics.write(out);
        CHECK(count_of(out.text(), "GET", "/x", "2xx") == "40000");
    }

    TEST_CASE("answers are counted by route and class of status") {
        TestServer server{with_token()};
        const std::string jane = server.create(Who::ana, R"({"name":"Jane"})");
        server.send(Who::ana, "GET", jane);
        server.send(Who::ana, "HEAD", jane);
        server.send(Who::bob, "GET", jane);
        server.send(Who::guest, "GET", contacts);
        server.send(Who::guest, "GET", "/nothing");
        const std::string page = scrape(server);
        CHECK(count_of(page, "POST", contacts, "2xx") == "1");
        CHECK(count_of(page, "GET", contacts + "/{id}", "2xx") == "2");
        CHECK(count_of(page, "GET", contacts + "/{id}", "4xx") == "1");
        CHECK(count_of(page, "none", "none", "4xx") == "2");
        CHECK(count_of(page, "GET", contacts + "/{id}", "5xx").empty());
        CHECK(count_of(page, "GET", "/metrics", "2xx").empty());
        CHECK(count_of(scrape(server), "GET", "/metrics", "2xx") == "1");
    }

    TEST_CASE("what a client writes makes no new series") {
        TestServer server{with_token()};
        const auto before = [&] {
            server.send(Who::guest, "GET", "/nothing");
            server.send(Who::ana, "GET", contacts);
            server.send(Who::ana, "GET", contacts + "/zzz");
            scrape(server);
            return series(scrape(server));
        }();
        for (int i = 0; i < 20; ++i) {
            server.send(Who::ana, fmt::format("M{}", i), contacts);
            server.send(Who::guest, "GET", fmt::format("/p{}", i));
            server.send(Who::ana, "GET", fmt::format("{}?search=canary{}", contacts, i));
            server.send(Who::ana, "GET", fmt::format("{}/canary{}", contacts, i));
        }
        CHECK(series(scrape(server)) == before);
    }

    TEST_CASE("refused tokens and refused haste are counted") {
        App::Options options = with_token();
        options.boundary.contacts_rate = Rate{.places = 1};
        TestServer server{std::move(options)};
        server.send(Who::guest, "GET", contacts);
        server.send(Who::guest, "GET", contacts, "", {{"Authorization", "Bearer of-eve"}});
        for (int i = 0; i < 4; ++i) server.send(Who::ana, "GET", contacts);
        server.send(Who::guest, "GET", "/metrics", "", {{"Authorization", "Bearer wrong"}});
        const std::string page = scrape(server);
        CHECK(sample(page, "lvng_failed_authentications_total") == "3");
        CHECK(sample(page, R"(lvng_rate_limited_total{path="/api/v2/contacts"})") == "3");
        CHECK(sample(page, R"(lvng_rate_limited_total{path="/api/v2/conversations"})") == "0");
    }

    TEST_CASE("refused tokens are counted beyond their limit too") {
        App::Options options = with_token();
        options.boundary.failed_auth_rate = Rate{.places = 1};
        TestServer server{std::move(options)};
        const Headers wrong{{"Authorization", "Bearer wrong"}};
        for (const std::string& path : {contacts, contacts, std::string{"/metrics"}})
            server.send(Who::guest, "GET", path, "", wrong);
        CHECK(server.send(Who::guest, "GET", contacts, "", wrong).status() == 429);
        server.send(Who::guest, "OPTIONS", contacts);
        CHECK(sample(scrape(server), "lvng_failed_authentications_total") == "5");
    }

    TEST_CASE("the state of store and server shows") {
        TestServer server{with_token()};
        const std::string page = scrape(server);
        CHECK(sample(page, R"(lvng_store_up{kind="sqlite"})") == "1");
        CHECK(sample(page, "lvng_draining") == "0");
        CHECK(sample(page, "lvng_event_subscriptions") == "0");
        CHECK(sample(page, "lvng_event_losses_total") == "0");
        server.app().readiness().drain();
        CHECK(sample(scrape(server), "lvng_draining") == "1");
    }

    TEST_CASE("figures are off unless they have a token or a port of their own") {
        TestServer off;
        CHECK(off.send(Who::ana, "GET", "/metrics").status() == 404);
        CHECK(off.app().metrics_boundary() == nullptr);
        TestServer guarded{with_token()};
        for (const std::string value : {"", "Bearer", "Bearer a-token-of-scraper",
                                        "Bearer a-token-of-scrapert", "Bearer token-of-ana"}) {
            const Reply reply =
                guarded.send(Who::guest, "GET", "/metrics", "", {{"Authorization", value}});
            CHECK(reply.status() == 401);
            CHECK(*reply.header("WWW-Authenticate") == "Bearer");
        }
        const Reply reply = guarded.send(Who::guest, "GET", "/metrics", "", scraper);
        CHECK(*reply.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
        CHECK(*reply.header("Cache-Control") == "no-store");
        CHECK(guarded.send(Who::guest, "GET", contacts, "", scraper).status() == 401);
    }

    TEST_CASE("on a port of their own nothing else is answered") {
        for (const std::string secret : {"", token.c_str()}) {
            TestServer server{App::Options{.metrics_token = secret, .metrics_apart = true}};
            CHECK(server.send(Who::guest, "GET", "/metrics", "", scraper).status() == 404);
            REQUIRE(server.app().metrics_boundary() != nullptr);
            const auto status = [&](std::string_view path, std::string_view credentials) {
                Request request{.method = "GET", .target = path, .headers = {{"Host", "x"}}};
                if (!credentials.empty())
                    request.headers.push_back({.name = "Authorization", .value = credentials});
                return server.app().metrics_boundary()->answer(request).status();
            };
            CHECK(status("/metrics", "") == (secret.empty() ? 200 : 401));
            CHECK(status("/metrics", "Bearer " + token) == 200);
            CHECK(status("/healthz", "") == 404);
        }
    }

    TEST_CASE("connections and workers show") {
        FrontServer server{{},
                           {.crew = {.active = 2, .reserve = 4},
                            .max_connections = 1,
                            .max_connections_per_address = 2}};
        RawClient first{server.address()};
        first.send(head("GET", "/healthz", ""));
        CHECK(first.read_until("}").starts_with("HTTP/1.1 200 "));
        RawClient second{server.address()};
        const std::string turned_away = second.read_until("}}");
        CHECK(turned_away.starts_with("HTTP/1.1 503 "));
        for (const auto* header : {"X-Content-Type-Options: nosniff", "X-Frame-Options: DENY",
                                   "Cache-Control: no-store", "Content-Security-Policy: default"})
            CHECK(turned_away.find(header) != std::string::npos);
        CHECK(RawClient{server.address()}.read_all().empty());
        MetricsText out;
        server.front.write_metrics(out);
        CHECK(sample(out.text(), "lvng_connections") == "2");
        CHECK(sample(out.text(), "lvng_connections_limit") == "1");
        CHECK(sample(out.text(), "lvng_connections_accepted_total") == "3");
        CHECK(sample(out.text(), "lvng_connections_turned_away_total") == "2");
        int workers = 0;
        for (const auto* state : {"idle", "serving", "aside", "reserve"})
            workers +=
                std::stoi(sample(out.text(), fmt::format(R"(lvng_workers{{state="{}"}})", state)));
        CHECK(workers >= 1);
    }

}  // TEST_SUITE
