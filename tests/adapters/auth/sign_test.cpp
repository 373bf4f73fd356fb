#include "adapters/auth/tokens.hpp"

#include <string>
#include <string_view>

using namespace tokens;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

std::string message_of(JwtOptions options) {
    const testing::FixedClock clock;
    try {
        (void)jwt_verifier(std::move(options), clock);
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::invalid);
        return error.message();
    }
    return "taken";
}

}  // namespace

TEST_SUITE("auth.sign") {

    TEST_CASE("a signed token says what it was told, and holds") {
        const TokenClaims claims{.user = UserId{"usr_ana"},
                                 .tenant = TenantId{"acme"},
                                 .email = "ana@acme.com",
                                 .name = "Ana \"A\" Müller",
                                 .role = "admin",
                                 .issued_at = Timestamp{start * 1000 + 999},
                                 .expires_at = Timestamp{(start + 3600) * 1000}};
        const std::string token = sign_token(claims, secret);
        CHECK(token ==
              token_of(good_header,
                       R"({"userId":"usr_ana","organizationId":"acme","email":"ana@acme.com",)"
                       R"("name":"Ana \"A\" Müller","role":"admin",)"
                       R"("iat":1775044800,"exp":1775048400})"));
        CHECK(verdict(token) == "acme/usr_ana email=ana@acme.com name=Ana \"A\" Müller role=admin");
    }

    TEST_CASE("what is empty is left out, and claims can have other names") {
        TokenClaims claims{.user = UserId{"bob"}, .expires_at = Timestamp{1000}};
        CHECK(sign_token(claims, secret) ==
              token_of(good_header, R"({"userId":"bob","iat":0,"exp":1})"));
        claims.tenant = TenantId{"acme"};
        claims.role = "admin";
        const JwtClaims names{.user = "uid", .tenant = "org", .role = ""};
        CHECK(sign_token(claims, secret, names) ==
              token_of(good_header, R"({"uid":"bob","org":"acme","iat":0,"exp":1})"));
    }

    TEST_CASE("weak secrets are named, good ones are not") {
        const std::pair<std::string, std::string_view> weak[] = {
            {"", "must have at least 32 bytes"},
            {"secret", "must have at least 32 bytes"},
            {std::string(31, 'x'), "must have at least 32 bytes"},
            {std::string{secret.substr(0, 31)}, "must have at least 32 bytes"},
            {std::string(32, 'x'), "must not be one repeated character"},
            {std::string(64, '\0'), "must not be one repeated character"},
            {"a-string-secret-at-least-256-bits-long",
             "must not be an example that everybody knows"},
            {"super-secret-jwt-token-with-at-least-32-characters-long",
             "must not be an example that everybody knows"},
            {"0123456789ABCDEF0123456789abcdef", "must not be an example that everybody knows"},
            {"changemechangemechangemechangeme", "must not be an example that everybody knows"},
            {"your-super-secret-jwt-key-for-production",
             "must not be an example that everybody knows"},
            {"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-"
             "1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
             "must not be an example that everybody knows"},
        };
        for (const auto& [text, reason] : weak) {
            CAPTURE(text);
            CHECK(weak_secret(text) == reason);
        }
        CHECK(weak_secret(secret) == std::nullopt);
        CHECK(weak_secret(std::string(31, 'x') + "y") == std::nullopt);
        CHECK(weak_secret("\x00\x01\xFE\xFF 32 bytes of any kind are fine"s) == std::nullopt);
    }

    TEST_CASE("a verifier refuses options that would make it weak") {
        const std::string good{secret};
        CHECK(message_of({.secret = good}) == "taken");
        CHECK(message_of({.secret = good, .leeway = 0s}) == "taken");
        CHECK(message_of({.secret = good, .leeway = 60s}) == "taken");
        CHECK(message_of({}) == "the secret must have at least 32 bytes");
        CHECK(message_of({.secret = std::string(40, 'a')}) ==
              "the secret must not be one repeated character");
        CHECK(message_of({.secret = good, .previous_secret = "old"}) ==
              "the previous secret must have at least 32 bytes");
        CHECK(message_of({.secret = good, .leeway = -1s}) == "the leeway must be 0 to 60 seconds");
        CHECK(message_of({.secret = good, .leeway = 61s}) == "the leeway must be 0 to 60 seconds");
        CHECK(message_of({.secret = good, .default_tenant = {.name = ""}}) ==
              "the default tenant must be 1 to 128 visible ASCII characters");
    }

    TEST_CASE("a default tenant is a name or one of two words") {
        using Kind = DefaultTenant::Kind;
        CHECK(DefaultTenant::parse("none:") == DefaultTenant{Kind::none, ""});
        CHECK(DefaultTenant::parse("private:") == DefaultTenant{Kind::private_one, ""});
        CHECK(DefaultTenant::parse("default") == DefaultTenant{});
        CHECK(DefaultTenant::parse("none") == DefaultTenant{Kind::shared, "none"});
        CHECK(DefaultTenant::parse("private") == DefaultTenant{Kind::shared, "private"});
        CHECK(DefaultTenant::parse("acme:eu") == DefaultTenant{Kind::shared, "acme:eu"});
        for (const std::string& text : {""s, " "s, "a b"s, "none:x"s, "private:usr_ana"s, "é"s,
                                        std::string(129, 'x'), "a\n"s}) {
            CAPTURE(text);
            CHECK(DefaultTenant::parse(text) == std::nullopt);
        }
    }

}  // TEST_SUITE
