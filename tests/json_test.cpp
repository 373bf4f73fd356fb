#include "data/json/json_test_suite.hpp"

#include <lvng/crm/error.hpp>
#include <lvng/crm/json.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace lvng::crm;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

/// What the parser says of `text`: its compact form, or the message of the refusal.
std::string reading(std::string_view text) {
    try {
        return JsonObject::parse(text).to_text();
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::invalid);
        CHECK(error.message().size() <= 200);
        return error.message();
    }
}

bool refused(std::string_view text) {
    return reading(text).starts_with("not valid JSON: ");
}

/// `text` as the value of the one member `v`.
std::string in_object(std::string_view text) {
    return fmt::format("{{\"v\":{}}}", text);
}

std::string repeat(std::string_view piece, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += piece;
    return out;
}

/// The string that the member `v` of `text` holds.
std::string string_of(std::string_view text) {
    const JsonObject object = JsonObject::parse(text);
    const JsonValue* value = object.find("v");
    REQUIRE(value != nullptr);
    REQUIRE(value->string() != nullptr);
    return *value->string();
}

JsonNumber number_of(std::string_view text) {
    return *JsonObject::parse(in_object(text)).find("v")->number();
}

/// An object of `count` members, then one more with the key `last`.
std::string object_of(std::size_t count, std::string_view last) {
    std::string out = "{";
    for (std::size_t i = 0; i < count; ++i) out += fmt::format("\"k{}\":{},", i, i);
    return out + fmt::format("\"{}\":null}}", last);
}

std::string utf8_of(std::uint32_t code_point) {
    const auto byte = [](std::uint32_t value) { return static_cast<char>(value); };
    if (code_point < 0x80) return {byte(code_point)};
    const char last = byte(0x80 | (code_point & 0x3F));
    if (code_point < 0x800) return {byte(0xC0 | (code_point >> 6)), last};
    const char third = byte(0x80 | ((code_point >> 6) & 0x3F));
    if (code_point < 0x10000) return {byte(0xE0 | (code_point >> 12)), third, last};
    const char second = byte(0x80 | ((code_point >> 12) & 0x3F));
    return {byte(0xF0 | (code_point >> 18)), second, third, last};
}

}  // namespace

