#include "http/entity_tags.hpp"
#include "http/replay.hpp"

#include <lvng/crm/error.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

using namespace lvng::server;

namespace {

/// `*`, `"a" W/"b"`, `none` without the header, `refused` where it is no list.
std::string read(const std::vector<std::string>& values) {
    Request request;
    for (const std::string& value : values)
        request.headers.push_back({.name = "if-match", .value = value});
    try {
        const std::optional<EntityTags> tags = entity_tags(request, "If-Match");
        if (!tags) return "none";
        return tags->any ? "*" : fmt::format("{}", fmt::join(tags->tags, " "));
    } catch (const lvng::crm::Error& error) {
        CHECK(error.fields().at(0).field == "If-Match");
        return "refused";
    }
}

std::string key_of(const std::vector<std::string>& values) {
    Request request;
    for (const std::string& value : values)
        request.headers.push_back({.name = "Idempotency-Key", .value = value});
    try {
        return std::string{idempotency_key(request).value_or("none")};
    } catch (const lvng::crm::Error& error) {
        CHECK(error.fields().at(0).field == "Idempotency-Key");
        return "refused";
    }
}

}  // namespace

TEST_SUITE("server.entity_tags") {

    TEST_CASE("a condition is any tag or a list of tags") {
        CHECK(read({}) == "none");
        CHECK(read({"*"}) == "*");
        CHECK(read({" * "}) == "*");
        CHECK(read({R"("a")"}) == R"("a")");
        CHECK(read({R"("a", W/"b" ,"c")"}) == R"("a" W/"b" "c")");
        CHECK(read({R"(, ,"a",,)"}) == R"("a")");
        CHECK(read({R"("a")", R"("b")"}) == R"("a" "b")");
        // Source: RFC 9110, section 8.8.3: a comma, a backslash and bytes above ASCII stand for
        // themselves, and a tag may be empty.
        CHECK(read({"\"a,b\\\xc3\xa9\",\"\""}) == "\"a,b\\\xc3\xa9\" \"\"");
    }

    TEST_CASE("what is no list of tags is refused, so that nobody goes without a condition") {
        for (const std::vector<std::string>& bad : {std::vector<std::string>{""},
                                                    {"a"},
                                                    {"7"},
                                                    {R"("a)"},
                                                    {R"(a")"},
                                                    {R"("a" "b")"},
                                                    {R"("a"b)"},
                                                    {R"(w/"a")"},
                                                    {R"("a b")"},
                                                    {"\"a\tb\""},
                                                    {R"(W/)"},
                                                    {R"("a", *)"},
                                                    {"*, *"},
                                                    {"*", "*"},
                                                    {"*", R"("a")"},
                                                    {","}}) {
            CAPTURE(fmt::format("{}", fmt::join(bad, " | ")));
            CHECK(read(bad) == "refused");
        }
    }

    TEST_CASE("a weak tag fits by weak comparison alone") {
        const EntityTags tags{.tags = {R"("a")", R"(W/"b")"}};
        CHECK(tags.fit_strongly(R"("a")"));
        CHECK(tags.fit_weakly(R"("a")"));
        CHECK_FALSE(tags.fit_strongly(R"("b")"));
        CHECK(tags.fit_weakly(R"("b")"));
        CHECK_FALSE(tags.fit_strongly(R"("c")"));
        CHECK_FALSE(tags.fit_weakly(R"("c")"));
        CHECK(EntityTags{.any = true}.fit_strongly(R"("c")"));
        CHECK(EntityTags{.any = true}.fit_weakly(R"("c")"));
    }
}

TEST_SUITE("server.replay") {

    TEST_CASE("a key is 1 to 255 visible ASCII characters, once") {
        CHECK(key_of({}) == "none");
        CHECK(key_of({"k"}) == "k");
        const std::string longest(255, '~');
        CHECK(key_of({longest}) == longest);
        for (const std::string& bad :
             {std::string{}, longest + "~", std::string{"a b"}, std::string{"\xc3\xa9"}}) {
            CAPTURE(bad);
            CHECK(key_of({bad}) == "refused");
        }
        CHECK(key_of({"k", "k"}) == "refused");
    }

    TEST_CASE("an answer is the same after it was written down") {
        Reply reply = json_reply(201, "{\"a\":\"\\n\"}\n\n");
        reply.set("Location", "/somewhere");
        for (int round = 0; round < 2; ++round) {
            const Reply again = reply_of(to_record(reply));
            CHECK(again.status() == 201);
            CHECK(again.body() == reply.body());
            CHECK(*again.header("Content-Type") == "application/json");
            CHECK(*again.header("Location") == "/somewhere");
            CHECK((again.header("ETag") != nullptr) == (round == 1));
            reply.set("ETag", R"("7")");
        }
    }

    TEST_CASE("a text that is no answer is not taken for one") {
        for (const char* bad : {"", "201", "201\n", "201\n\"7\"\n", "\n\n\n{}", "2o1\n\n\n{}"}) {
            CAPTURE(bad);
            CHECK_THROWS_AS(static_cast<void>(reply_of(bad)), std::runtime_error);
        }
    }
}
