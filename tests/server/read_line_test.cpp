#include "front/read_line.hpp"

#include "support/http_scenario.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include <sys/eventfd.h>

using namespace lvng::server;
using namespace lvng::server::testing;
using namespace std::chrono_literals;

namespace {

/// Clients that nobody talks to.
struct Line {
    Line() {
        for (int n = 0; n < 100; ++n)
            clients.push_back(
                std::make_unique<Client>(Descriptor{::eventfd(0, 0)}, service, timeouts, "a"));
    }
    bool join(std::size_t client) { return line.join(*clients[client]); }
    [[nodiscard]] std::size_t number_of(const Client* client) const {
        std::size_t number = 0;
        while (clients.at(number).get() != client) ++number;
        return number;
    }
    /// The numbers of those that are next.
    std::vector<std::size_t> next() {
        std::vector<std::size_t> numbers;
        ReadLine::Places places;
        for (const Client* client : line.next(places)) numbers.push_back(number_of(client));
        return numbers;
    }
    std::optional<std::size_t> overdue() {
        const Client* client = line.overdue();
        return client != nullptr ? std::optional{number_of(client)} : std::nullopt;
    }

    TestServer app;
    Service service{.boundary = app.boundary()};
    Timeouts timeouts;
    std::vector<std::unique_ptr<Client>> clients;
    std::chrono::steady_clock::time_point now{};
    ReadLine line{1, [this] { return now; }};
};

using Numbers = std::vector<std::size_t>;

}  // namespace

TEST_SUITE("server.read_line") {

    TEST_CASE_FIXTURE(Line, "the first to join leads, until nobody is left") {
        CHECK(join(0));
        CHECK_FALSE(join(1));
        CHECK_FALSE(join(2));
        CHECK(next() == Numbers{0, 1, 2});
        CHECK_FALSE(join(3));
        CHECK(next() == Numbers{3});
        CHECK(next().empty());
        CHECK(join(4));
        CHECK(next() == Numbers{4});
    }

    TEST_CASE_FIXTURE(Line, "a long line is taken in pieces") {
        for (std::size_t n = 0; n < 100; ++n) join(n);
        CHECK(next().size() == 64);
        const Numbers rest = next();
        CHECK(rest.size() == 36);
        CHECK(rest.front() == 64);
    }

    TEST_CASE_FIXTURE(Line, "where who leads is away for long, another one leads beside") {
        join(0);
        CHECK(next() == Numbers{0});
        now += 100ms;
        CHECK_FALSE(overdue());  // nobody waits
        CHECK_FALSE(join(1));
        join(2);
        CHECK(overdue() == 1);
        CHECK_FALSE(overdue());  // it was called just now
        CHECK(join(1));
        CHECK(next() == Numbers{2, 1});
        CHECK_FALSE(join(3));
        now += 19ms;
        CHECK_FALSE(overdue());
        CHECK(next() == Numbers{3});
        CHECK(next().empty());  // one leads no more
        join(4);
        CHECK(next() == Numbers{4});
        CHECK(next().empty());
        CHECK(join(5));
        CHECK_FALSE(join(6));
    }

    TEST_CASE_FIXTURE(Line, "where all who lead are stuck, not all workers follow") {
        join(0);
        CHECK(next() == Numbers{0});
        std::size_t beside = 0;
        for (std::size_t n = 1; n < 20; ++n) {
            join(n);
            now += 100ms;
            if (const auto called = overdue()) {
                ++beside;
                CHECK(join(*called));
                CHECK(next().size() == 1);
            }
        }
        CHECK(beside == 4);
    }
}