TEST_SUITE("json") {

    TEST_CASE("every invalid text of JSONTestSuite is refused, bare and as a value") {
        std::vector<std::pair<std::string_view, std::string>> cases;
        for (const auto& [name, text] : json_test_suite::invalid) cases.emplace_back(name, text);
        cases.emplace_back("n_structure_100000_opening_arrays", repeat("[", 100'000));
        cases.emplace_back("n_structure_open_array_object", repeat(R"([{"":)", 50'000) + "\n");
        CHECK(cases.size() == 188);
        for (const auto& [name, text] : cases) {
            CAPTURE(name);
            CHECK(refused(text));
            CHECK(refused(in_object(text)));
        }
    }

    TEST_CASE("every valid text of JSONTestSuite is taken as a value, but for the policy") {
        CHECK(std::size(json_test_suite::valid) + std::size(json_test_suite::valid_but_refused) ==
              95);
        for (const auto& [name, text] : json_test_suite::valid) {
            CAPTURE(name);
            const std::string body = in_object(text);
            const JsonObject object = JsonObject::parse(body);
            REQUIRE(object.size() == 1);
            CHECK(object.members()[0].key == "v");
            CHECK(JsonObject::parse(object.to_text()) == object);
        }
        for (const auto& [name, text] : json_test_suite::valid_but_refused) {
            CAPTURE(name);
            CHECK(refused(in_object(text)));
        }
    }

    TEST_CASE("what JSONTestSuite leaves open is decided") {
        const auto& taken = json_test_suite::open_and_taken;
        const auto& not_taken = json_test_suite::open_and_refused;
        CHECK(std::size(taken) + std::size(not_taken) + 1 == 35);
        for (const auto& [name, text] : taken) {
            CAPTURE(name);
            CHECK(reading(in_object(text)) == in_object(text));
        }
        for (const auto& [name, text] : not_taken) {
            CAPTURE(name);
            CHECK(refused(text));
            CHECK(refused(in_object(text)));
        }
        CHECK(refused(
            in_object(repeat("[", 500) + repeat("]", 500))));  // i_structure_500_nested_arrays
    }

    TEST_CASE("a refusal says why and where, and nothing of the text") {
        const std::pair<std::string_view, std::string_view> table[] = {
            {"", "empty text at byte 0"},
            {" \n", "empty text at byte 2"},
            {"[1]", "the text must be an object at byte 0"},
            {" null", "the text must be an object at byte 1"},
            {"\xEF\xBB\xBF{}", "byte order mark at byte 0"},
            {"{} {}", "text after the object at byte 3"},
            {"{}\0"sv, "text after the object at byte 2"},
            {R"({"a":1,"b":2,"a":3})", "duplicate key at byte 13"},
            {R"({"a":1,"\u0061":3})", "duplicate key at byte 7"},
            {R"({"a":{"b":1,"b":2}})", "duplicate key at byte 12"},
            {R"({"a" 1})", "missing : at byte 5"},
            {R"({"a":1 "b":2})", "missing , or } at byte 7"},
            {R"({"a":[1 2]})", "missing , or ] at byte 8"},
            {R"({"a":1,})", "missing key at byte 7"},
            {R"({"a":)", "missing value at byte 5"},
            {R"({"a":})", "unexpected character at byte 5"},
            {R"({"a":nul})", "unknown word at byte 5"},
            {R"({"a":-})", "bad number at byte 6"},
            {R"({"a":1.})", "bad number at byte 7"},
            {R"({"a":"\q"})", "unknown escape at byte 6"},
            {R"({"a":"\u12G4"})", "bad \\u escape at byte 8"},
            {R"({"a":"\u+123"})", "bad \\u escape at byte 8"},
            {R"({"a":"\u-123"})", "bad \\u escape at byte 8"},
            {R"({"a":"x\u0000"})", "U+0000 at byte 7"},
            {"{\"a\":\"x\0\"}"sv, "control character in a string at byte 7"},
            {R"({"a":"\uDC00"})", "lone surrogate at byte 6"},
            {"{\"a\":\"x\xC0\x80\"}", "malformed UTF-8 at byte 7"},
            {R"({"a":"x)", "string without an end at byte 7"},
            {R"({"a":"x\)", "string without an end at byte 8"},
        };
        for (const auto& [text, message] : table) {
            CAPTURE(text);
            CHECK(reading(text) == fmt::format("not valid JSON: {}", message));
        }
    }

    TEST_CASE("keys are compared after unescaping, in small objects and in large ones") {
        CHECK(refused(R"({"ab":1,"a\u0062":2})"));
        CHECK(refused(R"({"\uD83D\uDE00":1,"😀":2})"));
        CHECK(refused(R"({"/":1,"\/":2})"));
        CHECK(refused(R"({"":1,"":2})"));
        CHECK_FALSE(refused(R"({"a":1,"A":2})"));
        // Canonically equivalent spellings are two keys: JSON compares code points.
        CHECK_FALSE(refused("{\"\xC3\xA9\":1,\"e\xCC\x81\":2}"));
        CHECK_FALSE(refused(R"({"a":{"a":{"a":1}},"b":{"a":2}})"));

        for (const std::size_t count : {15u, 16u, 17u, 40u, 999u}) {
            CAPTURE(count);
            CHECK_FALSE(refused(object_of(count, "new")));
            CHECK(refused(object_of(count, "k0")));
            CHECK(refused(object_of(count, fmt::format("\\u006B{}", count - 1))));
        }
        const std::string large = object_of(40, "k7");
        CHECK(reading(large) ==
              fmt::format("not valid JSON: duplicate key at byte {}", large.rfind("\"k7\"")));
        // Of several repeats in a large object, places of an inner object must not be mixed in.
        const std::string nested =
            R"({"o":)" + object_of(20, "new") + "," + object_of(20, "k3").substr(1);
        CHECK(reading(nested) ==
              fmt::format("not valid JSON: duplicate key at byte {}", nested.rfind("\"k3\"")));
    }

    TEST_CASE("no surrogate stands alone") {
        CHECK(string_of(R"({"v":"\uD800\uDC00"})") == utf8_of(0x10000));
        CHECK(string_of(R"({"v":"\uDBFF\uDFFF"})") == utf8_of(0x10FFFF));
        for (const std::string_view text :
             {R"("\uD800")", R"("\uDFFF")", R"("\uDC00\uD800")", R"("\uD800\uD800")",
              R"("\uD800\n")", R"("\uD800 \uDC00")", R"("\uD800x")", R"("\uD83D\u0041")",
              R"("\uDBFF\u")"}) {
            CAPTURE(text);
            CHECK(refused(in_object(text)));
            CHECK(refused(fmt::format("{{{}:1}}", text)));
        }
    }

    TEST_CASE("UTF-8 is judged at the edges of every range") {
        // Source: Unicode 15, table 3-7.
        for (const std::string_view good :
             {"\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
              "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
            CHECK(string_of(in_object(fmt::format("\"a{}b\"", good))) == fmt::format("a{}b", good));
        }
        for (const std::string_view bad : {"\x80",
                                           "\xBF",
                                           "\xC0\x80",
                                           "\xC1\xBF",
                                           "\xC2",
                                           "\xC2\x41",
                                           "\xC2\xC0",
                                           "\xE0\x9F\xBF",
                                           "\xE0\xA0",
                                           "\xE1\x80\x41",
                                           "\xED\xA0\x80",
                                           "\xED\xBF\xBF",
                                           "\xEF\xBF",
                                           "\xF0\x8F\xBF\xBF",
                                           "\xF0\x90\x80",
                                           "\xF1\x80\x80\x41",
                                           "\xF4\x90\x80\x80",
                                           "\xF5\x80\x80\x80",
                                           "\xF8\x88\x80\x80\x80",
                                           "\xFE",
                                           "\xFF"}) {
            CAPTURE(bad);
            CHECK(refused(in_object(fmt::format("\"a{}b\"", bad))));
            CHECK(refused(fmt::format("{{\"{}\":1}}", bad)));
            CHECK(refused(fmt::format("{{\"v\":\"{}", bad)));
        }
    }

    TEST_CASE("thirty-two levels are read and a thirty-third is refused") {
        const auto arrays = [](std::size_t depth) {
            return in_object(repeat("[", depth - 1) + repeat("]", depth - 1));
        };
        const auto objects = [](std::size_t depth) {
            return repeat(R"({"a":)", depth - 1) + "{}" + repeat("}", depth - 1);
        };
        CHECK(reading(arrays(32)) == arrays(32));
        CHECK(reading(objects(32)) == objects(32));
        CHECK(reading(arrays(33)) == "not valid JSON: more than 32 levels at byte 36");
        CHECK(reading(objects(33)) == "not valid JSON: more than 32 levels at byte 160");
        // Levels are those open at one time, not all there ever were.
        CHECK_FALSE(refused(in_object("[" + repeat("[],", 1000) + "{}]")));
        CHECK(refused(repeat("[", 1 << 20)));
        CHECK(refused(in_object(repeat("[", 1 << 20))));
        CHECK(refused(repeat(R"({"a":)", 200'000)));
    }

    TEST_CASE("a thousand members are read and one more is refused") {
        CHECK(JsonObject::parse(object_of(999, "last")).size() == 1000);
        CHECK(
            reading(object_of(1000, "last")).starts_with("not valid JSON: more than 1000 members"));
        CHECK(reading(object_of(1000, "k0")).starts_with("not valid JSON: more than 1000 members"));
    }

    TEST_CASE("a number keeps its text, and what does not fit is not bent") {
        for (const std::string_view text :
             {"0", "-0", "-0.0", "1E400", "-1e+400", "18446744073709551616", "0.10", "1.5E-7",
              "123456789012345678901234567890.123456789"}) {
            CHECK(number_of(text).text() == text);
            CHECK(reading(in_object(text)) == in_object(text));
        }

        CHECK(number_of("9223372036854775807").to_int64() ==
              std::numeric_limits<std::int64_t>::max());
        CHECK(number_of("-9223372036854775808").to_int64() ==
              std::numeric_limits<std::int64_t>::min());
        CHECK(number_of("-0").to_int64() == 0);
        for (const std::string_view text : {"9223372036854775808", "-9223372036854775809",
                                            "18446744073709551616", "1.0", "1e2", "0.5", "1E400"}) {
            CAPTURE(text);
            CHECK(number_of(text).to_int64() == std::nullopt);
        }

        CHECK(number_of("0.1").to_double() == 0.1);
        CHECK(number_of("18446744073709551616").to_double() == 18446744073709551616.0);
        CHECK(number_of("1.7976931348623157e308").to_double() ==
              std::numeric_limits<double>::max());
        CHECK(number_of("5e-324").to_double() == std::numeric_limits<double>::denorm_min());
        for (const std::string_view text :
             {"1e-999", "0.000001e-99999999999999999999999", "123456e-10000000", "0e9999999999"}) {
            CAPTURE(text);
            CHECK(number_of(text).to_double() == 0.0);
        }
        CHECK(number_of("0." + repeat("0", 400) + "1").to_double() == 0.0);
        CHECK(number_of("0." + repeat("0", 400) + "1e401").to_double() == 1.0);
        CHECK(std::signbit(number_of("-0.0").to_double().value()));
        CHECK(std::signbit(number_of("-1e-999").to_double().value()));
        for (const std::string_view text :
             {"1e999", "-1e999", "1e309", "0.0001e99999999999999999999999", "1e+400"}) {
            CAPTURE(text);
            CHECK(number_of(text).to_double() == std::nullopt);
        }
        CHECK(number_of("1" + repeat("0", 400)).to_double() == std::nullopt);
        CHECK(number_of("1" + repeat("0", 400) + "e-400").to_double() == 1.0);
    }

    TEST_CASE("a number is written in its shortest form") {
        CHECK(JsonNumber{}.text() == "0");
        CHECK(JsonNumber{std::int64_t{-5}}.text() == "-5");
        CHECK(JsonNumber{std::numeric_limits<std::int64_t>::min()}.text() ==
              "-9223372036854775808");
        CHECK(JsonNumber{0.5}.text() == "0.5");
        CHECK(JsonNumber{0.1}.text() == "0.1");
        for (const double value : {1.0, 1e300, -1e-300, 1e16, 123456789.125, 5e-324, -0.0}) {
            CHECK(number_of(JsonNumber{value}.text()).to_double() == value);
        }
        CHECK_THROWS_AS(JsonNumber{std::numeric_limits<double>::quiet_NaN()}, Error);
        CHECK_THROWS_AS(JsonNumber{-std::numeric_limits<double>::infinity()}, Error);
    }

    TEST_CASE("every code point comes back, raw and escaped") {
        for (std::uint32_t code_point = 1; code_point <= 0x10FFFF; ++code_point) {
            if (code_point >= 0xD800 && code_point <= 0xDFFF) continue;
            // All up to the first three-byte blocks, then one in every 97.
            if (code_point > 0x3000) code_point += 96;
            if (code_point >= 0xD800 && code_point <= 0xDFFF) continue;
            if (code_point > 0x10FFFF) break;
            const std::string text = utf8_of(code_point);
            JsonObject object;
            object.set(text, text);
            const JsonObject back = JsonObject::parse(object.to_text());
            if (!(back == object)) FAIL("U+" << std::hex << code_point << " did not come back");

            const std::uint32_t rest = code_point - 0x10000;
            const std::string escaped =
                code_point < 0x10000 ? fmt::format("\\u{:04x}", code_point)
                                     : fmt::format("\\u{:04X}\\u{:04x}", 0xD800 + (rest >> 10),
                                                   0xDC00 + (rest & 0x3FF));
            if (string_of(fmt::format(R"({{"v":"{}"}})", escaped)) != text) {
                FAIL(escaped << " was read as something else");
            }
        }
    }

    TEST_CASE("only what must be escaped is escaped") {
        std::string out;
        append_json_string(out, "a\"b\\c/d\b\f\n\r\t\x01\x1F\x7F é \xE2\x80\xA8 😀");
        CHECK(out == "\"a\\\"b\\\\c/d\\b\\f\\n\\r\\t\\u0001\\u001f\x7F é \xE2\x80\xA8 😀\"");
    }

    TEST_CASE("values of every kind are read and written in their order") {
        const std::string text =
            R"({"z":null,"a":true,"m":[false,1.50,"x",[],{}],"__proto__":{"b":{"c":"d"}},"":""})";
        const JsonObject object = JsonObject::parse(text);
        CHECK(object.to_text() == text);
        CHECK(object.find("z")->is_null());
        CHECK(*object.find("a")->boolean());
        CHECK(object.find("m")->array()->size() == 5);
        CHECK(object.find("__proto__")->object()->find("b")->object()->find("c")->string() !=
              nullptr);
        CHECK(object.find("missing") == nullptr);
        CHECK(object.find("a")->string() == nullptr);
        CHECK(JsonObject::parse("\t\r\n { \"a\" : [ 1 , 2 ] , \"b\" : { } } \n").to_text() ==
              R"({"a":[1,2],"b":{}})");
        CHECK(JsonObject::parse("{}").empty());
    }

    TEST_CASE("a member that is set again keeps its place") {
        JsonObject object;
        object.set("a", true);
        object.set("b", "text");
        object.set("c", JsonArray{JsonValue{}, JsonNumber{std::int64_t{7}}});
        object.set("a", JsonObject{});
        CHECK(object.to_text() == R"({"a":{},"b":"text","c":[null,7]})");
        CHECK(object.size() == 3);
    }

    TEST_CASE("objects are equal where members, spelling and order are") {
        const auto equal = [](std::string_view a, std::string_view b) {
            return JsonObject::parse(a) == JsonObject::parse(b);
        };
        CHECK(equal(R"({"a":[1,{"b":null}]})", R"({ "a" : [ 1, {"b" : null} ] })"));
        CHECK_FALSE(equal(R"({"a":1,"b":2})", R"({"b":2,"a":1})"));
        CHECK_FALSE(equal(R"({"a":1})", R"({"a":1.0})"));
        CHECK_FALSE(equal(R"({"a":null})", "{}"));
        CHECK_FALSE(equal(R"({"a":"1"})", R"({"a":1})"));
    }

}  // TEST_SUITE
