#include "front/write_line.hpp"

#include "support/quiet_clients.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <thread>
#include <vector>

using namespace lvng::server;
using namespace lvng::server::testing;
using namespace std::chrono_literals;

namespace {

struct Line : QuietClients {
    Line() : QuietClients{200} {}

    bool join(std::size_t client) { return line.join(*clients[client]); }
    /// The numbers of those that are next.
    std::vector<std::size_t> next() {
        WriteLine::Places places;
        return numbers_of(line.next(places));
    }

    WriteLine line{[this] { return now; }};
};

using Numbers = std::vector<std::size_t>;

}  // namespace

TEST_SUITE("server.write_line") {

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
        for (std::size_t n = 0; n < 200; ++n) join(n);
        CHECK(next().size() == 128);
        const Numbers rest = next();
        CHECK(rest.size() == 72);
        CHECK(rest.front() == 128);
    }

    TEST_CASE_FIXTURE(Line, "those who were answered just now are waited for, and not for long") {
        for (std::size_t n = 0; n < 4; ++n) join(n);
        CHECK(next().size() == 4);
        now += 400ms;  // how long their commit took
        join(4);
        line.committed();
        std::jthread others{[&] {
            for (std::size_t n = 0; n < 4; ++n) join(n);
        }};
        CHECK(next() == Numbers{4, 0, 1, 2, 3});
        others.join();
        const auto before = std::chrono::steady_clock::now();
        join(0);
        CHECK(next() == Numbers{0});  // the others do not come
        CHECK(std::chrono::steady_clock::now() - before < 200ms);
    }

    TEST_CASE_FIXTURE(Line, "one who is alone is not kept waiting") {
        join(0);
        CHECK(next() == Numbers{0});
        now += 200ms;
        line.committed();
        join(0);  // it had its answer, and is quick
        const auto before = std::chrono::steady_clock::now();
        CHECK(next() == Numbers{0});
        line.committed();
        CHECK(next().empty());
        CHECK(std::chrono::steady_clock::now() - before < 50ms);
    }

    TEST_CASE_FIXTURE(Line, "after a commit that took very long nobody is waited for as long") {
        join(0);
        join(1);
        CHECK(next().size() == 2);
        now += 1s;
        line.committed();
        join(2);
        const auto before = std::chrono::steady_clock::now();
        CHECK(next() == Numbers{2});
        CHECK(std::chrono::steady_clock::now() - before < 300ms);
    }
}
