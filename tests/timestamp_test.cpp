#include <doctest/doctest.h>
#include <lvng/crm/timestamp.hpp>

#include <string>
#include <string_view>
#include <vector>

using namespace lvng::crm;

namespace {

/// What `text` says in UTC, or `refused`.
std::string read(std::string_view text) {
    const auto instant = Timestamp::parse(text);
    return instant ? instant->to_string() : "refused";
}

}  // namespace

TEST_SUITE("timestamp") {
    TEST_CASE("the examples of RFC 3339, section 5.8, are read") {
        CHECK(read("1985-04-12T23:20:50.52Z") == "1985-04-12T23:20:50.520Z");
        CHECK(read("1996-12-19T16:39:57-08:00") == "1996-12-20T00:39:57.000Z");
        CHECK(read("1990-12-31T23:59:60Z") == "1991-01-01T00:00:00.000Z");
        CHECK(read("1990-12-31T15:59:60-08:00") == "1991-01-01T00:00:00.000Z");
        CHECK(read("1937-01-01T12:00:27.87+00:20") == "1937-01-01T11:40:27.870Z");
    }

    TEST_CASE("milliseconds count from 1970, also backwards") {
        CHECK(Timestamp{}.to_string() == "1970-01-01T00:00:00.000Z");
        CHECK(Timestamp{-1}.to_string() == "1969-12-31T23:59:59.999Z");
        CHECK(Timestamp{1'775'044'800'000}.to_string() == "2026-04-01T12:00:00.000Z");
        CHECK(Timestamp::parse("2026-04-01T12:00:00.000Z") == Timestamp{1'775'044'800'000});
        CHECK(Timestamp::parse("1969-12-31T23:59:59.999Z") == Timestamp{-1});
    }

    TEST_CASE("a date alone is its midnight in UTC") {
        CHECK(read("2026-04-01") == "2026-04-01T00:00:00.000Z");
        CHECK(read("0000-01-01") == "0000-01-01T00:00:00.000Z");
        CHECK(read("9999-12-31") == "9999-12-31T00:00:00.000Z");
    }

    TEST_CASE("one to nine digits of a fraction are cut to milliseconds") {
        CHECK(read("2026-04-01T12:00:00.1Z") == "2026-04-01T12:00:00.100Z");
        CHECK(read("2026-04-01T12:00:00.12Z") == "2026-04-01T12:00:00.120Z");
        CHECK(read("2026-04-01T12:00:00.1239Z") == "2026-04-01T12:00:00.123Z");
        CHECK(read("2026-04-01T12:00:00.999999999Z") == "2026-04-01T12:00:00.999Z");
        CHECK(read("1969-12-31T23:59:59.9999Z") == "1969-12-31T23:59:59.999Z");
        CHECK(read("2026-04-01T12:00:00.0000000001Z") == "refused");
        CHECK(read("2026-04-01T12:00:00.Z") == "refused");
        CHECK(read("2026-04-01T12:00:00,5Z") == "refused");
    }

    TEST_CASE("letters may be lower case") {
        CHECK(read("2026-04-01t12:00:00z") == "2026-04-01T12:00:00.000Z");
    }

    TEST_CASE("every offset is brought to UTC, the unknown one counts as UTC") {
        CHECK(read("2026-04-01T12:00:00+00:00") == "2026-04-01T12:00:00.000Z");
        CHECK(read("2026-04-01T12:00:00-00:00") == "2026-04-01T12:00:00.000Z");
        CHECK(read("2026-04-01T12:00:00+05:45") == "2026-04-01T06:15:00.000Z");
        CHECK(read("2026-01-01T00:00:00+23:59") == "2025-12-31T00:01:00.000Z");
        CHECK(read("2025-12-31T23:59:59.999-23:59") == "2026-01-01T23:58:59.999Z");
        CHECK(read("2026-04-01T12:00:00+24:00") == "refused");
        CHECK(read("2026-04-01T12:00:00+01:60") == "refused");
    }

    TEST_CASE("the years 0000 to 9999 count in UTC") {
        CHECK(read("0000-01-01T00:00:00Z") == "0000-01-01T00:00:00.000Z");
        CHECK(read("9999-12-31T23:59:59.999Z") == "9999-12-31T23:59:59.999Z");
        CHECK(read("0000-01-01T00:00:00-01:00") == "0000-01-01T01:00:00.000Z");
        CHECK(read("0000-01-01T00:59:59+01:00") == "refused");
        CHECK(read("9999-12-31T23:59:59-00:01") == "refused");
        CHECK(read("9999-12-31T23:59:60Z") == "refused");
    }

    TEST_CASE("a day that does not exist is refused, a leap day is not") {
        CHECK(read("2024-02-29") == "2024-02-29T00:00:00.000Z");
        CHECK(read("2000-02-29") == "2000-02-29T00:00:00.000Z");
        CHECK(read("2023-02-29") == "refused");
        CHECK(read("1900-02-29") == "refused");
        CHECK(read("2026-04-31") == "refused");
        CHECK(read("2026-13-01") == "refused");
        CHECK(read("2026-00-10") == "refused");
        CHECK(read("2026-01-00") == "refused");
    }

    TEST_CASE("a leap second ends a month in UTC, else it is refused") {
        CHECK(read("2016-12-31T23:59:60.999Z") == "2017-01-01T00:00:00.000Z");
        CHECK(read("2015-07-01T01:59:60+02:00") == "2015-07-01T00:00:00.000Z");
        CHECK(read("2016-12-30T23:59:60Z") == "refused");
        CHECK(read("2016-12-31T12:00:60Z") == "refused");
        CHECK(read("2016-12-31T23:59:60+01:00") == "refused");
        CHECK(read("2016-12-31T23:59:61Z") == "refused");
    }

    TEST_CASE("any other text is refused") {
        const std::vector<std::string> texts{
            "",
            "2026",
            "2026-04",
            "20260401",
            "2026-04-01T",
            "2026-04-01 12:00:00Z",
            "2026-04-01_12:00:00Z",
            "2026-04-01T12Z",
            "2026-04-01T12:00Z",
            "2026-04-01T12:00:00",
            "2026-04-01T12:00:00.000",
            "2026-04-01T120000Z",
            "2026-04-01T12:00:00+0100",
            "2026-04-01T12:00:00+01",
            "2026-04-01T12:00:00+1:00",
            "2026-04-01T12:00:00 +01:00",
            "2026-04-01T12:00:00ZZ",
            "2026-04-01T12:00:00Z ",
            " 2026-04-01T12:00:00Z",
            "2026-04-01T24:00:00Z",
            "2026-04-01T12:60:00Z",
            "2026-04-01Z",
            "2026-4-1",
            "26-04-01",
            "+2026-04-01",
            "-2026-04-01",
            "12026-04-01",
            "2026-W14-3",
            "2026-091",
            "2026/04/01",
            "2026-04-0x",
            "2026-+4-01",
            "1775044800000",
            "now",
            "2026-04-01T12:00:00\xE2\x88\x92"
            "01:00",  // U+2212 is no hyphen
            std::string{"2026-04-01T12:00:00Z\0", 21},
        };
        for (const std::string& text : texts) {
            CAPTURE(text);
            CHECK(read(text) == "refused");
        }
    }

    TEST_CASE("what is printed is read back, over all years") {
        constexpr std::int64_t first = -62'167'219'200'000;  // 0000-01-01
        constexpr std::int64_t last = 253'402'300'799'999;   // 9999-12-31T23:59:59.999
        CHECK(Timestamp{first}.to_string() == "0000-01-01T00:00:00.000Z");
        CHECK(Timestamp{last}.to_string() == "9999-12-31T23:59:59.999Z");
        constexpr std::int64_t step = 31'556'952'123 + 7;  // a year and a bit
        for (std::int64_t at = first; at <= last; at += step) {
            const Timestamp instant{at};
            REQUIRE(Timestamp::parse(instant.to_string()) == instant);
        }
    }

    TEST_CASE("printing appends to what is there") {
        std::string out = "at ";
        Timestamp{}.append_to(out);
        CHECK(out == "at 1970-01-01T00:00:00.000Z");
    }
}
