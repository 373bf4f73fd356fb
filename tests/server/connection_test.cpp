#include "front/connection.hpp"

#include "support/raw_client.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

using namespace lvng::server;
using namespace lvng::server::testing;
using Phase = Connection::Phase;

namespace {

const std::string probe = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string create = json_head("Content-Length: 15\r\n") + R"({"name":"Jane"})";

/// A connection of the peer 192.0.2.7 to all routes, without a socket.
struct Talk {
    explicit Talk(Boundary::Options options = {}, TrustedProxies proxies = {})
        : app{std::move(options)}, service{.boundary = app.boundary(), .proxies = proxies} {}

    /// The statuses that are answered to `bytes`, as `200 400.`; a full stop where it ends.
    std::string say(std::string_view bytes) {
        desk.out.clear();
        connection.take(bytes, desk);
        return said();
    }
    std::string said() {
        std::string out;
        for (auto at = desk.out.find("HTTP/1.1 "); at != std::string::npos;
             at = desk.out.find("HTTP/1.1 ", at + 1))
            out += fmt::format("{}{}", out.empty() ? "" : " ", desk.out.substr(at + 9, 3));
        if (connection.phase() == Phase::over) out += '.';
        return out;
    }

    TestServer app;
    Service service;
    Desk desk{};
    Connection connection{service, "192.0.2.7"};
};

}  // namespace

