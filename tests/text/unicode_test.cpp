#include "text/unicode.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace lvng::crm;

namespace {

std::string repeat(std::string_view part, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += part;
    return out;
}

}  // namespace

TEST_SUITE("text.unicode") {
    TEST_CASE("well-formed UTF-8 of every length is recognised") {
        CHECK(text::is_utf8(""));
        CHECK(text::is_utf8("plain ASCII, longer than one word"));
        CHECK(text::is_utf8(std::string_view{"\0", 1}));
        CHECK(text::is_utf8("\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF"));
        CHECK(text::is_utf8("\xED\x9F\xBF\xEE\x80\x80"));          // beside the surrogates
        CHECK(text::is_utf8("\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"));  // first and last of four bytes
    }

    TEST_CASE("ill-formed UTF-8 is refused, wherever it stands") {
        // After Unicode 15.0, table 3-7, and Markus Kuhn's UTF-8 stress test.
        const std::vector<std::string> bad{
            "\x80",          // lone continuation
            "\xC3",          // cut short
            "\xE2\x82",      //
            "\xF0\x9F\x98",  //
            "\xC0\xAF",
            "\xC1\xBF",  // overlong
            "\xE0\x80\xAF",
            "\xE0\x9F\xBF",  //
            "\xF0\x80\x80\xAF",
            "\xF0\x8F\xBF\xBF",  //
            "\xED\xA0\x80",
            "\xED\xBF\xBF",              // surrogates
            "\xED\xA0\xBD\xED\xB8\x80",  //
            "\xF4\x90\x80\x80",          // past U+10FFFF
            "\xF8\x88\x80\x80\x80",      // five bytes
            "\xFE",
            "\xFF",          //
            "\xE2\x28\xA1",  // a continuation that is none
        };
        for (const std::string& bytes : bad) {
            CAPTURE(bytes);
            CHECK_FALSE(text::is_utf8(bytes));
            CHECK_FALSE(text::is_utf8("0123456789abcdef" + bytes));
            CHECK_FALSE(text::is_utf8(bytes + "0123456789abcdef"));
            CHECK_FALSE(text::is_utf8("\xC3\xA4" + bytes));
        }
    }

    TEST_CASE("code points are counted, not bytes and not graphemes") {
        CHECK(text::code_points("") == 0);
        CHECK(text::code_points("abc") == 3);
        CHECK(text::code_points("Zo\u00EB") == 3);
        CHECK(text::code_points("e\u0301") == 2);
        CHECK(text::code_points("\U0001F468\u200D\U0001F469") == 3);
        CHECK(text::code_points(repeat("\uFDFA", 20'000)) == 20'000);
    }

    TEST_CASE("a text is cut after whole code points") {
        CHECK(text::first_code_points("", 5) == "");
        CHECK(text::first_code_points("abc", 0) == "");
        CHECK(text::first_code_points("abc", 2) == "ab");
        CHECK(text::first_code_points("abc", 3) == "abc");
        CHECK(text::first_code_points("abc", 4) == "abc");
        CHECK(text::first_code_points("\u00E4\u00F6\u00FC", 2) == "\u00E4\u00F6");
        CHECK(text::first_code_points("\u00E4\u00F6\u00FC", 3) == "\u00E4\u00F6\u00FC");
        CHECK(text::first_code_points("\U0001F600x", 1) == "\U0001F600");
    }

    TEST_CASE("all twenty-five white spaces are trimmed, and nothing else") {
        // PropList.txt of Unicode 15.0, White_Space.
        const std::string white =
            "\t\n\v\f\r \u0085\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005"
            "\u2006\u2007\u2008\u2009\u200A\u2028\u2029\u202F\u205F\u3000";
        CHECK(text::code_points(white) == 25);
        CHECK(text::trim(white + "a b" + white) == "a b");
        CHECK(text::trim(white + "\u00E4" + white) == "\u00E4");
        CHECK(text::trim(white).empty());
        CHECK(text::is_blank(white));
        CHECK(text::is_blank(""));
        CHECK_FALSE(text::is_blank(white + "x"));
        // Zero-width ones and the byte order mark are format characters, U+180E once was white.
        for (const std::string_view kept : {"\u200B", "\u200D", "\u2060", "\uFEFF", "\u180E"}) {
            CHECK(text::trim(kept) == kept);
        }
        CHECK(text::trim("untouched") == "untouched");
        CHECK(text::trim("") == "");
    }

    TEST_CASE("controls are found, format characters are none") {
        CHECK_FALSE(text::has_control(""));
        CHECK_FALSE(text::has_control("plain ~"));
        CHECK(text::has_control("a\tb"));
        CHECK(text::has_control("a\x7F"));
        CHECK(text::has_control(std::string_view{"a\0b", 3}));
        CHECK(text::has_control("\u0080"));
        CHECK(text::has_control("\u0085"));
        CHECK(text::has_control("x\u009F"));
        CHECK_FALSE(text::has_control("\u00A0"));
        CHECK_FALSE(text::has_control("\u200E\u200F\u202E"));
        // The bytes of U+0085, 0x85 among them, also end other code points.
        CHECK_FALSE(text::has_control("\u00C5\u0105\U0001F605"));
    }

    TEST_CASE("samples of CaseFolding.txt fold as published") {
        CHECK(text::fold("ABCxyz 019") == "abcxyz 019");
        CHECK(text::fold("\u00C4") == "\u00E4");              // 00C4; C; 00E4
        CHECK(text::fold("\u00DF") == "ss");                  // 00DF; F; 0073 0073
        CHECK(text::fold("\u1E9E") == "ss");                  // 1E9E; F; 0073 0073
        CHECK(text::fold("\u0130") == "i\u0307");             // 0130; F; 0069 0307
        CHECK(text::fold("\u0131") == "\u0131");              // dotless i folds only in Turkic
        CHECK(text::fold("I") == "i");                        // 0049; C; 0069
        CHECK(text::fold("\u0390") == "\u03B9\u0308\u0301");  // 0390; F
        CHECK(text::fold("\u03A3\u03C3\u03C2") == "\u03C3\u03C3\u03C3");  // 03A3, 03C2; C; 03C3
        CHECK(text::fold("\u0587") == "\u0565\u0582");                    // 0587; F; 0565 0582
        CHECK(text::fold("\uAB70") == "\u13A0");                          // AB70; C; 13A0, upwards
        CHECK(text::fold("\u1F88") == "\u1F00\u03B9");                    // 1F88; F; 1F00 03B9
        CHECK(text::fold("\U00010400") == "\U00010428");                  // 10400; C; 10428
        CHECK(text::fold("\U0001E900") == "\U0001E922");                  // 1E900; C; 1E922
    }

    TEST_CASE("compatibility forms fold to what they stand for") {
        CHECK(text::fold("\uFF21\uFF22\uFF43\uFF11") == "abc1");   // full width
        CHECK(text::fold("\uFB01\uFB03") == "fiffi");              // ligatures
        CHECK(text::fold("\u212A\u212B") == "k\u00E5");            // Kelvin and Angstrom signs
        CHECK(text::fold("\u017F") == "s");                        // long s
        CHECK(text::fold("\u2460\u00BD\u2122") == "11\u20442tm");  // circled, fraction, trade mark
        CHECK(text::fold("a\u00A0b") == "a b");                    // no-break space
        CHECK(text::fold("\uFF76\uFF9E") == "\u30AC");             // half-width ka and voiced mark
        CHECK(text::fold("\u1100\u1161\u11A8") == "\uAC01");       // Hangul jamo
        CHECK(text::fold("\U0001D400") == "a");                    // mathematical bold A
    }

    TEST_CASE("combining marks compare in either spelling and any order of equal standing") {
        CHECK(text::fold("E\u0301") == "\u00E9");
        CHECK(text::fold("\u00C9") == "\u00E9");
        // NormalizationTest.txt: dot below (220) stands before dot above (230).
        CHECK(text::fold("\u1E0B\u0323") == "\u1E0D\u0307");
        CHECK(text::fold("d\u0307\u0323") == text::fold("\u1E0B\u0323"));
    }

    TEST_CASE("ignorable code points stay, unlike in NFKC_Casefold") {
        CHECK(text::fold("a\u00ADb") == "a\u00ADb");
        CHECK(text::fold("\u200D\u0644") == "\u200D\u0644");
        CHECK(text::fold("\uFE0F") == "\uFE0F");
    }

    TEST_CASE("one letter may become eighteen, twenty thousand times") {
        // U+FDFA; UnicodeData.txt: 0635 0644 0649 0020 0627 0644 0644 0647 0020 0639 0644 064A 0647
        // 0020 0648 0633 0644 0645.
        const std::string words = "\u0635\u0644\u0649 \u0627\u0644\u0644\u0647 \u0639\u0644\u064A"
                                  "\u0647 \u0648\u0633\u0644\u0645";
        CHECK(text::code_points(words) == 18);
        CHECK(text::fold("\uFDFA") == words);
        CHECK(text::fold(repeat("\uFDFA", 20'000)) == repeat(words, 20'000));
    }

    TEST_CASE("folding a folded text changes nothing, for texts of many scripts") {
        for (const std::string_view sample :
             {"Stra\u00DFe", "\u0399\u0391\u039D\u039D\u0397\u03A3", "\u0130stanbul",
              "\u5C71\u7530", "\u0410\u043D\u043D\u0430", "\uFF34\uFF4F\uFF4D", "A\u030A",
              "\u0E2A\u0E33"}) {
            const std::string once = text::fold(sample);
            CHECK(text::fold(once) == once);
        }
    }

    TEST_CASE("the ASCII path gives what the general one gives") {
        for (char c = 0x20; c < 0x7F; ++c) {
            const std::string one(1, c);
            CHECK(text::fold(one) + "\u00E4" == text::fold(one + "\u00E4"));
            CHECK(text::to_lower(one) + "\u00E4" == text::to_lower(one + "\u00E4"));
        }
    }

    TEST_CASE("lower case is full, of the root locale, and normalises nothing") {
        CHECK(text::to_lower("ABC@xyz") == "abc@xyz");
        CHECK(text::to_lower("\u00C4\u00D6") == "\u00E4\u00F6");
        CHECK(text::to_lower("\u00DF") == "\u00DF");
        CHECK(text::to_lower("\u1E9E") == "\u00DF");
        CHECK(text::to_lower("I\u0131") == "i\u0131");
        CHECK(text::to_lower("\u0130") == "i\u0307");  // SpecialCasing.txt
        CHECK(text::to_lower("\uFF21") == "\uFF41");
        CHECK(text::to_lower("E\u0301") == "e\u0301");
    }

    TEST_CASE("a capital sigma is final where a word ends") {
        // SpecialCasing.txt, Final_Sigma.
        CHECK(text::to_lower("\u039F\u0394\u039F\u03A3") == "\u03BF\u03B4\u03BF\u03C2");
        CHECK(text::to_lower("\u03A3\u039F\u03A3") == "\u03C3\u03BF\u03C2");
        CHECK(text::to_lower("\u03A3") == "\u03C3");
    }

    TEST_CASE("texts are equal without case") {
        CHECK(text::equal_folded("", ""));
        CHECK(text::equal_folded("Acme", "aCME"));
        CHECK_FALSE(text::equal_folded("Acme", "Acm"));
        CHECK_FALSE(text::equal_folded("Acme", "Acne"));
        CHECK_FALSE(text::equal_folded("[", "{"));
        CHECK(text::equal_folded("STRASSE", "Stra\u00DFe"));
        CHECK(text::equal_folded("\uFF21cme", "acme"));
        CHECK_FALSE(text::equal_folded("\u00E4", "a"));
    }
}
