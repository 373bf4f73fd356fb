#include "http/rate_limit.hpp"

#include "support/http_scenario.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace lvng::server;
using namespace lvng::server::testing;
using namespace std::chrono_literals;

namespace {

using Instant = RateLimiter::Instant;

/// The rule in its plainest form.
class Model {
public:
    explicit Model(Rate rate) : rate_{rate} {}

    RateLimiter::Decision admit(const std::string& caller, Instant now) {
        std::deque<Instant>& log = logs_[caller];
        while (!log.empty() && log.front() + rate_.window <= now) log.pop_front();
        const bool admitted = log.size() < rate_.places;
        if (admitted) log.push_back(now);
        return {admitted, rate_.places - log.size(), log.front() + rate_.window - now};
    }

private:
    Rate rate_;
    std::map<std::string, std::deque<Instant>> logs_;
};

bool same(const RateLimiter::Decision& left, const RateLimiter::Decision& right) {
    return left.admitted == right.admitted && left.remaining == right.remaining &&
           left.until_free == right.until_free;
}

}  // namespace

TEST_SUITE("server.rate_limit") {

    TEST_CASE("any window holds exactly the places, not one more and not one less") {
        RateLimiter limiter{{.places = 3, .window = 60s}};
        const Instant start{};
        CHECK(same(limiter.admit("ana", start), {true, 2, 60s}));
        CHECK(same(limiter.admit("ana", start + 20s), {true, 1, 40s}));
        CHECK(same(limiter.admit("ana", start + 40s), {true, 0, 20s}));
        CHECK(same(limiter.admit("ana", start + 60s - 1ns), {false, 0, 1ns}));
        CHECK(same(limiter.admit("ana", start + 60s), {true, 0, 20s}));
        CHECK(same(limiter.admit("ana", start + 79s), {false, 0, 1s}));
        CHECK(same(limiter.admit("bob", start + 79s), {true, 2, 60s}));
    }

    TEST_CASE("random arrivals are decided as the model decides them") {
        for (unsigned seed = 1; seed <= 5; ++seed) {
            CAPTURE(seed);
            std::mt19937 random{seed};
            const Rate rate{.places = 1 + random() % 40, .window = std::chrono::milliseconds{1000}};
            RateLimiter limiter{rate};
            Model model{rate};
            Instant now{};
            int differences = 0;
            for (int i = 0; i < 40'000; ++i) {
                now += std::chrono::microseconds{random() %
                                                 (random() % 100 == 0 ? 2'000'000 : 20'000)};
                const std::string caller = "user" + std::to_string(random() % 5);
                if (!same(limiter.admit(caller, now), model.admit(caller, now))) ++differences;
            }
            CHECK(differences == 0);
        }
    }

    TEST_CASE("64 threads at one instant get exactly the places") {
        for (int round = 0; round < 5; ++round) {
            RateLimiter limiter{{.places = 100, .window = 60s}};
            std::atomic<int> admitted{0};
            std::vector<std::thread> threads;
            for (int t = 0; t < 64; ++t)
                threads.emplace_back([&] {
                    for (int i = 0; i < 1000; ++i)
                        if (limiter.admit("ana", Instant{}).admitted) ++admitted;
                });
            for (std::thread& thread : threads) thread.join();
            CHECK(admitted == 100);
        }
    }

    TEST_CASE("an instant that is late to the lock counts as the last one") {
        RateLimiter limiter{{.places = 2, .window = 10s}};
        CHECK(limiter.admit("ana", Instant{5s}).admitted);
        CHECK(same(limiter.admit("ana", Instant{4s}), {true, 0, 10s}));
        CHECK(same(limiter.admit("ana", Instant{14s}), {false, 0, 1s}));
        CHECK(same(limiter.admit("ana", Instant{15s}), {true, 1, 10s}));
    }

    TEST_CASE("a look counts nothing") {
        RateLimiter limiter{{.places = 2, .window = 10s}};
        CHECK(same(limiter.look("ana", Instant{}), {true, 2, 0s}));
        CHECK(limiter.callers() == 0);
        limiter.admit("ana", Instant{});
        CHECK(same(limiter.look("ana", Instant{4s}), {true, 1, 6s}));
        limiter.admit("ana", Instant{5s});
        CHECK(same(limiter.look("ana", Instant{4s}), {false, 0, 5s}));
        CHECK(same(limiter.look("ana", Instant{15s}), {true, 2, 0s}));
    }

    TEST_CASE("callers who were idle for a window are forgotten") {
        RateLimiter limiter{{.places = 100, .window = 60s}};
        for (int i = 0; i < 5000; ++i) limiter.admit("user" + std::to_string(i), Instant{});
        CHECK(limiter.callers() == 5000);
        for (int i = 0; i < 1000; ++i) limiter.admit("new" + std::to_string(i), Instant{61s});
        CHECK(limiter.callers() == 1000);
    }

    TEST_CASE("answers carry the limit, what remains, and when a place frees") {
        TestServer server{{.contacts_rate = Rate{.places = 2, .window = 60s}}};
        const auto get = [&] { return server.send(Who::ana, "GET", "/api/v2/contacts"); };
        Reply reply = get();
        CHECK(*reply.header("X-RateLimit-Limit") == "2");
        CHECK(*reply.header("X-RateLimit-Remaining") == "1");
        CHECK(*reply.header("X-RateLimit-Reset") == "2026-04-01T12:01:00.000Z");
        server.advance(1500ms);
        CHECK(*get().header("X-RateLimit-Remaining") == "0");
        reply = get();
        CHECK(reply.status() == 429);
        CHECK(error_member(reply.body(), "code") == "RATE_LIMITED");
        CHECK(*reply.header("X-RateLimit-Remaining") == "0");
        CHECK(*reply.header("X-RateLimit-Reset") == "2026-04-01T12:01:00.000Z");
        CHECK(*reply.header("Retry-After") == "59");
        server.advance(59s);
        CHECK(get().status() == 200);
        CHECK(get().status() == 429);
    }

    TEST_CASE("what is authenticated below the base path counts, whatever its answer") {
        TestServer server{{.contacts_rate = Rate{.places = 100, .window = 60s}}};
        const std::string base = "/api/v2/contacts";
        const auto remaining = [&](const Reply& reply) {
            const std::string* value = reply.header("X-RateLimit-Remaining");
            return value != nullptr ? *value : std::string{"none"};
        };
        CHECK(remaining(server.send(Who::ana, "POST", base, "{}")) == "99");
        CHECK(remaining(server.send(Who::ana, "POST", base, "{")) == "98");
        CHECK(remaining(server.send(Who::ana, "GET", contact_path(9))) == "97");
        CHECK(remaining(server.send(Who::ana, "PATCH", base)) == "96");
        CHECK(remaining(server.send(Who::ana, "GET", base + "/a/b/c")) == "95");
        CHECK(remaining(server.send(Who::ana, "HEAD", base)) == "94");
        CHECK(remaining(server.send(Who::ana, "GET", base + "/%63")) == "93");
        CHECK(remaining(server.send(Who::guest, "GET", base)) == "none");
        CHECK(remaining(server.send(Who::ana, "OPTIONS", base)) == "93");
        CHECK(remaining(server.send(Who::guest, "OPTIONS", base)) == "none");
        CHECK(remaining(server.send(Who::ana, "GET", "/api/v2/contactsx")) == "none");
        CHECK(remaining(server.send(Who::ana, "GET", "/api/v2/other")) == "none");
        CHECK(remaining(server.send(Who::ana, "GET", "/healthz")) == "none");
        CHECK(remaining(server.send(Who::bob, "GET", base)) == "99");
        CHECK(remaining(server.send(Who::ana_of_another, "GET", base)) == "99");
        CHECK(remaining(server.send(Who::ana, "GET", base)) == "92");
    }

    TEST_CASE("conversations are counted apart from contacts") {
        TestServer server;
        const auto left = [&](std::string_view method, const std::string& path) {
            const Reply reply = server.send(Who::ana, method, path);
            const std::string* limit = reply.header("X-RateLimit-Limit");
            const std::string* remaining = reply.header("X-RateLimit-Remaining");
            return limit != nullptr ? *remaining + " of " + *limit : std::string{"none"};
        };
        CHECK(left("GET", conversations) == "59 of 60");
        CHECK(left("GET", "/api/v2/contacts") == "99 of 100");
        CHECK(left("GET", conversations + "/x/messages") == "58 of 60");
        CHECK(left("PUT", conversations + "/x/messages") == "57 of 60");
        CHECK(left("GET", conversations + "/a/b/c/d") == "56 of 60");
        CHECK(left("OPTIONS", conversations) == "56 of 60");
        CHECK(left("GET", conversations + "x") == "none");
        for (int i = 0; i < 56; ++i) server.send(Who::ana, "GET", conversations);
        CHECK(server.send(Who::ana, "GET", conversations).status() == 429);
        CHECK(left("GET", conversations) == "0 of 60");
        CHECK(left("OPTIONS", conversations) == "0 of 60");
        CHECK(left("GET", "/api/v2/contacts") == "98 of 100");
        CHECK(server.send(Who::bob, "GET", conversations).status() == 200);
        CHECK(server.send(Who::ana_of_another, "GET", conversations).status() == 200);
        server.advance(60s);
        CHECK(left("GET", conversations) == "59 of 60");
    }

    TEST_CASE("each of the two limits can be off by itself") {
        TestServer server{{.contacts_rate = std::nullopt,
                           .conversations_rate = Rate{.places = 1, .window = 60s}}};
        for (int i = 0; i < 200; ++i)
            CHECK(server.send(Who::ana, "GET", "/api/v2/contacts").status() == 200);
        CHECK(server.send(Who::ana, "GET", conversations).status() == 200);
        CHECK(server.send(Who::ana, "GET", conversations).status() == 429);
    }

    TEST_CASE("a refused request has no effect") {
        TestServer server{{.contacts_rate = Rate{.places = 1, .window = 60s}}};
        const std::string base = "/api/v2/contacts";
        CHECK(server.send(Who::ana, "GET", base).status() == 200);
        CHECK(server.send(Who::ana, "POST", base, R"({"name":"Jane"})").status() == 429);
        server.advance(60s);
        CHECK(server.send(Who::ana, "GET", base).body().find(R"("total":0)") != std::string::npos);
    }

    TEST_CASE("a limit that is off sends no headers") {
        TestServer server{{.contacts_rate = std::nullopt}};
        for (int i = 0; i < 200; ++i)
            CHECK(server.send(Who::ana, "GET", "/api/v2/contacts").header("X-RateLimit-Limit") ==
                  nullptr);
    }

}  // TEST_SUITE
