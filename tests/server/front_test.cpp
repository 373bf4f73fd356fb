#include "front/front.hpp"

#include "support/fronts.hpp"
#include "support/raw_client.hpp"

#include <Poco/Exception.h>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

using namespace lvng::server;
using namespace lvng::server::testing;
using namespace std::chrono_literals;

namespace {

using std::chrono::steady_clock;

const std::string probe = head("GET", "/healthz", "");

Front::Options options(const Timeouts& timeouts = {}) {
    return {.crew = {.active = 2, .reserve = 4}, .timeouts = timeouts};
}

std::string ask(RawClient& client) {
    client.send(probe);
    return client.read_until("}");
}

}  // namespace

TEST_SUITE("server.front") {

    TEST_CASE("a free port is taken and shown, and another server cannot have it") {
        FrontServer server;
        REQUIRE(server.front.url().starts_with("http://127.0.0.1:"));
        const auto port = server.address().port();
        CHECK_THROWS_WITH_AS(
            bound_socket("127.0.0.1", port),
            fmt::format("cannot listen on 127.0.0.1:{} (LVNG_LISTEN): Address already in use", port)
                .c_str(),
            std::runtime_error);
        CHECK(server.front.drain(2s));
    }

    TEST_CASE("many clients share few threads, and idle ones hold none") {
        FrontServer server{{}, {.crew = {.active = 1, .reserve = 0}}};
        std::vector<RawClient> clients;
        clients.reserve(100);
        for (int i = 0; i < 100; ++i) clients.emplace_back(server.address());
        for (int round = 0; round < 3; ++round)
            for (RawClient& client : clients) CHECK(ask(client).starts_with("HTTP/1.1 200 "));
        CHECK(server.front.connections() == 100);
    }

    TEST_CASE("a long row of requests is answered to the last") {
        FrontServer server;
        RawClient client{server.address()};
        std::string row;
        for (int i = 0; i < 500; ++i) row += probe;
        client.send(row + head("GET", "/healthz", "Connection: close\r\n"));
        CHECK(occurrences(client.read_all(), "HTTP/1.1 200 ") == 501);
    }

    TEST_CASE("a client that only shuts its side is still answered") {
        FrontServer server;
        RawClient client{server.address()};
        client.send(probe + probe);
        client.shut();
        CHECK(occurrences(client.read_all(), "HTTP/1.1 200 ") == 2);
    }

    TEST_CASE("a large answer to a slow reader arrives whole") {
        FrontServer server{{.contacts_rate = std::nullopt}};
        for (int i = 0; i < 200; ++i)
            server.app.create(Who::ana, fmt::format(R"({{"name":"n{}","notes":"{}"}})", i,
                                                    std::string(20'000, 'n')));
        RawClient client{server.address()};
        client.send(head("GET", "/api/v2/contacts?limit=200", "") +
                    head("GET", "/healthz", "Connection: close\r\n"));
        std::this_thread::yield();  // the answer does not fit into the socket, whenever it is read
        const std::string answers = client.read_all();
        CHECK(answers.size() > 4'000'000);
        CHECK(occurrences(answers, "HTTP/1.1 200 ") == 2);
    }

    TEST_CASE("a head that drips is answered 408 and closed, an idle client in silence") {
        FrontServer server{{}, options({.head = 100ms, .idle = 300ms})};
        RawClient dripper{server.address()};
        RawClient idle{server.address()};
        dripper.send("GET /healthz HTTP/1.1\r\n");
        CHECK(dripper.read_all().starts_with("HTTP/1.1 408 "));
        CHECK(idle.read_all().empty());
    }

    TEST_CASE("the time of a head is counted from its first byte") {
        FrontServer server{{}, options({.head = 500ms})};
        RawClient dripper{server.address()};
        const auto started = steady_clock::now();
        std::thread drips{[&] {
            try {
                for (const char c : head("GET", "/healthz", std::string(200, 'a') + ": b\r\n")) {
                    dripper.send(std::string(1, c));
                    std::this_thread::sleep_for(20ms);
                }
            } catch (const Poco::Exception&) {
                // closed, as it should be
            }
        }};
        try {
            CHECK(dripper.read_all().starts_with("HTTP/1.1 408 "));
        } catch (const Poco::Exception&) {
            // a byte came after the end
        }
        CHECK(steady_clock::now() - started < 3s);
        drips.join();
    }

    TEST_CASE("a client that reads nothing is not waited for") {
        FrontServer server{{.contacts_rate = std::nullopt}, options({.write = 200ms})};
        for (int i = 0; i < 200; ++i)
            server.app.create(Who::ana, fmt::format(R"({{"name":"n{}","notes":"{}"}})", i,
                                                    std::string(20'000, 'n')));
        // More than the socket takes: in the middle of an answer, and between two of them.
        const std::string list = head("GET", "/api/v2/contacts?limit=200", "");
        std::string pages;
        for (int i = 0; i < 200; ++i) pages += head("GET", "/openapi.json", "");
        for (const std::string& requests : {list + list, pages}) {
            RawClient client{server.address()};
            client.send(requests);
            const auto deadline = steady_clock::now() + 10s;
            while (server.front.connections() == 0 && steady_clock::now() < deadline)
                std::this_thread::yield();
            while (server.front.connections() != 0 && steady_clock::now() < deadline)
                std::this_thread::sleep_for(10ms);
            CHECK(server.front.connections() == 0);
        }
    }

    TEST_CASE("a stop lets the running request end and takes no new connection") {
        FrontServer server;
        RawClient running{server.address()};
        running.send(json_head("Content-Length: 15\r\nExpect: 100-continue\r\n"));
        running.read_until("\r\n\r\n");
        std::thread stopper{[&] { CHECK(server.front.drain(10s)); }};
        while (true) {
            try {
                RawClient late{server.address()};
            } catch (const Poco::Exception&) {
                break;
            }
        }
        running.send(R"({"name":"Jane"})");
        const std::string answer = running.read_all();
        CHECK(answer.starts_with("HTTP/1.1 201 "));
        CHECK(answer.find("Connection: close") != std::string::npos);
        stopper.join();
    }

    TEST_CASE("an idle client can still ask for a moment while the server stops") {
        auto patient = options();
        patient.farewell = 3s;
        FrontServer server{{}, patient};
        RawClient idle{server.address()};
        CHECK(ask(idle).starts_with("HTTP/1.1 200 "));
        RawClient silent{server.address()};
        CHECK(ask(silent).starts_with("HTTP/1.1 200 "));
        std::thread stopper{[&] { CHECK(server.front.drain(10s)); }};
        while (true) {
            try {
                RawClient late{server.address()};
            } catch (const Poco::Exception&) {
                break;
            }
        }
        CHECK(ask(idle).find("Connection: close") != std::string::npos);
        CHECK(silent.read_all().empty());
        stopper.join();
    }

    TEST_CASE("a client that never finishes its body does not hold up the stop") {
        FrontServer server;
        RawClient dripper{server.address()};
        dripper.send(json_head("Content-Length: 15\r\nExpect: 100-continue\r\n"));
        dripper.read_until("\r\n\r\n");
        const auto started = steady_clock::now();
        CHECK(server.front.drain(1s));
        CHECK(steady_clock::now() - started < 3s);
    }

    TEST_CASE("connections beyond the greatest number are answered 503") {
        auto few = options();
        few.max_connections = 1;
        FrontServer server{{}, few};
        RawClient first{server.address()};
        ask(first);
        RawClient second{server.address()};
        second.send(probe);
        const std::string answer = second.read_all();
        CHECK(answer.starts_with("HTTP/1.1 503 "));
        CHECK(answer.find("Retry-After: 1\r\n") != std::string::npos);
        CHECK(ask(first).starts_with("HTTP/1.1 200 "));
    }

    TEST_CASE("connections of one address beyond their greatest number are closed") {
        auto few = options();
        few.max_connections_per_address = 1;
        FrontServer server{{}, few};
        RawClient first{server.address()};
        ask(first);
        RawClient second{server.address()};
        CHECK(second.read_all().empty());
        CHECK(ask(first).starts_with("HTTP/1.1 200 "));

        few.proxies = *TrustedProxies::parse("127.0.0.1");
        FrontServer behind{{}, few};
        RawClient third{behind.address()};
        RawClient fourth{behind.address()};
        CHECK(ask(third).starts_with("HTTP/1.1 200 "));
        CHECK(ask(fourth).starts_with("HTTP/1.1 200 "));
    }

}  // TEST_SUITE
