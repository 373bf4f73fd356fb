#include "front/crew.hpp"

#include "front/front.hpp"
#include "support/http_scenario.hpp"
#include "support/raw_client.hpp"
#include "wiring.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

using namespace lvng::server;
using namespace lvng::server::testing;
using namespace std::chrono_literals;

namespace {

/// Keeps whoever comes until it is opened.
class Gate {
public:
    void pass() {
        std::unique_lock lock{mutex_};
        ++waiting_;
        change_.notify_all();
        change_.wait(lock, [&] { return open_; });
    }
    /// Whether so many have come, within some seconds.
    bool has(int count) {
        std::unique_lock lock{mutex_};
        return change_.wait_for(lock, 10s, [&] { return waiting_ >= count; });
    }
    void open() {
        const std::lock_guard lock{mutex_};
        open_ = true;
        change_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable change_;
    int waiting_ = 0;
    bool open_ = false;
};

/// A front over routes that wait at a gate: `POST /gate` says so, as all that changes something
/// does, `GET /gate` does not. `GET /fast` waits for nothing.
class GateServer {
public:
    explicit GateServer(const Crew::Size& size)
        : front_{boundary_, bound_socket("127.0.0.1", 0), {.crew = size}} {
        front_.start();
    }
    ~GateServer() { gate.open(); }
    GateServer(const GateServer&) = delete;
    GateServer& operator=(const GateServer&) = delete;

    /// A client that has asked, and waits for its answer.
    RawClient ask(const std::string& method, const std::string& path) {
        RawClient client{Poco::Net::SocketAddress{front_.url().substr(7)}};
        client.send(head(method, path, ""));
        return client;
    }

    bool drain(std::chrono::milliseconds patience) { return front_.drain(patience); }

    Gate gate;

private:
    Router router() {
        const auto gated = [this](const Call&) {
            gate.pass();
            return json_reply(200, "{}");
        };
        return Router{{{.method = "POST", .path = "/gate", .handler = gated},
                       {.method = "GET", .path = "/gate", .handler = gated},
                       {.method = "GET", .path = "/fast", .handler = [](const Call&) {
                            return json_reply(200, "{}");
                        }}}};
    }

    TestServer app_;
    KnownTokens tokens_;
    SystemClock clock_;
    Log log_{LogLevel::off, clock_, [](std::string_view) {}};
    Boundary boundary_{
        router(), {.crm = app_.crm(), .verifier = tokens_, .clock = clock_, .log = log_}, {}};
    Front front_;
};

bool is_answered(RawClient& client) {
    return client.read_until("{}").starts_with("HTTP/1.1 200 ");
}

}  // namespace

TEST_SUITE("server.crew") {

    TEST_CASE("while workers wait for the disk, the reserve serves others") {
        GateServer server{{.active = 1, .reserve = 3}};
        std::vector<RawClient> writers;
        for (int i = 1; i <= 3; ++i) {
            writers.push_back(server.ask("POST", "/gate"));
            CHECK(server.gate.has(i));
            RawClient reader = server.ask("GET", "/fast");
            CHECK(is_answered(reader));
        }
        server.gate.open();
        for (RawClient& writer : writers) CHECK(is_answered(writer));
        for (int i = 0; i < 20; ++i) {
            RawClient writer = server.ask("POST", "/gate");
            CHECK(is_answered(writer));
        }
    }

    TEST_CASE("workers that wait and have not said so are relieved") {
        GateServer server{{.active = 2, .reserve = 4}};
        std::vector<RawClient> stuck;
        for (int i = 1; i <= 5; ++i) {
            stuck.push_back(server.ask("GET", "/gate"));
            CHECK(server.gate.has(i));
        }
        RawClient reader = server.ask("GET", "/fast");
        CHECK(is_answered(reader));
        server.gate.open();
        for (RawClient& client : stuck) CHECK(is_answered(client));
    }

    TEST_CASE("a stop does not wait longer than it may") {
        GateServer server{{.active = 1, .reserve = 1}};
        RawClient writer = server.ask("POST", "/gate");
        CHECK(server.gate.has(1));
        const auto started = std::chrono::steady_clock::now();
        CHECK_FALSE(server.drain(200ms));
        CHECK(std::chrono::steady_clock::now() - started < 5s);
    }

}  // TEST_SUITE
