#include "adapters/auth/jws.hpp"

#include "adapters/auth/tokens.hpp"

#include <string>
#include <string_view>

using namespace tokens;
using namespace std::string_literals;
using auth::decode_base64url;
using auth::encode_base64url;

namespace {

std::optional<std::string> payload_of(std::string_view token, std::string_view base64url_key) {
    const std::optional<auth::Jws> jws = auth::read_jws(token);
    const auth::Hs256Key key{decode_base64url(base64url_key).value()};
    if (!jws || jws->header.algorithm != JwtAlgorithm::hs256) return std::nullopt;
    if (!key.verify(jws->signing_input, jws->signature)) return std::nullopt;
    return jws->payload;
}

/// A token of `usr_ana` under this header, rightly signed.
std::string under(std::string_view header) {
    return token_of(header, fmt::format(R"({{"userId":"usr_ana","exp":{}}})", start + 3600));
}

std::string with_header(std::string_view members) {
    return under(fmt::format(R"({{"alg":"HS256",{}}})", members));
}

// RFC 7515, appendix A.1.
constexpr std::string_view rfc7515_key =
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
constexpr std::string_view rfc7515_token =
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0"
    "dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

}  // namespace

TEST_SUITE("auth.jws") {

    TEST_CASE("the example of RFC 7515 holds, to the claims and through them") {
        CHECK(payload_of(rfc7515_token, rfc7515_key) ==
              "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}");

        const testing::FixedClock clock{Timestamp{1'300'819'379'000}};
        const auto verifier = jwt_verifier({.secret = decode_base64url(rfc7515_key).value(),
                                            .issuer = "joe",
                                            .required_claims = {"http://example.com/is_root"},
                                            .claims = {.user = "iss"}},
                                           clock);
        CHECK(verdict(*verifier, rfc7515_token) == "default/joe");
        CHECK(verifier->verify(rfc7515_token).expires_at.to_string() == "2011-03-22T18:43:00.000Z");
    }

    TEST_CASE("the example of RFC 7520, section 4.4 holds, and its kid chooses nothing") {
        CHECK(
            payload_of(
                "eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9"
                ".SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91I"
                "HN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJl"
                "zIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4"
                ".s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0",
                "hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg") ==
            "It\u2019s a dangerous business, Frodo, going out your door. You step onto the road, "
            "and if "
            "you don't keep your feet, there\u2019s no knowing where you might be swept off to.");
    }

    TEST_CASE("the unencoded payloads of RFC 7797 are refused") {
        constexpr std::string_view header =
            "eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19";
        constexpr std::string_view mac = "A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY";
        CHECK_FALSE(payload_of(fmt::format("{}..{}", header, mac), rfc7515_key));
        CHECK_FALSE(payload_of(fmt::format("{}.$.02.{}", header, mac), rfc7515_key));
        CHECK(verdict(with_header(R"("b64":true)")) == "refused");
        CHECK(verdict(with_header(R"("b64":false)")) == "refused");
    }

    TEST_CASE("the HS256 group of Wycheproof is answered as published") {
        // Source: C2SP/wycheproof, testvectors/json_web_signature_test.json, tests 1 to 17.
        constexpr std::string_view key = "-ebuDNsVZ2iJtoZ-akfXTSCt4UO2cruLCsbWlBinggE";
        const std::string header = "eyJhbGciOiJIUzI1NiIsImtpZCI6ImtpZC1hZXMtc2lnbiJ9";
        const std::string mac = "TD37p4c_0jmreSrBSDmE0F3mYSPtkZ3WrSyI5wb_KTg";
        CHECK(payload_of(header + ".Zm9v." + mac, key) == "foo");
        for (const std::string& token :
             {header + ".Zm9v.XD37p4c_0jmreSrBSDmE0F3mYSPtkZ3WrSyI5wb_KTg", header + ".Zm9v.",
              header + ".Zm9v", header + ".WG9v." + mac, header + ".." + mac, header + "." + mac,
              "eyJhbGciOiJIUzI1NiIsImtpZCI6IlhpZC1hZXMtc2lnbiJ9.Zm9v." + mac, ".Zm9v." + mac,
              "Zm9v." + mac, ".Zm9v."s, "Zm9v"s, ""s, header + ".Zm9v." + mac + ".",
              header + ".Zm9v." + mac + ".foo",
              "eyJhbGciOiJub25lIiwia2lkIjoia2lkLWFlcy1zaWduIn0.Zm9v."s,
              R"({"payload":"Zm9v","signatures":[{"protected":")" + header +
                  R"(","header":{"unknown":"untrustworthy"},"signature":")" + mac + R"("})"}) {
            CAPTURE(token);
            CHECK_FALSE(payload_of(token, key));
        }
    }

    TEST_CASE("only three canonical parts make a token") {
        const std::string good = token_with("");
        REQUIRE(verdict(good) == "default/usr_ana");
        const std::size_t first = good.find('.');
        const std::size_t second = good.rfind('.');
        const std::string header = good.substr(0, first);
        const std::string payload = good.substr(first + 1, second - first - 1);
        const std::string mac = good.substr(second + 1);

        const std::pair<std::string_view, std::string> table[] = {
            {"empty", ""},
            {"one dot", "."},
            {"two dots", ".."},
            {"no dot", header + payload + mac},
            {"two parts", header + "." + payload},
            {"no signature", header + "." + payload + "."},
            {"no payload", header + ".." + mac},
            {"a signed empty payload", seal(header, "")},
            {"no header", "." + payload + "." + mac},
            {"a signed empty header", seal("", payload)},
            {"a dot before", "." + good},
            {"a dot behind", good + "."},
            {"a fourth part", good + "." + mac},
            {"five parts, as JWE has", good + "." + mac + "." + mac},
            {"a space before", " " + good},
            {"a space behind", good + " "},
            {"a line feed behind", good + "\n"},
            {"a NUL behind", good + "\0"s},
            {"a space in the signed header", seal(header + " ", payload)},
            {"a line feed in the signed payload",
             seal(header, payload.substr(0, 8) + "\n" + payload.substr(8))},
            {"padding behind the signature", good + "="},
            {"padding of the signed header",
             seal(encode_base64url(R"({"alg":"HS256"} )") + "==", payload)},
            {"padding of the signed payload", seal(header, payload + "=")},
            {"the other alphabet",
             seal(header, encode_base64url("{\"userId\":\"?\xC3\xBF\xC3\xBF\"}") + "+/")},
            {"a length of 1 in 4",
             seal(header, payload + std::string(5 - payload.size() % 4, 'A'))},
            {"a percent escape", seal(header, payload + "%3D")},
            {"a short signature", good.substr(0, good.size() - 2)},
            {"half a signature", good.substr(0, good.size() - 22)},
            {"a long signature", good + "AAAA"},
            {"the signature twice", good + mac},
            {"a signature of zeros", header + "." + payload + "." + std::string(43, 'A')},
            {"bearer twice", "Bearer " + good},
            {"quoted", "\"" + good + "\""},
            {"a comma behind", good + ","},
            {"JSON form", R"({"payload":")" + payload + R"(","protected":")" + header +
                              R"(","signature":")" + mac + R"("})"},
            {"another token's payload",
             header + "." + encode_base64url(R"({"userId":"root","exp":9999999999})") + "." + mac},
            {"parts exchanged", payload + "." + header + "." + mac},
            {"the secret itself", std::string{secret}},
            {"another key's signature",
             token_of(good_header, *decode_base64url(payload), other_secret)},
        };
        for (const auto& [name, token] : table) {
            CAPTURE(name);
            CHECK(verdict(token) == "refused");
        }
    }

    TEST_CASE("the last character of each part has one spelling") {
        // A decoder that ignores unused bits takes up to 16 spellings of one text.
        constexpr std::string_view alphabet =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        for (const std::string_view blanks : {"", " ", "  "}) {
            const std::string header =
                encode_base64url(fmt::format(R"({}{{"alg":"HS256"}})", blanks));
            const std::string payload = encode_base64url(
                fmt::format(R"({}{{"userId":"usr_ana","exp":{}}})", blanks, start + 3600));
            int held = 0;
            for (const char last : alphabet) {
                std::string changed = header;
                changed.back() = last;
                held += verdict(seal(changed, payload)) == "refused" ? 0 : 1;
                changed = payload;
                changed.back() = last;
                held += verdict(seal(header, changed)) == "refused" ? 0 : 1;
                changed = seal(header, payload);
                changed.back() = last;
                held += verdict(changed) == "refused" ? 0 : 1;
            }
            CHECK(held == 3);
        }
    }

    TEST_CASE("a bit that flips anywhere is seen") {
        const std::string good = token_with(R"("organizationId":"acme","email":"ana@acme.com")");
        const testing::FixedClock clock;
        const auto verifier = jwt_verifier({.secret = std::string{secret}}, clock);
        REQUIRE(verdict(*verifier, good) == "acme/usr_ana email=ana@acme.com");
        for (std::size_t i = 0; i < good.size(); ++i) {
            for (int bit = 0; bit < 8; ++bit) {
                std::string flipped = good;
                flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
                if (verdict(*verifier, flipped) != "refused")
                    FAIL("bit " << bit << " of byte " << i);
            }
            std::string shorter = good;
            shorter.erase(i, 1);
            if (verdict(*verifier, shorter) != "refused") FAIL("without byte " << i);
            if (verdict(*verifier, good.substr(0, i)) != "refused")
                FAIL("the first " << i << " bytes");
        }
        CHECK(verdict(*verifier, good) == "acme/usr_ana email=ana@acme.com");
    }

    TEST_CASE("a header asks for HS256 and nothing else") {
        const std::string long_kid(128, 'k');
        const std::string too_long_kid(129, 'k');
        const std::pair<std::string, std::string_view> table[] = {
            {under(R"({"alg":"HS256"})"), "default/usr_ana"},
            {under(" { \"alg\" : \"HS256\" } \n"), "default/usr_ana"},
            {under(R"({"\u0061lg":"HS\u0032\u00356"})"), "default/usr_ana"},
            {under(R"({"alg":"none"})"), "refused"},
            {under(R"({"alg":"None"})"), "refused"},
            {under(R"({"alg":"NONE"})"), "refused"},
            {under(R"({"alg":"hs256"})"), "refused"},
            {under(R"({"alg":"Hs256"})"), "refused"},
            {under(R"({"alg":"HS256 "})"), "refused"},
            {under(R"({"alg":" HS256"})"), "refused"},
            {under(R"({"alg":"HS384"})"), "refused"},
            {under(R"({"alg":"HS512"})"), "refused"},
            {under(R"({"alg":"RS256"})"), "refused"},
            {under(R"({"alg":"ES256"})"), "refused"},
            {under(R"({"alg":"EdDSA"})"), "refused"},
            {under(R"({"alg":""})"), "refused"},
            {under(R"({"alg":null})"), "refused"},
            {under(R"({"alg":256})"), "refused"},
            {under(R"({"alg":["HS256"]})"), "refused"},
            {under(R"({"alg":{"HS256":1}})"), "refused"},
            {under(R"({"Alg":"HS256"})"), "refused"},
            {under(R"({"typ":"JWT"})"), "refused"},
            {under("{}"), "refused"},
            {under("[]"), "refused"},
            {under("\"HS256\""), "refused"},
            {under("null"), "refused"},
            {under("{"), "refused"},
            {under(R"({"alg":"HS256",})"), "refused"},
            {under(R"({"alg":"HS256"}{})"), "refused"},
            {under("\xEF\xBB\xBF{\"alg\":\"HS256\"}"), "refused"},
            {under("{\"alg\":\"HS256\",\"x\":\"\xFF\"}"), "refused"},
            {under("{\"alg\":\"HS256\"}\0"s), "refused"},
            {under(R"({"alg":"HS256","alg":"HS256"})"), "refused"},
            {under(R"({"alg":"none","alg":"HS256"})"), "refused"},
            {under(R"({"alg":"HS256","\u0061lg":"none"})"), "refused"},
            {with_header(R"("alg\u0000":"none")"), "refused"},
            {with_header(R"("x":"\ud800")"), "refused"},
            {with_header(R"("x":)" + std::string(31, '[') + std::string(31, ']')),
             "default/usr_ana"},
            {with_header(R"("x":)" + std::string(32, '[') + std::string(32, ']')), "refused"},

            {with_header(R"("typ":"JWT")"), "default/usr_ana"},
            {with_header(R"("typ":"jwt")"), "default/usr_ana"},
            {with_header(R"("typ":"application/JWT")"), "default/usr_ana"},
            {with_header(R"("typ":"")"), "refused"},
            {with_header(R"("typ":"JWS")"), "refused"},
            {with_header(R"("typ":"JOSE")"), "refused"},
            {with_header(R"("typ":"at+jwt")"), "refused"},
            {with_header(R"("typ":"JWT ")"), "refused"},
            {with_header(R"("typ":"application/")"), "refused"},
            {with_header(R"("typ":null)"), "refused"},
            {with_header(R"("typ":1)"), "refused"},
            {with_header(R"("typ":["JWT"])"), "refused"},

            {with_header(R"("kid":"key-1")"), "default/usr_ana"},
            {with_header(R"("kid":"../../etc/passwd")"), "default/usr_ana"},
            {with_header(R"("kid":"' OR 1=1 --")"), "refused"},
            {with_header(R"("kid":")" + long_kid + "\""), "default/usr_ana"},
            {with_header(R"("kid":")" + too_long_kid + "\""), "refused"},
            {with_header(R"("kid":"")"), "refused"},
            {with_header(R"("kid":"a b")"), "refused"},
            {with_header(R"("kid":"a\nb")"), "refused"},
            {with_header(R"("kid":"é")"), "refused"},
            {with_header(R"("kid":7)"), "refused"},
            {with_header(R"("kid":null)"), "refused"},

            {with_header(R"("crit":["exp"])"), "refused"},
            {with_header(R"("crit":[])"), "refused"},
            {with_header(R"("crit":null)"), "refused"},
            {with_header(R"("zip":"DEF")"), "refused"},
            {with_header(R"("jwk":{"kty":"oct","k":"AAAA"})"), "refused"},
            {with_header(R"("jku":"https://example.org/keys")"), "refused"},
            {with_header(R"("x5u":"https://example.org/cert")"), "refused"},
            {with_header(R"("x5c":["MIIB"])"), "refused"},
            {with_header(R"("cty":"text","unknown":{"a":[1]})"), "default/usr_ana"},
        };
        for (const auto& [token, expected] : table) {
            CAPTURE(token);
            CHECK(verdict(token) == expected);
        }
    }

    TEST_CASE("a token is as long as the limit and no longer") {
        const auto padded = [](std::size_t bytes) {
            std::string token;
            for (std::size_t fill = 0; token.size() < bytes; ++fill) {
                token = token_with(fmt::format(R"("fill":"{}")", std::string(fill, 'x')));
            }
            return token;
        };
        const std::string longest = padded(4096);
        REQUIRE(longest.size() <= 4097);
        JwtOptions options{.max_bytes = longest.size()};
        CHECK(verdict(options, longest) == "default/usr_ana");
        options.max_bytes = longest.size() - 1;
        CHECK(verdict(options, longest) == "refused");
        CHECK(verdict(padded(4098)) == "refused");
        CHECK(verdict(padded(4000)) == "default/usr_ana");
    }

    TEST_CASE("both keys of a rotation are taken, and none beside them") {
        const JwtOptions rotated{.secret = std::string{other_secret},
                                 .previous_secret = std::string{secret}};
        const std::string claims = fmt::format(R"({{"sub":"bob","exp":{}}})", start + 60);
        CHECK(verdict(rotated, token_of(good_header, claims, secret)) == "default/bob");
        CHECK(verdict(rotated, token_of(good_header, claims, other_secret)) == "default/bob");
        CHECK(verdict(rotated, token_of(good_header, claims, rfc7515_key)) == "refused");
        CHECK(verdict(token_of(good_header, claims, other_secret)) == "refused");
    }

}  // TEST_SUITE
