#include "http/head_rules.hpp"

#include "http/errors.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace lvng::server;

namespace {

Request proper() {
    return {.method = "POST",
            .target = "/api/v2/contacts",
            .headers = {{"Host", "localhost:8080"}, {"Content-Length", "2"}}};
}

Request with(HeaderField field) {
    Request request = proper();
    request.headers.push_back(field);
    return request;
}

Request with_target(std::string_view target, std::string_view method = "GET") {
    Request request = proper();
    request.method = method;
    request.target = target;
    return request;
}

Request framed(std::vector<HeaderField> framing) {
    Request request{.method = "POST", .target = "/", .headers = {{"Host", "localhost"}}};
    request.headers.insert(request.headers.end(), framing.begin(), framing.end());
    return request;
}

/// The status of the refusal, or 0.
int judged(const Request& request, const SizeLimits& limits = {}) try {
    (void)check_head(request, limits);
    return 0;
} catch (const Refusal& refusal) {
    return kind_of(refusal.error).status;
}

int judged_as_json(const Request& request, const SizeLimits& limits = {}) try {
    check_json_head(request, check_head(request, limits), limits);
    return 0;
} catch (const Refusal& refusal) {
    return kind_of(refusal.error).status;
}

Request json(std::string_view media_type) {
    return with({"Content-Type", media_type});
}

}  // namespace

