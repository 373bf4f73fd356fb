#include "support/http_scenario.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace lvng::server;
using namespace lvng::server::testing;

namespace {

using Fields = std::vector<std::string>;

struct Case {
    std::string body{};
    Fields bad{};  ///< empty: the body is accepted
};

std::string field(std::string_view name, std::string_view json) {
    return std::string{R"({"name":"Jane",")"} + std::string{name} + "\":" + std::string{json} + "}";
}

std::string tags(std::size_t count) {
    std::string list = "[";
    for (std::size_t i = 0; i < count; ++i)
        list += (i > 0 ? ",\"t" : "\"t") + std::to_string(i) + '"';
    return list + "]";
}

void check(std::string_view method, const std::vector<Case>& cases) {
    for (const auto& [body, bad] : cases) {
        CAPTURE(body.substr(0, 200));
        TestServer server;
        const std::string jane = server.create(Who::ana, R"({"name":"Jane"})");
        const std::string path = method == "PUT" ? jane : "/api/v2/contacts";
        const Reply reply = server.send(Who::ana, method, path, body);
        CHECK(reply.status() == (!bad.empty() ? 400 : method == "PUT" ? 200 : 201));
        CHECK(bad_fields(reply.body()) == bad);
        if (!bad.empty()) CHECK(error_member(reply.body(), "code") == "VALIDATION_ERROR");
    }
}

}  // namespace

