#include "front/read_line.hpp"

#include "support/quiet_clients.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

using namespace lvng::server;
using namespace lvng::server::testing;
using namespace std::chrono_literals;

namespace {

struct Line : QuietClients {
    Line() : QuietClients{100} {}

    /// Whether it leads.
    bool join(std::size_t client) {
        const auto lead = line.join(*clients[client]);
        if (lead) leads.push_back(*lead);
        return lead.has_value();
    }
    /// The numbers of those that are next for a leader, the first that there was or a later one.
    std::vector<std::size_t> next(std::size_t leader = 0) {
        ReadLine::Places places;
        return numbers_of(line.next(leads.at(leader), places));
    }
    std::optional<std::size_t> overdue() {
        const Client* client = line.overdue();
        return client != nullptr ? std::optional{number_of(client)} : std::nullopt;
    }

    ReadLine line{{.usual = 1, .most = 4}, [this] { return now; }};
    std::vector<ReadLine::Lead> leads;
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
        CHECK(next(1) == Numbers{4});
    }

    TEST_CASE_FIXTURE(Line, "a long line is taken in pieces") {
        for (std::size_t n = 0; n < 100; ++n) join(n);
        CHECK(next().size() == 64);
        const Numbers rest = next();
        CHECK(rest.size() == 36);
        CHECK(rest.front() == 64);
    }

    TEST_CASE_FIXTURE(Line, "where who leads is away for long, others lead beside") {
        CHECK(join(0));
        CHECK(next() == Numbers{0});
        now += 100ms;
        CHECK_FALSE(overdue());  // nobody waits
        CHECK_FALSE(join(1));
        CHECK_FALSE(join(2));
        CHECK(overdue() == 1);
        CHECK_FALSE(overdue());  // it was called just now
        CHECK(join(1));
        CHECK(next(1) == Numbers{2, 1});
        CHECK_FALSE(join(3));
        now += 19ms;
        CHECK_FALSE(overdue());
        CHECK(next(1) == Numbers{3});
        CHECK(next(1).empty());
        // As long as the first is away, who comes need not wait to be called.
        CHECK(join(4));
        CHECK(next(2) == Numbers{4});
        CHECK(next(2).empty());
        CHECK(next().empty());
        CHECK(join(5));
        CHECK_FALSE(join(6));
    }

    TEST_CASE_FIXTURE(Line, "one that was away and is back leads on, as the only one") {
        join(0);
        CHECK(next() == Numbers{0});
        now += 100ms;
        join(1);
        CHECK(overdue() == 1);
        CHECK(join(1));
        CHECK(next() == Numbers{1});
        CHECK(next(1).empty());
        CHECK_FALSE(join(2));
        CHECK(next() == Numbers{2});
        CHECK(next().empty());
        CHECK(join(3));
    }

    TEST_CASE_FIXTURE(Line, "where all who lead are stuck, not all workers follow") {
        for (std::size_t n = 0; n < 20; ++n) {
            if (join(n)) {
                CHECK(next(leads.size() - 1).size() == 1);
            } else if (const auto called = overdue()) {
                CHECK(join(*called));
                CHECK(next(leads.size() - 1).size() == 1);
            }
            now += 100ms;
        }
        CHECK(leads.size() == 4);
        CHECK_FALSE(overdue());
        // They go on where they come back.
        CHECK(next(2).size() > 10);
        CHECK(next(2).empty());
        CHECK_FALSE(join(0));
    }
}
