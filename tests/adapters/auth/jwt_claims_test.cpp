#include "adapters/auth/tokens.hpp"

#include <string>
#include <string_view>

using namespace tokens;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

/// A token of `usr_ana` with these times.
std::string timed(std::string_view times) {
    return token_of(good_header, fmt::format(R"({{"sub":"usr_ana",{}}})", times));
}

/// A token that expires in an hour, with these claims and no other.
std::string claiming(std::string_view claims) {
    return token_of(good_header, fmt::format(R"({{"exp":{},{}}})", start + 3600, claims));
}

DefaultTenant default_tenant(std::string_view text) {
    return DefaultTenant::parse(text).value();
}

}  // namespace

TEST_SUITE("auth.jwt") {

    TEST_CASE("a payload is one strict JSON object") {
        const std::string exp = fmt::format("\"exp\":{}", start + 3600);
        const std::pair<std::string, std::string_view> table[] = {
            {R"({"sub":"a",)" + exp + "}", "default/a"},
            {" {\n\"sub\" : \"a\" , " + exp + " }\r\n", "default/a"},
            {R"({"\u0073ub":"\u0061",)" + exp + "}", "default/a"},
            {"{}", "refused"},
            {"[]", "refused"},
            {"null", "refused"},
            {"\"text\"", "refused"},
            {"foo", "refused"},
            {"{", "refused"},
            {R"({"sub":"a",)" + exp + ",}", "refused"},
            {R"({"sub":"a",)" + exp + "} {}", "refused"},
            {R"({"sub":"a",)" + exp + "}\0"s, "refused"},
            {"\xEF\xBB\xBF{\"sub\":\"a\"," + exp + "}", "refused"},
            {R"({"sub":"a","sub":"a",)" + exp + "}", "refused"},
            {R"({"sub":"a","sub":"root",)" + exp + "}", "refused"},
            {R"({"sub":"a","s\u0075b":"root",)" + exp + "}", "refused"},
            {R"({"sub":"a",)" + exp + "," + exp + "}", "refused"},
            {R"({"sub\u0000":"root","sub":"a",)" + exp + "}", "refused"},
            {"{\"sub\0\":\"root\",\"sub\":\"a\","s + exp + "}", "refused"},
            {"{\"sub\":\"a\",\"x\":\"\xC0\x80\"," + exp + "}", "refused"},
            {R"({"sub":"a","x":"\udfff",)" + exp + "}", "refused"},
            {R"({"sub":"a",)" + exp + R"(,"x":)" + std::string(32, '[') + std::string(32, ']') +
                 "}",
             "refused"},
        };
        for (const auto& [payload, expected] : table) {
            CAPTURE(payload);
            CHECK(verdict(token_of(good_header, payload)) == expected);
        }
    }

    TEST_CASE("exp is required, a number and not over") {
        const std::pair<std::string, std::string_view> table[] = {
            {timed(R"("exp":1775044801)"), "default/usr_ana"},
            {timed(R"("exp":1775048400.5)"), "default/usr_ana"},
            {timed(R"("exp":1.7750484e9)"), "default/usr_ana"},
            {timed(R"("exp":17750484E2)"), "default/usr_ana"},
            {timed(R"("exp":253402300800)"), "default/usr_ana"},
            {timed(R"("exp":9007199254740992)"), "default/usr_ana"},
            {timed(R"("x":1)"), "refused"},
            {timed(R"("Exp":1775048400)"), "refused"},
            {timed(R"("exp":1775044000)"), "refused"},
            {timed(R"("exp":0)"), "refused"},
            {timed(R"("exp":-0)"), "refused"},
            {timed(R"("exp":-1)"), "refused"},
            {timed(R"("exp":-1775048400)"), "refused"},
            {timed(R"("exp":"1775048400")"), "refused"},
            {timed(R"("exp":"never")"), "refused"},
            {timed(R"("exp":null)"), "refused"},
            {timed(R"("exp":true)"), "refused"},
            {timed(R"("exp":false)"), "refused"},
            {timed(R"("exp":[1775048400])"), "refused"},
            {timed(R"("exp":{})"), "refused"},
            {timed(R"("exp":1e300)"), "refused"},
            {timed(R"("exp":1e999)"), "refused"},
            {timed(R"("exp":-1e999)"), "refused"},
            {timed(R"("exp":1e-999)"), "refused"},
            {timed(R"("exp":18446744073709551616)"), "refused"},
            {timed(R"("exp":18446744075484596016)"), "refused"},  // an hour from now, modulo 2^64
            {timed(R"("exp":9223372036854775807)"), "refused"},
            {timed(R"("exp":Infinity)"), "refused"},
            {timed(R"("exp":NaN)"), "refused"},
            {timed(R"("exp":01775048400)"), "refused"},
            {timed(R"("exp":+1775048400)"), "refused"},
        };
        for (const auto& [token, expected] : table) {
            CAPTURE(token);
            CHECK(verdict(token) == expected);
        }
    }

    TEST_CASE("nbf and iat are numbers and past, where they are there") {
        for (const std::string_view claim : {"nbf", "iat"}) {
            const std::pair<std::string_view, std::string_view> table[] = {
                {"0", "default/usr_ana"},
                {"1775044800", "default/usr_ana"},
                {"1775044799.9", "default/usr_ana"},
                {"1775044830", "default/usr_ana"},
                {"1775044830.001", "refused"},
                {"1775044831", "refused"},
                {"1775048400", "refused"},
                {"-1", "default/usr_ana"},
                {"-1e300", "default/usr_ana"},
                {"\"1775044800\"", "refused"},
                {"null", "refused"},
                {"true", "refused"},
                {"[]", "refused"},
                {"1e300", "refused"},
                {"1e999", "refused"},
                {"18446744073709551616", "refused"},
            };
            for (const auto& [value, expected] : table) {
                CAPTURE(claim);
                CAPTURE(value);
                CHECK(verdict(token_with(fmt::format("\"{}\":{}", claim, value))) == expected);
            }
        }
        CHECK(verdict(timed(R"("nbf":1775044800,"iat":1775044900,"exp":1775048400)")) == "refused");
        CHECK(verdict(timed(R"("nbf":1775044900,"iat":1775044800,"exp":1775048400)")) == "refused");
    }

    TEST_CASE("the leeway is allowed to the millisecond") {
        const std::string token =
            timed(fmt::format(R"("exp":{},"nbf":{})", start + 100, start + 50));
        const auto verdict_at = [&token](std::int64_t ms, std::chrono::seconds leeway) {
            const testing::FixedClock clock{Timestamp{start * 1000 + ms}};
            return verdict(*jwt_verifier({.secret = std::string{secret}, .leeway = leeway}, clock),
                           token);
        };
        CHECK(verdict_at(19'999, 30s) == "refused");
        CHECK(verdict_at(20'000, 30s) == "default/usr_ana");
        CHECK(verdict_at(129'999, 30s) == "default/usr_ana");
        CHECK(verdict_at(130'000, 30s) == "refused");
        CHECK(verdict_at(49'999, 0s) == "refused");
        CHECK(verdict_at(50'000, 0s) == "default/usr_ana");
        CHECK(verdict_at(99'999, 0s) == "default/usr_ana");
        CHECK(verdict_at(100'000, 0s) == "refused");
        CHECK(verdict_at(159'999, 60s) == "default/usr_ana");
        CHECK(verdict_at(160'000, 60s) == "refused");
    }

    TEST_CASE("the expiry is told as the token says it, up to the last year there is") {
        const testing::FixedClock clock;
        const auto verifier = jwt_verifier({.secret = std::string{secret}}, clock);
        const auto expiry = [&verifier](std::string_view exp) {
            return verifier->verify(timed(fmt::format("\"exp\":{}", exp))).expires_at.to_string();
        };
        CHECK(expiry("1775048400") == "2026-04-01T13:00:00.000Z");
        CHECK(expiry("1775048400.25") == "2026-04-01T13:00:00.250Z");
        CHECK(expiry("253402300799") == "9999-12-31T23:59:59.000Z");
        CHECK(expiry("1775048400000") == "9999-12-31T23:59:59.999Z");
    }

    TEST_CASE("the user is userId, else sub, and a malformed one is no one") {
        const std::string longest(128, 'u');
        const std::pair<std::string, std::string> table[] = {
            {claiming(R"("userId":"usr_ana")"), "default/usr_ana"},
            {claiming(R"("sub":"usr_bob")"), "default/usr_bob"},
            {claiming(R"("sub":"usr_bob","userId":"usr_ana")"), "default/usr_ana"},
            {claiming(R"("sub":17,"userId":"usr_ana")"), "default/usr_ana"},
            {claiming(R"("sub":"auth0|5f7c8ec7c33c6c004bbafe82")"),
             "default/auth0|5f7c8ec7c33c6c004bbafe82"},
            {claiming(R"("sub":")" + longest + "\""), "default/" + longest},
            {claiming(R"("sub":")" + longest + "u\""), "refused"},
            {claiming(R"("name":"Ana")"), "refused"},
            {claiming(R"("user":"usr_ana")"), "refused"},
            {claiming(R"("userid":"usr_ana")"), "refused"},
            {claiming(R"("sub":"")"), "refused"},
            {claiming(R"("sub":null)"), "refused"},
            {claiming(R"("sub":42)"), "refused"},
            {claiming(R"("sub":["usr_ana"])"), "refused"},
            {claiming(R"("sub":"ana smith")"), "refused"},
            {claiming(R"("sub":"ana\n")"), "refused"},
            {claiming(R"("sub":"\u007f")"), "refused"},
            {claiming(R"("sub":"añá")"), "refused"},
            {claiming(R"("sub":"usr_bob","userId":"")"), "refused"},
            {claiming(R"("sub":"usr_bob","userId":null)"), "refused"},
            {claiming(R"("sub":"usr_bob","userId":5)"), "refused"},
            {claiming(R"("sub":"usr_bob","userId":true)"), "refused"},
            {claiming(R"("sub":"usr_bob","userId":["usr_ana"])"), "refused"},
            {claiming(R"("sub":"usr_bob","userId":"a b")"), "refused"},
            {claiming(R"("sub":"usr_bob","userId":")" + longest + "u\""), "refused"},
        };
        for (const auto& [token, expected] : table) {
            CAPTURE(token);
            CHECK(verdict(token) == expected);
        }
    }

    TEST_CASE("the tenant is organizationId, and a malformed one is none") {
        const std::string longest(128, 't');
        const std::pair<std::string, std::string> table[] = {
            {token_with(""), "default/usr_ana"},
            {token_with(R"("organizationId":"acme")"), "acme/usr_ana"},
            {token_with(R"("organizationId":"default")"), "default/usr_ana"},
            {token_with(R"("organizationId":")" + longest + "\""), longest + "/usr_ana"},
            {token_with(R"("organizationId":")" + longest + "t\""), "refused"},
            {token_with(R"("organizationId":"")"), "refused"},
            {token_with(R"("organizationId":null)"), "refused"},
            {token_with(R"("organizationId":1)"), "refused"},
            {token_with(R"("organizationId":false)"), "refused"},
            {token_with(R"("organizationId":["acme"])"), "refused"},
            {token_with(R"("organizationId":{"id":"acme"})"), "refused"},
            {token_with(R"("organizationId":"a cme")"), "refused"},
            {token_with(R"("organizationId":"acme\t")"), "refused"},
            {token_with(R"("organizationId":"ácme")"), "refused"},
            {token_with(R"("organisationId":"acme")"), "default/usr_ana"},
        };
        for (const auto& [token, expected] : table) {
            CAPTURE(token);
            CHECK(verdict(token) == expected);
        }
    }

    TEST_CASE("a token without an organisation goes where the default says") {
        const std::string alone = token_with("");
        const std::string acme = token_with(R"("organizationId":"acme")");
        CHECK(verdict({.default_tenant = default_tenant("everybody")}, alone) ==
              "everybody/usr_ana");
        CHECK(verdict({.default_tenant = default_tenant("everybody")}, acme) == "acme/usr_ana");
        CHECK(verdict({.default_tenant = default_tenant("none:")}, alone) == "refused");
        CHECK(verdict({.default_tenant = default_tenant("none:")}, acme) == "acme/usr_ana");
        CHECK(verdict({.default_tenant = default_tenant("private:")}, alone) ==
              "private:usr_ana/usr_ana");
        CHECK(verdict({.default_tenant = default_tenant("private:")}, acme) == "acme/usr_ana");
    }

    TEST_CASE("no token names a private tenant, and no two users share one") {
        const JwtOptions options{.default_tenant = default_tenant("private:")};
        const auto tenant = [&options](std::string_view user) {
            const std::string said = verdict(options, claiming(fmt::format(R"("sub":"{}")", user)));
            return said.substr(0, said.find('/'));
        };
        for (const std::string_view name : {"private:", "private:usr_bob", "private:sha256:x"}) {
            CHECK(verdict(options, token_with(fmt::format(R"("organizationId":"{}")", name))) ==
                  "refused");
        }
        CHECK(verdict(options, token_with(R"("organizationId":"privates")")) == "privates/usr_ana");
        // Elsewhere the name means nothing.
        CHECK(verdict(token_with(R"("organizationId":"private:usr_bob")")) ==
              "private:usr_bob/usr_ana");

        CHECK(tenant(std::string(120, 'a')) == "private:" + std::string(120, 'a'));
        // Source: hashlib.sha256(b"a" * 121) of Python, in base64url.
        CHECK(tenant(std::string(121, 'a')) ==
              "private:sha256:6WFTIBKMx6PWB46a8FYDGI5cy_DQfYtzXT316ODBKB8");
        CHECK(tenant(std::string(128, 'a')) != tenant(std::string(127, 'a')));
        // Who is called like a digest gets another one.
        const std::string digest =
            tenant(std::string(121, 'a')).substr(std::string_view{"private:"}.size());
        CHECK(tenant(digest).starts_with("private:sha256:"));
        CHECK(tenant(digest) != tenant(std::string(121, 'a')));
    }

    TEST_CASE("issuer and audience are compared where they are configured") {
        const JwtOptions issued{.issuer = "https://id.acme.com/"};
        const JwtOptions meant{.audience = "crm"};
        const auto says = [](const JwtOptions& options, std::string_view claim) {
            return verdict(options, token_with(claim)) != "refused";
        };
        CHECK(says(issued, R"("iss":"https://id.acme.com/")"));
        CHECK_FALSE(says(issued, ""));
        CHECK_FALSE(says(issued, R"("iss":"https://id.acme.com")"));
        CHECK_FALSE(says(issued, R"("iss":"https://ID.acme.com/")"));
        CHECK_FALSE(says(issued, R"("iss":["https://id.acme.com/"])"));
        CHECK_FALSE(says(issued, R"("iss":null)"));

        CHECK(says(meant, R"("aud":"crm")"));
        CHECK(says(meant, R"("aud":["mail","crm"])"));
        CHECK(says(meant, R"("aud":["crm"])"));
        CHECK_FALSE(says(meant, ""));
        CHECK_FALSE(says(meant, R"("aud":"CRM")"));
        CHECK_FALSE(says(meant, R"("aud":"crm mail")"));
        CHECK_FALSE(says(meant, R"("aud":[])"));
        CHECK_FALSE(says(meant, R"("aud":["mail"])"));
        CHECK_FALSE(says(meant, R"("aud":["crm",1])"));
        CHECK_FALSE(says(meant, R"("aud":[["crm"]])"));
        CHECK_FALSE(says(meant, R"("aud":{"crm":true})"));
        CHECK_FALSE(says(meant, R"("aud":null)"));

        CHECK(says({}, R"("iss":"anybody","aud":"anything")"));
        CHECK(says({}, R"("iss":7,"aud":false)"));
    }

    TEST_CASE("required claims are there and say something") {
        const JwtOptions options{.required_claims = {"jti", "scope"}};
        CHECK(verdict(options, token_with(R"("jti":"1","scope":"crm")")) == "default/usr_ana");
        CHECK(verdict(options, token_with(R"("jti":0,"scope":"")")) == "default/usr_ana");
        CHECK(verdict(options, token_with(R"("jti":"1")")) == "refused");
        CHECK(verdict(options, token_with(R"("jti":"1","scope":null)")) == "refused");
    }

    TEST_CASE("e-mail, name and role are text, and kept where they can be") {
        const std::string name_200 = [] {
            std::string out;
            for (int i = 0; i < 200; ++i) out += "é";
            return out;
        }();
        const std::pair<std::string, std::string> table[] = {
            {R"("email":"ana@acme.com","name":"Ana Müller","role":"admin")",
             "default/usr_ana email=ana@acme.com name=Ana Müller role=admin"},
            {R"("email":"","name":"","role":"")", "default/usr_ana"},
            {R"("email":null,"name":null,"role":null)", "default/usr_ana"},
            {R"("email":1)", "default/usr_ana"},
            {R"("email":["ana@acme.com"])", "default/usr_ana"},
            {R"("name":{"first":"Ana"})", "default/usr_ana"},
            {R"("role":true)", "default/usr_ana"},
            {R"("role":["admin"])", "default/usr_ana"},
            {R"("name":")" + name_200 + "\"", "default/usr_ana name=" + name_200},
            {R"("name":")" + name_200 + "x\"", "default/usr_ana"},
            {R"("email":")" + std::string(255, 'x') + "\"", "default/usr_ana"},
            {R"("role":")" + std::string(201, 'x') + "\"", "default/usr_ana"},
            {R"("name":"Ana\nRole: admin")", "default/usr_ana"},
            {R"("name":"Ana\u007f")", "default/usr_ana"},
            {R"("name":"Ana\u0080","email":"a@b.c")", "default/usr_ana email=a@b.c"},
            {R"("name":"Ana\u009f")", "default/usr_ana"},
            {R"("name":"Ana\u00a0")", "default/usr_ana name=Ana\u00a0"},
            {R"("name":"\u200eAna 😀")", "default/usr_ana name=\u200eAna 😀"},
        };
        for (const auto& [claims, expected] : table) {
            CAPTURE(claims);
            CHECK(verdict(token_with(claims)) == expected);
        }
    }

    TEST_CASE("claims can have other names") {
        const JwtOptions options{.claims = {.user = "uid",
                                            .tenant = "https://acme.com/org",
                                            .email = "mail",
                                            .name = "",
                                            .role = "grp"}};
        CHECK(
            verdict(options,
                    claiming(R"("uid":"u","https://acme.com/org":"o","mail":"m@n.o","grp":"g")")) ==
            "o/u email=m@n.o role=g");
        CHECK(verdict(options, claiming(R"("userId":"x","sub":"y")")) == "refused");
        CHECK(
            verdict(options, claiming(R"("uid":"u","organizationId":5,"email":5,"name":5,"":5)")) ==
            "default/u");
    }

}  // TEST_SUITE