TEST_SUITE("server.head_rules") {

    TEST_CASE("a proper head passes") {
        CHECK(judged(proper()) == 0);
        CHECK(check_head(proper(), {}).length == 2U);
        CHECK(check_head(framed({{"Transfer-Encoding", "chunked"}}), {}).chunked);
        CHECK_FALSE(check_head(framed({}), {}).announces_body());
    }

    TEST_CASE("methods are tokens of at most 32 bytes") {
        CHECK(judged(with_target("/", "get")) == 0);
        CHECK(judged(with_target("/", "PROPFIND")) == 0);
        CHECK(judged(with_target("/", "")) == 400);
        CHECK(judged(with_target("/", "GE T")) == 400);
        CHECK(judged(with_target("/", "G\xc3\x89T")) == 400);
        CHECK(judged(with_target("/", std::string(33, 'A'))) == 400);
        CHECK(judged(with_target("example.org:443", "CONNECT")) == 400);
    }

    TEST_CASE("targets are origin-form, absolute-form, or the star of OPTIONS") {
        CHECK(judged(with_target("/a/../b//c?x=%zz")) == 0);
        CHECK(judged(with_target("http://example.org/a")) == 0);
        CHECK(judged(with_target("*", "OPTIONS")) == 0);
        CHECK(judged(with_target("*")) == 400);
        CHECK(judged(with_target("")) == 400);
        CHECK(judged(with_target("a/b")) == 400);
        CHECK(judged(with_target("/a#b")) == 400);
        CHECK(judged(with_target("/a b")) == 400);
        CHECK(judged(with_target("/a\x01")) == 400);
        CHECK(judged(with_target("/\xc3\xbc")) == 400);
        CHECK(judged(with_target("/%")) == 400);
        CHECK(judged(with_target("/%4")) == 400);
        CHECK(judged(with_target("/%zz")) == 400);
        CHECK(judged(with_target("/a%00b")) == 400);
    }

    TEST_CASE("versions are 1.1 and 1.0") {
        Request request = proper();
        request.version = "HTTP/1.0";
        CHECK(judged(request) == 0);
        for (const std::string_view version :
             {"HTTP/2.0", "HTTP/1.2", "HTTP/0.9", "http/1.1", ""}) {
            request.version = version;
            CHECK(judged(request) == 505);
        }
    }

    TEST_CASE("exactly one host is named") {
        Request request = proper();
        request.headers.erase(request.headers.begin());
        CHECK(judged(request) == 400);
        request.version = "HTTP/1.0";
        CHECK(judged(request) == 0);
        CHECK(judged(with({"host", "localhost:8080"})) == 400);
        request = proper();
        for (const std::string_view host : {"", "a b", "a/b", "user@host"}) {
            request.headers.front().value = host;
            CHECK(judged(request) == 400);
        }
        request.headers.front().value = "[::1]:8080";
        CHECK(judged(request) == 0);
    }

    TEST_CASE("header names are tokens, and values hold no control characters") {
        CHECK(judged(with({"X-A", "a\tb =?utf-8?Q?chunked?= \xc3\xbc"})) == 0);
        CHECK(judged(with({"X A", "a"})) == 400);
        CHECK(judged(with({"", "a"})) == 400);
        CHECK(judged(with({"X-A", "a\rb"})) == 400);
        CHECK(judged(with({"X-A", "a\nb"})) == 400);
        CHECK(judged(with({"X-A", std::string_view{"a\0b", 3}})) == 400);
        CHECK(judged(with({"X-A", "a\x7f"})) == 400);
    }

    TEST_CASE("the length of a body is one plain number") {
        for (const std::string_view length :
             {"", "+5", "-5", " 5", "5 ", "1,0", "5, 5", "0x5", "5abc", "5.0",
              "9223372036854775808", "99999999999999999999"})
            CHECK(judged(framed({{"Content-Length", length}})) == 400);
        CHECK(judged(framed({{"Content-Length", "9223372036854775807"}})) == 0);
        CHECK(judged(framed({{"Content-Length", "5"}, {"content-length", "5"}})) == 400);
    }

    TEST_CASE("chunks are asked for in one way, and never beside a length") {
        for (const std::string_view coding :
             {"", "chunked, chunked", "gzip, chunked", "chunked;q=1", "\"chunked\"", " chunked"})
            CHECK(judged(framed({{"Transfer-Encoding", coding}})) == 400);
        CHECK(judged(framed({{"Transfer-Encoding", "gzip"}})) == 501);
        CHECK(judged(framed({{"Transfer-Encoding", "identity"}})) == 501);
        CHECK(judged(framed({{"Transfer-Encoding", "chunked"}, {"Content-Length", "5"}})) == 400);
        CHECK(judged(framed({{"Content-Length", "5"}, {"Transfer-Encoding", "chunked"}})) == 400);
        CHECK(judged(framed(
                  {{"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}})) == 400);
        Request old = framed({{"Transfer-Encoding", "chunked"}});
        old.version = "HTTP/1.0";
        CHECK(judged(old) == 400);
    }

    TEST_CASE("Authorization and Expect are given once") {
        CHECK(judged(with({"Authorization", "Bearer x"})) == 0);
        Request twice = with({"Authorization", "Bearer x"});
        twice.headers.push_back({"authorization", "Bearer x"});
        CHECK(judged(twice) == 400);
        CHECK(judged(with({"Expect", "100-Continue"})) == 0);
        CHECK(judged(with({"Expect", "200-ok"})) == 417);
        CHECK(judged(with({"Expect", ""})) == 417);
    }

    TEST_CASE("heads at the limits pass, heads above are refused") {
        const SizeLimits limits;
        const std::string longest(limits.request_line - sizeof "GET  HTTP/1.1" + 1, 'a');
        CHECK(judged(with_target('/' + longest.substr(1))) == 0);
        CHECK(judged(with_target('/' + longest)) == 414);
        const std::string value(limits.header_value, 'v');
        CHECK(judged(with({"X-A", value})) == 0);
        CHECK(judged(with({"X-A", value + 'v'})) == 431);
        const std::string name(limits.header_name, 'n');
        CHECK(judged(with({name, "v"})) == 0);
        CHECK(judged(with({name + 'n', "v"})) == 431);
        Request many = proper();
        while (many.headers.size() < limits.header_count) many.headers.push_back({"X-A", "v"});
        CHECK(judged(many) == 0);
        many.headers.push_back({"X-A", "v"});
        CHECK(judged(many) == 431);
        CHECK(judged(with({"X-A", value}), {.headers = 8 * 1024}) == 431);
    }

    TEST_CASE("a JSON body has a known end and an admitted size") {
        const SizeLimits limits{.body = 10};
        Request request = framed({{"Content-Type", "application/json"}});
        CHECK(judged_as_json(request, limits) == 411);
        request.headers.push_back({"Content-Length", "10"});
        CHECK(judged_as_json(request, limits) == 0);
        request.headers.back().value = "11";
        CHECK(judged_as_json(request, limits) == 413);
        request.headers.back() = {"Transfer-Encoding", "chunked"};
        CHECK(judged_as_json(request, limits) == 0);
    }

    TEST_CASE("a JSON body is application/json in UTF-8 without a coding") {
        for (const std::string_view type :
             {"application/json", "Application/JSON", "application/json;charset=utf-8",
              "application/json ; charset=UTF-8", "application/json; Charset=\"utf-8\""})
            CHECK(judged_as_json(json(type)) == 0);
        for (const std::string_view type :
             {"", "text/json", "application/json;", "application/json; charset=latin1",
              "application/json; version=1", "application/json; charset=utf-8; charset=utf-8",
              "application/jsonp", "application/x-www-form-urlencoded",
              "application/json, application/json"})
            CHECK(judged_as_json(json(type)) == 415);
        CHECK(judged_as_json(proper()) == 415);
        Request request = json("application/json");
        request.headers.push_back({"Content-Encoding", "identity"});
        CHECK(judged_as_json(request) == 0);
        request.headers.back().value = "gzip";
        CHECK(judged_as_json(request) == 415);
        request.headers.back() = {"Content-Type", "application/json"};
        CHECK(judged_as_json(request) == 415);
    }

}  // TEST_SUITE
