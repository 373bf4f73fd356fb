#include "http/query.hpp"

#include "http/percent.hpp"
#include "support/http_scenario.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

using namespace lvng::server;
using namespace lvng::server::testing;

namespace {

constexpr std::array<std::string_view, 3> known{"a", "b", "tags"};

/// The parameters as `a=x b=y`, then the bad ones as `!a`.
std::string describe(std::string_view text) {
    const Query query = parse_query(text, known);
    std::string out;
    for (const auto& [name, value] : query.parameters) out += std::string{name} + '=' + value + ' ';
    for (const auto& error : query.errors) out += '!' + error.field + ' ';
    if (!out.empty()) out.pop_back();
    return out;
}

}  // namespace

TEST_SUITE("server.query") {

    TEST_CASE("known parameters are decoded") {
        CHECK(describe("") == "");
        CHECK(describe("a=1&b=2") == "a=1 b=2");
        CHECK(describe("a=x+y%20z") == "a=x y z");
        CHECK(describe("a=%2B%26%3D%25") == "a=+&=%");
        CHECK(describe("a=b=c") == "a=b=c");
        CHECK(describe("%61=%C3%BC") == "a=ü");
        CHECK(describe("a=ü") == "a=ü");
        CHECK(describe("a") == "a=");
        CHECK(describe("a=") == "a=");
        CHECK(describe("&&a=1&") == "a=1");
    }

    TEST_CASE("what is encoded for a path is decoded to the same") {
        const std::string text = "aZ09-._~/%?#[]+ \"\x7f\n\xc3\xbc";
        CHECK(percent_encode(text) == "aZ09-._~%2F%25%3F%23%5B%5D%2B%20%22%7F%0A%C3%BC");
        CHECK(percent_decode(percent_encode(text)) == text);
        CHECK(percent_encode("").empty());
    }

    TEST_CASE("unknown parameters are ignored, even twice") {
        CHECK(describe("c=1&c=2&A=3&=4") == "");
        CHECK(describe("c=1&a=2") == "a=2");
    }

    TEST_CASE("a known parameter given twice is an error") {
        CHECK(describe("a=1&a=1") == "a=1 !a");
        CHECK(describe("a=1&%61=2&a=3") == "a=1 !a");
    }

    TEST_CASE("broken escapes, broken UTF-8 and U+0000 are errors") {
        CHECK(describe("a=%") == "!a");
        CHECK(describe("a=%4") == "!a");
        CHECK(describe("a=%zz") == "!a");
        CHECK(describe("a=%00") == "!a");
        CHECK(describe("a=%ff&b=1") == "b=1 !a");
        CHECK(describe("a=%c0%80") == "!a");
        CHECK(describe("a=%ed%a0%80") == "!a");
        CHECK(describe("a=%f4%90%80%80") == "!a");
        CHECK(describe("c=%zz") == "!c");
        CHECK(describe("%zz=1") == "!query");
    }

    TEST_CASE("list parameters are checked, all at once") {
        TestServer server;
        const std::string contacts = "/api/v2/contacts?";
        for (const std::string text :
             {"limit=0", "limit=201", "limit=01", "limit=-1", "limit=%2B1", "limit=", "limit=1.5",
              "limit=1e2", "limit=99999999999999999999", "limit=1&limit=1", "limit=+1",
              "limit=0x10"}) {
            CAPTURE(text);
            const Reply reply = server.send(Who::ana, "GET", contacts + text);
            CHECK(reply.status() == 400);
            CHECK(bad_fields(reply.body()) == std::vector<std::string>{"limit"});
        }
        for (const std::string text : {"offset=-1", "offset=1000000001", "offset=00", "offset="})
            CHECK(bad_fields(server.send(Who::ana, "GET", contacts + text).body()) ==
                  std::vector<std::string>{"offset"});
        for (const std::string text : {"source=", "source=Manual", "source=import"})
            CHECK(bad_fields(server.send(Who::ana, "GET", contacts + text).body()) ==
                  std::vector<std::string>{"source"});
        CHECK(bad_fields(server
                             .send(Who::ana, "GET",
                                   contacts + "search=%ff&limit=0&offset=x&source=y&tags=a&tags=b")
                             .body()) ==
              std::vector<std::string>{"search", "tags", "source", "limit", "offset"});
    }

    TEST_CASE("the greatest and the least numbers pass") {
        TestServer server;
        for (const std::string text : {"limit=1", "limit=200", "offset=0", "offset=1000000000"})
            CHECK(server.send(Who::ana, "GET", "/api/v2/contacts?" + text).status() == 200);
    }

    TEST_CASE("a route without parameters refuses a broken query too") {
        TestServer server;
        const std::string jane = server.create(Who::ana, R"({"name":"Jane"})");
        CHECK(server.send(Who::ana, "GET", jane + "?x=1&x=2").status() == 200);
        const Reply reply = server.send(Who::ana, "GET", jane + "?x=%zz");
        CHECK(reply.status() == 400);
        CHECK(error_member(reply.body(), "code") == "VALIDATION_ERROR");
    }

}  // TEST_SUITE
