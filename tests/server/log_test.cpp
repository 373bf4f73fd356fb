#include "http/log.hpp"

#include "http/line_writer.hpp"
#include "support/http_scenario.hpp"

#include <lvng/crm/json.hpp>

#include <doctest/doctest.h>

#include <array>
#include <string>

#include <fcntl.h>
#include <unistd.h>

using namespace lvng::server;
using namespace lvng::server::testing;
using namespace std::chrono_literals;

namespace {

std::string logged(LogLevel level, const std::function<void(Log&)>& work) {
    const lvng::crm::testing::FixedClock clock;
    std::string out;
    Log log{level, clock, [&](std::string_view line) { out += line; }};
    work(log);
    return out;
}

/// A pipe whose ends close themselves.
struct Pipe {
    Pipe() { REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0); }
    ~Pipe() {
        ::close(ends[0]);
        ::close(ends[1]);
    }
    std::array<int, 2> ends{};
};

std::string read_all(int descriptor) {
    ::fcntl(descriptor, F_SETFL, O_NONBLOCK);
    std::string out;
    std::array<char, 4096> buffer{};
    for (auto n = ::read(descriptor, buffer.data(), buffer.size()); n > 0;
         n = ::read(descriptor, buffer.data(), buffer.size()))
        out.append(buffer.data(), static_cast<std::size_t>(n));
    return out;
}

}  // namespace

TEST_SUITE("server.log") {

    TEST_CASE("an access line is one JSON object") {
        CHECK(logged(LogLevel::info,
                     [](Log& log) {
                         log.access({.id = "r\"1",
                                     .method = "GET",
                                     .route = "/api/v2/contacts/{id}",
                                     .status = 404,
                                     .error = "NOT_FOUND",
                                     .duration = 1234us,
                                     .bytes = 99,
                                     .tenant = "acme",
                                     .user = "ana",
                                     .peer = "192.0.2.7"});
                     }) ==
              R"({"time":"2026-04-01T12:00:00.000Z","level":"info","id":"r\"1","method":"GET",)"
              R"("route":"/api/v2/contacts/{id}","status":404,"error":"NOT_FOUND",)"
              R"("duration_ms":1.234,"bytes":99,"tenant":"acme","user":"ana","peer":"192.0.2.7"})"
              "\n");
    }

    TEST_CASE("each level holds the ones before it") {
        const auto all = [](Log& log) {
            log.error("e");
            log.warning("w");
            log.info("i", {"why", "line\nbreak"});
            log.debug("d");
            log.access({.method = "GET", .status = 200});
        };
        const auto lines = [&](LogLevel level) {
            const std::string text = logged(level, all);
            return std::count(text.begin(), text.end(), '\n');
        };
        CHECK(lines(LogLevel::off) == 0);
        CHECK(lines(LogLevel::error) == 1);
        CHECK(lines(LogLevel::info) == 4);
        CHECK(lines(LogLevel::debug) == 5);
    }

    TEST_CASE("a sink that fails stops nothing") {
        const lvng::crm::testing::FixedClock clock;
        Log log{LogLevel::info, clock, [](std::string_view) { throw 1; }};
        CHECK_NOTHROW(log.error("e"));
        CHECK_NOTHROW(log.access({.method = "GET", .status = 200}));
    }

    TEST_CASE("nothing that a caller writes reaches the log, at any level") {
        TestServer server;
        const std::string canary = "canary-4711";
        const std::string body = R"({"name":")" + canary + R"(","email":")" + canary +
                                 R"(@acme.com","notes":"canary-4711\u001b[31m","x)" + canary +
                                 R"(":1})";
        const Headers headers{{"Authorization", "Bearer " + canary},
                              {"X-Request-Id", canary + "\r\nx"},
                              {"X-Canary", canary},
                              {"Cookie", canary}};
        server.send(Who::ana, "POST", "/api/v2/contacts?token=" + canary, body);
        server.send(Who::ana, "POST", "/api/v2/contacts", R"({"name":")" + canary + "\"}");
        server.send(Who::ana, "GET", "/api/v2/contacts?search=" + canary + "&limit=" + canary);
        server.send(Who::ana, "GET", "/api/v2/contacts/" + canary);
        server.send(Who::guest, "GET", "/" + canary);
        server.send(Who::guest, canary, "/healthz");
        server.send(Who::guest, "GET", "/api/v2/contacts", "", headers);
        server.send(Who::ana, "POST", "/api/v2/contacts", "{" + canary);
        CHECK(server.log_text().find("canary") == std::string::npos);
        CHECK(server.log_text().find(std::string{token_of(Who::ana)}) == std::string::npos);
    }

    TEST_CASE("each request gives one line, and each line is JSON") {
        TestServer server;
        server.send(Who::ana, "POST", "/api/v2/contacts", R"({"name":"Jane"})");
        server.send(Who::guest, "BREW", "/x", "", {{"Host", ""}});
        const std::string text = server.log_text();
        std::size_t lines = 0;
        for (std::size_t at = 0; at < text.size(); ++lines) {
            const auto end = text.find('\n', at);
            const std::string line = text.substr(at, end - at);
            CAPTURE(line);
            CHECK_NOTHROW(lvng::crm::JsonObject::parse(line));
            at = end + 1;
        }
        CHECK(lines == 2);
        CHECK(text.find(R"("method":"POST","route":"/api/v2/contacts","status":201)") !=
              std::string::npos);
        CHECK(text.find(R"("method":"other","status":400,"error":"BAD_REQUEST")") !=
              std::string::npos);
    }

    TEST_CASE("lines are written before the writer goes") {
        Pipe pipe;
        {
            LineWriter writer{pipe.ends[1]};
            for (int i = 0; i < 100; ++i) writer.write("line\n");
        }
        CHECK(read_all(pipe.ends[0]).size() == 500);
    }

    TEST_CASE("a pipe that nobody reads stops neither the writers nor the end") {
        Pipe pipe;
        const std::string line(1000, 'x');
        const auto started = std::chrono::steady_clock::now();
        {
            LineWriter writer{pipe.ends[1]};
            for (int i = 0; i < 10'000; ++i) writer.write(line);
        }
        CHECK(std::chrono::steady_clock::now() - started < 10s);
    }

    TEST_CASE("a full disk stops nothing") {
        const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
        REQUIRE(full >= 0);
        {
            LineWriter writer{full};
            writer.write("line\n");
        }
        ::close(full);
    }

}  // TEST_SUITE