TEST_SUITE("server.body") {

    TEST_CASE("wrong types are refused by the name of their field") {
        check("POST", {
                          {R"({"name":7})", {"name"}},
                          {R"({"name":true})", {"name"}},
                          {R"({"name":["Jane"]})", {"name"}},
                          {R"({"name":{"first":"Jane"}})", {"name"}},
                          {field("email", "1"), {"email"}},
                          {field("email", "[]"), {"email"}},
                          {field("phone", "491234567"), {"phone"}},
                          {field("company", "{}"), {"company"}},
                          {field("title", "false"), {"title"}},
                          {field("notes", "0"), {"notes"}},
                          {field("notes", "[\"a\"]"), {"notes"}},
                          {field("tags", "\"client\""), {"tags"}},
                          {field("tags", "{}"), {"tags"}},
                          {field("tags", "[1]"), {"tags"}},
                          {field("tags", "[null]"), {"tags"}},
                          {field("tags", "[[\"a\"]]"), {"tags"}},
                          {field("source", "1"), {"source"}},
                          {field("source", "[\"manual\"]"), {"source"}},
                      });
    }

    TEST_CASE("null in a new contact is the same as absent") {
        check("POST", {
                          {field("email", "null")},
                          {field("phone", "null")},
                          {field("company", "null")},
                          {field("title", "null")},
                          {field("tags", "null")},
                          {field("notes", "null")},
                          {field("source", "null")},
                          {R"({"name":null})", {"name"}},
                          {R"({})", {"name"}},
                          {R"({"email":"j@acme.com"})", {"name"}},
                      });
    }

    TEST_CASE("null in a change clears, but not the name") {
        check("PUT", {
                         {R"({"email":null,"phone":null,"company":null,"title":null})"},
                         {R"({"tags":null,"notes":null})"},
                         {R"({"name":null})", {"name"}},
                         {R"({"name":null,"email":7})", {"email", "name"}},
                         {R"({"tags":[null]})", {"tags"}},
                     });
    }

    TEST_CASE("unknown and read-only fields are refused by name") {
        check("POST", {
                          {field("tag", "\"a\""), {"tag"}},
                          {field("Name", "\"a\""), {"Name"}},
                          {field("__proto__", "{}"), {"__proto__"}},
                          {field("is_admin", "true"), {"is_admin"}},
                          {field("role", "\"admin\""), {"role"}},
                          {field("organizationId", "\"x\""), {"organizationId"}},
                          {field("id", "\"x\""), {"id"}},
                          {field("user_id", "null"), {"user_id"}},
                          {field("created_at", "\"2026-01-01\""), {"created_at"}},
                          {field("updated_at", "\"2026-01-01\""), {"updated_at"}},
                          {field("other_emails", "[]"), {"other_emails"}},
                          {field("other_phones", "[]"), {"other_phones"}},
                          {field("", "1"), {""}},
                      });
        check("PUT", {
                         {R"({"source":"manual"})", {"source"}},
                         {R"({"source":null})", {"source"}},
                         {R"({"id":"x"})", {"id"}},
                         {R"({"other_emails":["a@b.org"]})", {"other_emails"}},
                         {R"({"version":1})", {"version"}},
                     });
    }

    TEST_CASE("limits are counted in code points, after trimming") {
        check("POST", {
                          {R"({"name":")" + repeated("ü", 200) + "\"}"},
                          {R"({"name":")" + repeated("ü", 201) + "\"}", {"name"}},
                          {R"({"name":"  )" + repeated("😀", 200) + "  \"}"},
                          {R"({"name":"   "})", {"name"}},
                          {R"({"name":"\u2003\u00a0"})", {"name"}},
                          {field("phone", quoted(repeated("1", 64)))},
                          {field("phone", quoted(repeated("1", 65))), {"phone"}},
                          {field("company", quoted(repeated("c", 200)))},
                          {field("company", quoted(repeated("c", 201))), {"company"}},
                          {field("title", quoted(repeated("t", 200)))},
                          {field("title", quoted(repeated("t", 201))), {"title"}},
                          {field("notes", quoted(repeated("n", 20'000)))},
                          {field("notes", quoted(repeated("n", 20'001))), {"notes"}},
                          {field("tags", "[" + quoted(repeated("x", 64)) + "]")},
                          {field("tags", "[" + quoted(repeated("x", 65)) + "]"), {"tags"}},
                          {field("tags", tags(100))},
                          {field("tags", tags(101)), {"tags"}},
                          {field("tags", R"(["a,b"])"), {"tags"}},
                          {field("tags", R"(["a"," A ","","  "])")},
                      });
    }

    TEST_CASE("e-mail addresses, control characters and sources are checked") {
        check("POST", {
                          {field("email", R"("jane@acme.com")")},
                          {field("email", R"("  ")")},
                          {field("email", R"("jane")"), {"email"}},
                          {field("email", R"("jane@acme")"), {"email"}},
                          {field("email", R"("a@b.org, c@d.org")"), {"email"}},
                          {field("company", R"("a\u0007b")"), {"company"}},
                          {field("title", R"("a\nb")"), {"title"}},
                          {field("notes", R"("a\nb\u0007")")},
                          {field("tags", R"(["a\tb"])"), {"tags"}},
                          {field("source", R"("manual")")},
                          {field("source", R"("meeting")")},
                          {field("source", R"("message")")},
                          {field("source", R"("email")")},
                          {field("source", R"("Manual")"), {"source"}},
                          {field("source", R"("")"), {"source"}},
                          {field("source", R"("import")"), {"source"}},
                      });
    }

    TEST_CASE("all bad fields are listed at once, each of them once") {
        check("POST", {
                          {R"({"name":"","email":7,"tags":"x","source":"y","tag":1,"id":2})",
                           {"email", "tags", "source", "id", "tag", "name"}},
                          {R"({"email":"x","title":"a\u0001"})", {"name", "email", "title"}},
                      });
    }

    TEST_CASE("a long unknown name is cut before it is echoed") {
        TestServer server;
        const Reply reply =
            server.send(Who::ana, "POST", "/api/v2/contacts", field(repeated("ü", 5000), "1"));
        CHECK(reply.status() == 400);
        REQUIRE(bad_fields(reply.body()).size() == 1);
        CHECK(bad_fields(reply.body()).front() == repeated("ü", 32));
    }

    TEST_CASE("what is no strict JSON object is INVALID_JSON") {
        TestServer server;
        for (const std::string body :
             {"[]", "null", "7", "\"x\"", "{", "{}x", "{\"name\":\"a\",\"name\":\"b\"}",
              "{'name':1}", "{\"name\":\"a\",}", "\xef\xbb\xbf{}", "{\"name\":\"\\u0000\"}",
              "{\"name\":\"\\ud800\"}", "{\"name\":\"\xff\"}", "{\"name\":NaN}", "// x\n{}"}) {
            CAPTURE(body);
            const Reply reply = server.send(Who::ana, "POST", "/api/v2/contacts", body);
            CHECK(reply.status() == 400);
            CHECK(error_member(reply.body(), "code") == "INVALID_JSON");
        }
        CHECK(
            error_member(server
                             .send(Who::ana, "POST", "/api/v2/contacts", "",
                                   {{"Content-Type", "application/json"}, {"Content-Length", "0"}})
                             .body(),
                         "code") == "INVALID_JSON");
    }

}  // TEST_SUITE