TEST_SUITE("server.connection") {

    TEST_CASE("requests are answered in their order, however they arrive") {
        const std::string three = probe + create + probe;
        Talk at_once;
        CHECK(at_once.say(three) == "200 201 200");
        CHECK(at_once.connection.phase() == Phase::idle);
        for (const std::size_t piece : {1, 2, 5, 64}) {
            Talk slow;
            std::string out;
            for (std::size_t i = 0; i < three.size(); i += piece) {
                slow.say(std::string_view{three}.substr(i, piece));
                out += slow.desk.out;
            }
            slow.desk.out = out;
            CHECK(slow.said() == "200 201 200");
            CHECK(total(slow.app) == "1");
        }
    }

    TEST_CASE("what is waited for is known at each moment") {
        Talk talk;
        CHECK(talk.connection.phase() == Phase::idle);
        const auto says = [&](std::string_view bytes, Phase phase) {
            const auto before = talk.connection.steps();
            talk.say(bytes);
            CHECK(talk.connection.phase() == phase);
            return talk.connection.steps() > before;
        };
        CHECK(says("GET /healthz", Phase::head));
        CHECK_FALSE(says(" HTTP/1.1\r\n", Phase::head));
        CHECK(says("Host: a\r\n\r\n", Phase::idle));
        CHECK(says(json_head("Content-Length: 15\r\n") + "{", Phase::body));
        CHECK_FALSE(says(R"("name":)", Phase::body));
        CHECK(says(R"("Jane"})", Phase::idle));
        CHECK(says(head("GET", "/healthz", "Content-Length: 5\r\n"), Phase::unwanted));
        CHECK(says("GET /", Phase::idle));
        CHECK(says(head("GET", "/healthz", "Connection: foo, Close\r\n"), Phase::over));
        CHECK(talk.say(probe) == ".");
    }

    TEST_CASE("a chunked body is joined, and the connection goes on") {
        Talk talk;
        CHECK(talk.say(json_head("Transfer-Encoding: chunked\r\n") +
                       "8\r\n{\"name\":\r\n7\r\n\"Jane\"}\r\n0\r\n\r\n" + probe) == "201 200");
    }

    TEST_CASE("a broken chunk gives one answer, and nothing after it is a request") {
        Talk talk;
        CHECK(talk.say(json_head("Transfer-Encoding: chunked\r\n") + "f;x\r\n" +
                       R"({"name":"Jane"})" + "\r\n0\r\n\r\n" + probe) == "400.");
        CHECK(total(talk.app) == "0");
        Talk unwanted;
        CHECK(unwanted.say(head("GET", "/healthz", "Transfer-Encoding: chunked\r\n") + "x\r\n" +
                           probe) == "200.");
    }

    TEST_CASE("an unwanted body is read off up to 64 KiB") {
        for (const std::string framing :
             {"Content-Length: 65536\r\n", "Transfer-Encoding: chunked\r\n"}) {
            const bool chunked = framing.front() == 'T';
            const std::string body(65536, 'G');
            Talk talk;
            CHECK(talk.say(head("GET", "/healthz", framing) +
                           (chunked ? "10000\r\n" + body + "\r\n0\r\n\r\n" : body) + probe) ==
                  "200 200");
        }
        Talk large;
        CHECK(large.say(head("GET", "/healthz", "Content-Length: 65537\r\n")) == "200.");
        Talk chunks;
        CHECK(chunks.say(head("GET", "/healthz", "Transfer-Encoding: chunked\r\n") + "10001\r\n") ==
              "200.");
    }

    TEST_CASE("who waits to be asked is asked once, and never for a body that is not wanted") {
        Talk talk;
        CHECK(talk.say(json_head("Content-Length: 15\r\nExpect: 100-continue\r\n")) == "100");
        CHECK(talk.say(R"({"name":"Jane"})") == "201");
        CHECK(talk.say(json_head("Content-Length: 15\r\nExpect: 100-continue\r\n") +
                       R"({"name":"Jane"})") == "201");
        CHECK(talk.say(head("GET", "/healthz", "Content-Length: 5\r\nExpect: 100-continue\r\n")) ==
              "200.");
        Talk old;
        CHECK(old.say("POST /api/v2/contacts HTTP/1.0\r\nAuthorization: Bearer token-of-ana\r\n"
                      "Content-Type: application/json\r\nContent-Length: 15\r\n"
                      "Expect: 100-continue\r\n\r\n") == "");
        CHECK(old.say(R"({"name":"Jane"})") == "201.");
    }

    TEST_CASE("an end that comes too early is an error, one between requests is none") {
        const auto said_at_end = [](std::string_view bytes) {
            Talk talk;
            talk.say(bytes);
            talk.desk.out.clear();
            talk.connection.end_of_input(talk.desk);
            return talk.said();
        };
        CHECK(said_at_end("") == ".");
        CHECK(said_at_end(probe) == ".");
        CHECK(said_at_end("GET /") == "400.");
        CHECK(said_at_end(create.substr(0, create.size() - 1)) == "400.");
        CHECK(said_at_end(head("GET", "/healthz", "Content-Length: 5\r\n") + "GET") == ".");
    }

    TEST_CASE("what does not come in time is answered once it has begun") {
        const auto said_late = [](std::string_view bytes) {
            Talk talk;
            talk.say(bytes);
            talk.desk.out.clear();
            talk.connection.time_out(talk.desk);
            return talk.said();
        };
        CHECK(said_late("") == ".");
        CHECK(said_late("G") == "408.");
        CHECK(said_late(json_head("Content-Length: 15\r\n")) == "408.");
    }

    TEST_CASE("a long row of requests is answered in turns") {
        Talk talk;
        std::string row;
        for (int i = 0; i < 40; ++i) row += probe;
        talk.say(row);
        CHECK(occurrences(talk.desk.out, "HTTP/1.1 200") == 16);
        CHECK(talk.connection.has_more());
        talk.say("");
        CHECK(occurrences(talk.desk.out, "HTTP/1.1 200") == 16);
        CHECK(talk.connection.has_more());
        talk.say(probe);
        CHECK(occurrences(talk.desk.out, "HTTP/1.1 200") == 9);
        CHECK_FALSE(talk.connection.has_more());
    }

    TEST_CASE("answers that are not read yet keep further requests waiting") {
        Talk talk{{.contacts_rate = std::nullopt}};
        for (int i = 0; i < 200; ++i)
            talk.app.create(Who::ana,
                            R"({"name":"Jane","notes":")" + std::string(200, 'n') + "\"}");
        const std::string list = head("GET", "/api/v2/contacts?limit=200", "");
        talk.say(list + list + list);
        CHECK(occurrences(talk.desk.out, "HTTP/1.1 200") == 1);
        CHECK(talk.connection.has_more());
    }

    TEST_CASE("a connection ends after its last request") {
        Talk few;
        few.service.requests_per_connection = 2;
        CHECK(few.say(probe + probe + probe) == "200 200.");
        Talk stopping;
        stopping.service.stopping = true;
        CHECK(stopping.say(probe + probe) == "200.");
        CHECK(stopping.desk.out.find("\r\nConnection: close\r\n") != std::string::npos);
        Talk last;
        last.connection.make_next_the_last();
        CHECK(last.say(probe + probe) == "200.");
    }

    TEST_CASE("the answer to HEAD tells the length and has no body") {
        Talk talk;
        talk.say(head("HEAD", "/healthz", ""));
        CHECK(talk.desk.out.find("Content-Length: 15\r\n") != std::string::npos);
        CHECK(talk.desk.out.ends_with("\r\n\r\n"));
    }

    TEST_CASE("a client is who the trusted proxy says") {
        const std::string forwarded = head("GET", "/healthz", "X-Forwarded-For: 198.51.100.9\r\n");
        Talk direct;
        direct.say(forwarded);
        CHECK(direct.app.log_text().find(R"("peer":"192.0.2.7")") != std::string::npos);
        Talk behind{{}, *TrustedProxies::parse("192.0.2.0/24")};
        behind.say(forwarded);
        CHECK(behind.app.log_text().find(R"("peer":"198.51.100.9")") != std::string::npos);
    }

    TEST_CASE("work that may wait is announced, and only that") {
        Talk talk;
        int begun = 0;
        int ended = 0;
        talk.desk.before_waiting = [&] { ++begun; };
        talk.desk.after_waiting = [&] { ++ended; };
        talk.say(probe + head("GET", "/api/v2/contacts", ""));
        CHECK(begun == 0);
        talk.say(create);
        CHECK(begun == 1);
        CHECK(ended == 1);
    }

}  // TEST_SUITE
