#include "adapters/auth/base64url.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using lvng::crm::auth::decode_base64url;
using lvng::crm::auth::encode_base64url;
using namespace std::string_literals;

TEST_SUITE("auth.base64url") {

    TEST_CASE("texts are encoded without padding, as published") {
        // Source: RFC 4648, section 10, without padding; RFC 7515, appendix C.
        const std::pair<std::string, std::string_view> table[] = {
            {"", ""},
            {"f", "Zg"},
            {"fo", "Zm8"},
            {"foo", "Zm9v"},
            {"foob", "Zm9vYg"},
            {"fooba", "Zm9vYmE"},
            {"foobar", "Zm9vYmFy"},
            {"\x03\xEC\xFF\xE0\xC1", "A-z_4ME"},
        };
        for (const auto& [bytes, text] : table) {
            CHECK(encode_base64url(bytes) == text);
            CHECK(decode_base64url(text) == bytes);
        }
    }

    TEST_CASE("every byte comes back at every place") {
        std::string bytes;
        for (int i = 0; i < 256 + 3; ++i) {
            bytes += static_cast<char>(i * 7);
            CHECK(decode_base64url(encode_base64url(bytes)) == bytes);
        }
    }

    TEST_CASE("a text that is not canonical has no bytes") {
        for (const std::string& text :
             {"A"s, "AAAAA"s, "Zg=="s, "Zm8="s, "Zm9v="s, "="s, "Zm 9v"s, "Zm9v\n"s, " Zm9v"s,
              "Zm\t9"s, "Zm+v"s, "Zm/v"s, "Zm?v"s, "Zm.v"s, "Zm9\0"s, "\0\0\0\0"s, "Zm\xC3\xA9"s,
              "Zm9\xFF"s}) {
            CAPTURE(text);
            CHECK(decode_base64url(text) == std::nullopt);
        }
    }

    TEST_CASE("unused bits must be zero") {
        constexpr std::string_view alphabet =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        int of_two = 0;
        int of_three = 0;
        for (const char last : alphabet) {
            of_two += decode_base64url("Z"s + last).has_value() ? 1 : 0;
            of_three += decode_base64url("Zm"s + last).has_value() ? 1 : 0;
        }
        CHECK(of_two == 4);     // two bits are used
        CHECK(of_three == 16);  // four are
    }

}  // TEST_SUITE
