#include "adapters/postgresql/pool.hpp"

#include "support/people.hpp"

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <thread>
#include <vector>

using namespace lvng::crm;
using namespace lvng::crm::test;
using postgresql::Pool;

namespace {

using std::chrono::milliseconds;

Deadline in(milliseconds time) {
    return std::chrono::steady_clock::now() + time;
}

/// Takes connections, and never says a word.
class SilentServer {
public:
    [[nodiscard]] std::string url() const {
        return fmt::format("postgresql://ana@{}/desk?sslmode=disable",
                           socket_.address().toString());
    }
    /// False where nobody comes within that time.
    bool accept(milliseconds patience) {
        if (!socket_.poll(Poco::Timespan{std::chrono::microseconds{patience}.count()},
                          Poco::Net::Socket::SELECT_READ))
            return false;
        accepted_.push_back(socket_.acceptConnection());
        return true;
    }
    void hang_up() { accepted_.clear(); }

private:
    Poco::Net::ServerSocket socket_{Poco::Net::SocketAddress{"127.0.0.1", 0}};
    std::vector<Poco::Net::StreamSocket> accepted_;
};

}  // namespace

TEST_SUITE("adapters.postgresql.pool") {

    TEST_CASE(
        "of many who find no connection two connect at a time, and the next hear of trouble") {
        SilentServer server;
        Pool pool{server.url(), 8};
        std::vector<std::string> outcomes(8);
        std::vector<std::jthread> callers;
        for (std::string& outcome : outcomes) {
            callers.emplace_back(
                [&] { outcome = refusal([&] { pool.take(in(milliseconds{20'000})); }); });
        }
        CHECK(server.accept(milliseconds{10'000}));
        CHECK(server.accept(milliseconds{10'000}));
        CHECK_FALSE(server.accept(milliseconds{300}));
        CHECK(pool.use().used == 8);
        server.hang_up();
        callers.clear();
        for (const std::string& outcome : outcomes) CHECK(outcome == "unavailable");
        CHECK_FALSE(server.accept(milliseconds{0}));
        CHECK(pool.use().used == 0);
    }

    TEST_CASE("who waits for a turn to connect waits until the deadline") {
        SilentServer server;
        Pool pool{server.url(), 3};
        std::vector<std::jthread> callers;
        for (int caller = 0; caller < 2; ++caller) {
            callers.emplace_back([&] { refusal([&] { pool.take(in(milliseconds{20'000})); }); });
            CHECK(server.accept(milliseconds{10'000}));
        }
        CHECK(refusal([&] { pool.take(in(milliseconds{50})); }) == "unavailable");
        CHECK(pool.use().used == 2);
        server.hang_up();
    }
}
