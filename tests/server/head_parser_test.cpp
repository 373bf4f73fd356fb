#include "front/head_parser.hpp"

#include "http/errors.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

using namespace lvng::server;

namespace {

/// What the scanner says of bytes that arrive at once: the length, "more", or the status.
std::string scan(const std::string& bytes, const SizeLimits& limits = {}) try {
    HeadScanner scanner;
    const auto end = scanner.find_end(bytes, limits);
    return end ? std::to_string(*end) : "more";
} catch (const Refusal& refusal) {
    return fmt::format("refused {}", kind_of(refusal.error).status);
}

/// The same where each byte comes alone.
std::string scan_slowly(const std::string& bytes, const SizeLimits& limits = {}) try {
    HeadScanner scanner;
    for (std::size_t size = 1; size <= bytes.size(); ++size)
        if (const auto end = scanner.find_end(std::string_view{bytes}.substr(0, size), limits))
            return std::to_string(*end);
    return "more";
} catch (const Refusal& refusal) {
    return fmt::format("refused {}", kind_of(refusal.error).status);
}

std::string describe(const std::string& head) try {
    Request request;
    split_head(head, request);
    std::string out =
        fmt::format("[{}] [{}] [{}]", request.method, request.target, request.version);
    for (const HeaderField& field : request.headers)
        out += fmt::format(" [{}] [{}]", field.name, field.value);
    return out;
} catch (const Refusal& refusal) {
    return refusal.what();
}

}  // namespace

TEST_SUITE("server.head_parser") {

    TEST_CASE("a head ends with its first empty line, however it arrives") {
        for (const std::string head : {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "G\r\n\r\n",
                                       "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"}) {
            CAPTURE(head);
            CHECK(scan(head) == std::to_string(head.size()));
            CHECK(scan(head + "GET") == std::to_string(head.size()));
            CHECK(scan_slowly(head) == std::to_string(head.size()));
            for (std::size_t cut = 0; cut < head.size(); ++cut)
                CHECK(scan(head.substr(0, cut)) == "more");
        }
    }

    TEST_CASE("a line end that is not CR LF is refused as soon as it is seen") {
        for (const std::string head :
             {"GET / HTTP/1.1\n", "GET / HTTP/1.1\r\nHost: a\n\n", "\n", "GET / HTTP/1.1\rHost: a",
              "GET / HTTP/1.1\r\rHost", "GET / HTTP/1.1\r\n\rA", "G\rE\r\n", "\r\n\r\n"}) {
            CAPTURE(head);
            CHECK(scan(head) == "refused 400");
            CHECK(scan_slowly(head) == "refused 400");
        }
    }

    TEST_CASE("what is no HTTP at all is not waited for") {
        CHECK(scan(std::string{"\x16\x03\x01\x02\x00\x01\x00", 7}) == "refused 400");
        CHECK(scan(std::string{"GET /\0", 6}) == "refused 400");
        CHECK(scan("GET / HTTP/1.1\r\nHost: a\x7f") == "refused 400");
    }

    TEST_CASE("a head that is too large is refused before its end has come") {
        const SizeLimits limits{.request_line = 100,
                                .header_value = 50,
                                .header_name = 20,
                                .header_count = 4,
                                .headers = 150};
        const std::string line = "GET / HTTP/1.1\r\n";
        CHECK(scan(std::string(103, 'a'), limits) == "more");
        CHECK(scan(std::string(104, 'a'), limits) == "refused 414");
        CHECK(scan_slowly(std::string(104, 'a'), limits) == "refused 414");
        CHECK(scan(line + "A: " + std::string(70, 'a'), limits) == "more");
        CHECK(scan(line + "A: " + std::string(71, 'a'), limits) == "refused 431");
        CHECK(scan(line + "A: b\r\nA: b\r\nA: b\r\nA: b\r\n", limits) == "more");
        CHECK(scan(line + "A: b\r\nA: b\r\nA: b\r\nA: b\r\nA: b\r\n", limits) == "refused 431");
        std::string large = line;
        for (int i = 0; i < 3; ++i) large += "A: " + std::string(45, 'a') + "\r\n";
        CHECK(scan(large, limits) == "more");
        CHECK(scan(large + "A", limits) == "refused 431");
    }

    TEST_CASE("the parts of a head are taken as they are") {
        CHECK(describe("GET /a?b=%20 HTTP/1.1\r\nHost: a:1\r\nX:  b c \t\r\nY:\r\n\r\n") ==
              "[GET] [/a?b=%20] [HTTP/1.1] [Host] [a:1] [X] [b c] [Y] []");
        CHECK(describe("\r\nget * HTTP/9.9\r\nA: =?utf-8?Q?a?=\r\n\r\n") ==
              "[get] [*] [HTTP/9.9] [A] [=?utf-8?Q?a?=]");
        CHECK(describe("GET / HTTP/1.1\r\nTransfer-Encoding : chunked\r\n\r\n") ==
              "[GET] [/] [HTTP/1.1] [Transfer-Encoding ] [chunked]");
    }

    TEST_CASE("a request line of another form is refused") {
        for (const std::string line :
             {"", "GET", "GET /", "GET / ", " GET / HTTP/1.1", "GET  / HTTP/1.1", "GET /  HTTP/1.1",
              "GET / HTTP/1.1 ", "GET\t/\tHTTP/1.1", "GET / a HTTP/1.1", "GET / HTTP/1.1 x",
              "GET / http/1.1", "GET / HTTP/1.10", "GET / HTTP/11", "GET / HTTP/1",
              "GET / HTCPCP/1.0", "GET HTTP/1.1"}) {
            CAPTURE(line);
            CHECK(describe(line + "\r\nHost: a\r\n\r\n").starts_with("the request line"));
        }
    }

    TEST_CASE("a header line of another form is refused") {
        const auto with = [](const std::string& line) {
            return describe("GET / HTTP/1.1\r\n" + line + "\r\n\r\n");
        };
        CHECK(with("Host: a\r\n b") == "a header must not go on in the next line");
        CHECK(with("Host: a\r\n\tb") == "a header must not go on in the next line");
        CHECK(with(" Host: a") == "a header must not go on in the next line");
        CHECK(with("Host") == "a header line has no colon");
        for (const std::string line :
             {"Content-Length: 5 ", "Content-Length:\t5", "content-length: 5\t",
              "Transfer-Encoding: chunked ", "Transfer-Encoding:\tchunked"})
            CHECK(with(line) == "the length of the body is not plain");
    }

}  // TEST_SUITE
