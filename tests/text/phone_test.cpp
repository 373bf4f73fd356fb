#include "text/phone.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <thread>
#include <vector>

using namespace lvng::crm;

TEST_SUITE("text.phone") {
    TEST_CASE("spellings of one number with its country code have one key") {
        for (const char* spelling :
             {"+1 201 555 0123", "+1 (201) 555-0123", "+1.201.555.0123", "tel:+1-201-555-0123",
              "\uFF0B\uFF11 201 555 0123", "+1 201\u00A0555\u20110123"}) {
            CAPTURE(spelling);
            CHECK(text::phone_key(spelling, "") == "+12015550123");
            CHECK(text::phone_key(spelling, "DE") == "+12015550123");
        }
    }

    TEST_CASE("what is written as E.164 has the key of its other spellings") {
        for (int area = 0; area <= 999; ++area) {
            for (const char* rest : {"0000000", "5550100", "1112222", "9119110"}) {
                const std::string number = fmt::format("{:03}{}", area, rest);
                CAPTURE(number);
                CHECK(text::phone_key("+1" + number, "") == text::phone_key("+1 " + number, ""));
            }
        }
        for (const char* odd : {"+1201555012", "+120155501234", "+1201555012x", "+12015550123 "}) {
            CAPTURE(odd);
            CHECK(text::phone_key(odd, "") == text::phone_key(std::string{odd}.insert(2, " "), ""));
        }
    }

    TEST_CASE("a possible number need not be a valid one") {
        CHECK(text::phone_key("+1-555-0100", "") == "+15550100");
        CHECK(text::phone_key("+1-555-0100", "DE") == "+15550100");
    }

    TEST_CASE("a number without a country code is read in the region") {
        CHECK(text::phone_key("(030) 123456", "DE") == "+4930123456");
        CHECK(text::phone_key("0049 30 123456", "DE") == "+4930123456");
        CHECK(text::phone_key("011 49 30 123456", "US") == "+4930123456");
        CHECK(text::phone_key("(201) 555-0123", "US") == "+12015550123");
        CHECK(text::phone_key("1-800-FLOWERS", "US") == "+18003569377");
    }

    TEST_CASE("an Italian number keeps its leading zero") {
        CHECK(text::phone_key("06 6982 1234", "IT") == "+390669821234");
        CHECK(text::phone_key("+39 06 6982 1234", "") == "+390669821234");
    }

    TEST_CASE("without a region, its digits are compared") {
        CHECK(text::phone_key("(030) 123456", "") == "030123456");
        CHECK(text::phone_key("030/12 34 56", "") == "030123456");
        CHECK(text::phone_key("\u0660\u0663\u0660 \uFF11\uFF12\uFF13456", "") == "030123456");
        CHECK(text::phone_key("201 555 0123", "") != text::phone_key("+1 201 555 0123", ""));
    }

    TEST_CASE("what cannot be a number of its country is compared by its digits") {
        CHECK(text::phone_key("+999 123 4567", "") == "9991234567");  // no such code
        CHECK(text::phone_key("+1 23", "") == "123");                 // too short
        CHECK(text::phone_key("+49 30 1234 5678 9012 3456 7890", "") == "493012345678901234567890");
        CHECK(text::phone_key("4", "DE") == "4");
    }

    TEST_CASE("an extension tells numbers apart") {
        CHECK(text::phone_key("+1 201 555 0123 ext. 7", "") == "+12015550123;ext=7");
        CHECK(text::phone_key("+1 201 555 0123 x7", "") == "+12015550123;ext=7");
        CHECK(text::phone_key("tel:+1-201-555-0123;ext=7", "") == "+12015550123;ext=7");
        CHECK(text::phone_key("+1 201 555 0123", "") == "+12015550123");
    }

    TEST_CASE("a text without digits is compared without case") {
        CHECK(text::phone_key("Front Desk", "") == "front desk");
        CHECK(text::phone_key("FRONT DESK", "US") == "front desk");
        CHECK(text::phone_key("+", "US") == "+");
        CHECK(text::phone_key("\u00DCber Skype", "") == "\u00FCber skype");
    }

    TEST_CASE("regions are two capital letters of a country with telephones") {
        CHECK(text::is_phone_region("DE"));
        CHECK(text::is_phone_region("US"));
        CHECK_FALSE(text::is_phone_region(""));
        CHECK_FALSE(text::is_phone_region("de"));
        CHECK_FALSE(text::is_phone_region("ZZ"));
        CHECK_FALSE(text::is_phone_region("001"));
        CHECK_FALSE(text::is_phone_region("DEU"));
        CHECK_FALSE(text::is_phone_region("Germany"));
    }

    TEST_CASE("keys are made by several threads at once") {
        std::vector<std::string> keys(4);
        std::vector<std::thread> threads;
        for (std::string& key : keys) {
            threads.emplace_back([&key] {
                for (int i = 0; i < 50; ++i) key = text::phone_key("(030) 123456", "DE");
            });
        }
        for (std::thread& thread : threads) thread.join();
        CHECK(keys == std::vector<std::string>(4, "+4930123456"));
    }
}
