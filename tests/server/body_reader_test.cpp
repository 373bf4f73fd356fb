#include "front/body_reader.hpp"

#include "http/errors.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

using namespace lvng::server;

namespace {

constexpr Framing chunked{.chunked = true};

/// The body, then what follows it; "more" where its end has not come, or the status.
std::string read(const Framing& framing, const std::string& bytes, std::size_t piece,
                 std::uint64_t limit = 1000) try {
    BodyReader reader{framing, limit};
    std::string body;
    std::size_t taken = 0;
    while (taken < bytes.size() && !reader.whole())
        taken += reader.take(std::string_view{bytes}.substr(taken, piece), &body);
    if (!reader.whole()) return "more";
    return fmt::format("[{}] [{}]", body, bytes.substr(taken));
} catch (const Refusal& refusal) {
    return fmt::format("refused {}", kind_of(refusal.error).status);
}

std::string read_chunks(const std::string& bytes, std::uint64_t limit = 1000) {
    const std::string whole = read(chunked, bytes, bytes.size(), limit);
    for (const std::size_t piece : {1, 2, 3, 7}) CHECK(read(chunked, bytes, piece, limit) == whole);
    return whole;
}

}  // namespace

TEST_SUITE("server.body_reader") {

    TEST_CASE("a body of known length ends where it was said to") {
        CHECK(read({.length = 5}, "helloGET", 100) == "[hello] [GET]");
        CHECK(read({.length = 5}, "helloGET", 1) == "[hello] [GET]");
        CHECK(read({.length = 5}, "hell", 100) == "more");
        CHECK(read({.length = 0}, "GET", 100) == "[] [GET]");
        CHECK(read({.length = 6}, "", 100, 5) == "refused 413");
    }

    TEST_CASE("chunks are joined, however they arrive") {
        CHECK(read_chunks("5\r\nhello\r\n0\r\n\r\nGET") == "[hello] [GET]");
        CHECK(read_chunks("2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n") == "[hello] []");
        CHECK(read_chunks("0000000000000005\r\nhello\r\n00\r\n\r\n") == "[hello] []");
        CHECK(read_chunks("a\r\n0123456789\r\n0\r\n\r\n") == "[0123456789] []");
        CHECK(read_chunks("A\r\n0123456789\r\n0\r\n\r\n") == "[0123456789] []");
        CHECK(read_chunks("0\r\n\r\n") == "[] []");
        CHECK(read_chunks("2\r\n\r\n\r\n0\r\n\r\n") == "[\r\n] []");
    }

    TEST_CASE("a body without its last chunk is not whole") {
        const std::string body = "5\r\nhello\r\n0\r\n\r\n";
        for (std::size_t cut = 1; cut < body.size(); ++cut)
            CHECK(read_chunks(body.substr(0, cut)) == "more");
    }

    TEST_CASE("chunks of another form are refused") {
        for (const std::string body : {"\r\n",
                                       "x\r\n",
                                       "0x5\r\nhello\r\n",
                                       "+5\r\nhello\r\n",
                                       "-5\r\nhello\r\n",
                                       " 5\r\nhello\r\n",
                                       "5 \r\nhello\r\n",
                                       "5;a=b\r\nhello\r\n",
                                       "5\nhello\r\n",
                                       "5\r\r\n",
                                       "5\rhello",
                                       "5\r\nhelloX\r\n",
                                       "5\r\nhello\n0\r\n\r\n",
                                       "5\r\nhello\r0\r\n\r\n",
                                       "5\r\nhello0\r\n\r\n",
                                       "5,5\r\nhello\r\n",
                                       "00000000000000005\r\nhello\r\n",
                                       "0\r\nX: y\r\n\r\n",
                                       "0\r\n\n",
                                       "0\n\n",
                                       "0;a\r\n\r\n",
                                       "0\r\nGET / HTTP/1.1\r\n\r\n"}) {
            CAPTURE(body);
            CHECK(read_chunks(body) == "refused 400");
        }
    }

    TEST_CASE("chunks over the limit are refused before their data") {
        CHECK(read_chunks("5\r\nhello\r\n0\r\n\r\n", 5) == "[hello] []");
        CHECK(read_chunks("6\r\n", 5) == "refused 413");
        CHECK(read_chunks("3\r\nhel\r\n3\r\n", 5) == "refused 413");
        CHECK(read_chunks("ffffffffffffffff\r\n", 5) == "refused 413");
        CHECK(read_chunks("3\r\nhel\r\nfffffffffffffffe\r\n", 5) == "refused 413");
    }

    TEST_CASE("a body that nobody wants is told from what follows it too") {
        BodyReader reader{chunked, 100};
        CHECK(reader.take("5\r\nhello\r\n0\r\n\r\nGET", nullptr) == 15);
        CHECK(reader.whole());
    }

}  // TEST_SUITE
