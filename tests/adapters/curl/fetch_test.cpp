#include "adapters/curl/fetch.hpp"

#include "support/key_server.hpp"

#include <lvng/crm/error.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <stop_token>
#include <string>
#include <utility>

using namespace lvng::crm;
using key_server::Certificate;
using key_server::KeyServer;
using key_server::ok;

namespace {

/// `MAX-AGE BODY`, or why there is none.
std::string outcome(const curl::Fetch& what, const std::stop_token& stop = {}) {
    try {
        const curl::Fetched fetched = curl::fetch(what, stop);
        return fmt::format("{} {}", fetched.max_age.count(), fetched.body);
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::unavailable);
        return error.message();
    }
}

}  // namespace

TEST_SUITE("curl.fetch") {

    TEST_CASE("only what nobody on the way can answer for is a safe address") {
        const std::pair<std::string_view, bool> table[] = {
            {"https://id.example.org/keys", true},
            {"https://id.example.org:8443/keys?v=1", true},
            {"HTTPS://id.example.org", true},
            {"http://localhost:8080/keys", true},
            {"http://127.0.0.1/keys", true},
            {"http://127.1.2.3:80/keys", true},
            {"http://[::1]:8080/keys", true},
            {"http://id.example.org/keys", false},
            {"http://127.0.0.1.example.org/keys", false},
            {"http://localhost.example.org/keys", false},
            {"http://10.0.0.1/keys", false},
            {"http://[::2]/keys", false},
            {"http://0.0.0.0/keys", false},
            {"https://user@id.example.org/keys", false},
            {"https://user:password@id.example.org/keys", false},
            {"https://id.example.org/keys#first", false},
            {"file:///etc/passwd", false},
            {"ftp://id.example.org/keys", false},
            {"gopher://localhost/keys", false},
            {"https://", false},
            {"//id.example.org/keys", false},
            {"", false},
        };
        for (const auto& [url, expected] : table) {
            CAPTURE(url);
            CHECK(curl::is_safe_url(url) == expected);
        }
    }

    TEST_CASE("a body comes with how long it holds") {
        KeyServer server{ok("keys")};
        CHECK(outcome({.url = server.url()}) == "0 keys");
        for (const auto& [header, age] : {std::pair{"Cache-Control: max-age=600", 600},
                                          {"cache-control: public, MAX-AGE=60, x=1", 60},
                                          {"Cache-Control: no-store", 0},
                                          {"Cache-Control: max-age=-5", 0},
                                          {"Cache-Control: max-age=99999999999999", 0},
                                          {"Cache-Control: max-age=", 0},
                                          {"X-Cache-Control: max-age=600", 0}}) {
            CAPTURE(header);
            server.set(ok("keys", fmt::format("{}\r\n", header)));
            CHECK(outcome({.url = server.url()}) == fmt::format("{} keys", age));
        }
    }

    TEST_CASE("a redirect is followed nowhere") {
        KeyServer elsewhere{ok("not mine")};
        for (const int status : {301, 302, 303, 307, 308}) {
            KeyServer server{fmt::format("HTTP/1.1 {} Moved\r\nLocation: {}\r\n"
                                         "Content-Length: 0\r\nConnection: close\r\n\r\n",
                                         status, elsewhere.url())};
            CHECK(outcome({.url = server.url()}) ==
                  fmt::format("answers {} instead of 200", status));
        }
        CHECK(elsewhere.requests() == 0);
    }

    TEST_CASE("an answer is as large as the limit and no larger") {
        const std::string body(100'000, 'x');
        KeyServer server{ok(body)};
        CHECK(outcome({.url = server.url(), .max_bytes = body.size()}) == "0 " + body);
        CHECK(outcome({.url = server.url(), .max_bytes = body.size() - 1}) ==
              "sends more than 99999 bytes");
        server.set("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body);
        CHECK(outcome({.url = server.url(), .max_bytes = 1000}) == "sends more than 1000 bytes");
        server.set("HTTP/1.1 200 OK\r\nX: " + body + "\r\n\r\n");
        CHECK(outcome({.url = server.url(), .max_bytes = 1000}) == "sends more than 1000 bytes");
    }

    TEST_CASE("what is no answer is none") {
        KeyServer server{"HTTP/1.1 503 Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"};
        CHECK(outcome({.url = server.url()}) == "answers 503 instead of 200");
        server.set("HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\nshort");
        CHECK(outcome({.url = server.url()}).starts_with("cannot be fetched: "));
        server.set("nonsense\r\n\r\n");
        CHECK(outcome({.url = server.url()}).starts_with("cannot be fetched: "));
        CHECK(outcome({.url = "http://127.0.0.1:1/keys"}).starts_with("cannot be fetched: "));
    }

    TEST_CASE("nobody waits beyond the timeout, nor once it is over") {
        KeyServer server{ok("keys")};
        server.stall(true);
        CHECK(outcome({.url = server.url(), .timeout = std::chrono::milliseconds{50}})
                  .starts_with("cannot be fetched: "));
        std::stop_source over;
        over.request_stop();
        CHECK(outcome({.url = server.url(), .timeout = std::chrono::minutes{1}}, over.get_token())
                  .starts_with("cannot be fetched: "));
    }

    TEST_CASE("https needs a certificate that is trusted and of that name") {
        const Certificate certificate;
        const std::string path =
            (std::filesystem::temp_directory_path() /
             fmt::format("lvng-ca-{}.pem", reinterpret_cast<std::uintptr_t>(&certificate)))
                .string();
        certificate.write_to(path);
        KeyServer server{ok("keys"), &certificate};
        CHECK(outcome({.url = server.url(), .ca_file = path}) == "0 keys");
        CHECK(outcome({.url = server.url()}).starts_with("cannot be fetched: "));
        std::string by_number = server.url();
        by_number.replace(by_number.find("localhost"), 9, "127.0.0.1");
        CHECK(outcome({.url = by_number, .ca_file = path}).starts_with("cannot be fetched: "));
        std::filesystem::remove(path);
    }

}  // TEST_SUITE
