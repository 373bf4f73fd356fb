#include "adapters/auth/key_set.hpp"

#include "adapters/auth/signing_key.hpp"

#include <lvng/crm/error.hpp>

#include <string>
#include <utility>

using namespace lvng::crm;
using namespace signing;

namespace {

/// `usable: N`, then what was left out; the reason where the whole set is refused.
std::string verdict(std::string_view text) {
    try {
        const auth::KeySet set = auth::KeySet::parse(text);
        return fmt::format("usable: {}{}{}", set.size(), set.left_out().empty() ? "" : "; ",
                           fmt::join(set.left_out(), ", "));
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::invalid);
        return error.message();
    }
}

/// The verdict on a good key and then this one.
std::string beside_good(std::string_view jwk) {
    return verdict(set_of(fmt::format("{},{}", ec_key().jwk(), jwk)));
}

std::string rsa_jwk(std::string_view n, std::string_view e) {
    return fmt::format(R"({{"kty":"RSA","n":"{}","e":"{}"}})", encode_base64url(n),
                       encode_base64url(e));
}

std::string ec_jwk(std::string_view x, std::string_view y) {
    return fmt::format(R"({{"kty":"EC","crv":"P-256","x":"{}","y":"{}"}})", encode_base64url(x),
                       encode_base64url(y));
}

const std::string prime_of_p256 =  // SEC 2, section 2.4.2
    "\xFF\xFF\xFF\xFF" + std::string("\0\0\0\1", 4) + std::string(12, '\0') +
    std::string(12, '\xFF');

}  // namespace

TEST_SUITE("auth.key_set") {

    TEST_CASE("only a set of keys is one") {
        const std::pair<std::string, std::string_view> table[] = {
            {set_of(ec_key().jwk()), "usable: 1"},
            {set_of(fmt::format("{},{}", ec_key().jwk(), rsa_key().jwk())), "usable: 2"},
            {fmt::format(R"({{"x":1,"keys":[{}],"y":[]}})", rsa_key().jwk()), "usable: 1"},
            {"{}", "it has no array of keys"},
            {R"({"keys":{}})", "it has no array of keys"},
            {R"({"keys":null})", "it has no array of keys"},
            {R"({"Keys":[]})", "it has no array of keys"},
            {R"({"keys":[]})", "it has no key for RS256 or ES256"},
            {R"({"keys":[{"kty":"oct","k":"AAAA"}]})", "it has no key for RS256 or ES256"},
            {R"({"keys":[7]})", "it has no key for RS256 or ES256: key 1 is no object"},
        };
        for (const auto& [text, expected] : table) {
            CAPTURE(text);
            CHECK(verdict(text) == expected);
        }
        for (const std::string& text :
             {std::string{}, std::string{"null"}, "[" + ec_key().jwk() + "]",
              set_of(ec_key().jwk()) + "x", set_of(ec_key().jwk() + ","),
              R"({"keys":[],)" + set_of(ec_key().jwk()).substr(1)}) {
            CAPTURE(text);
            CHECK(verdict(text).starts_with("it is no JSON object"));
        }
    }

    TEST_CASE("a set has an end") {
        std::string keys = ec_key().jwk();
        for (std::size_t more = 1; more < auth::KeySet::max_keys; ++more) keys += R"(,{"kty":"x"})";
        CHECK(verdict(set_of(keys)) == "usable: 1");
        CHECK(verdict(set_of(keys + R"(,{"kty":"x"})")) == "it has more than 100 keys");
    }

    TEST_CASE("keys for something else are none of ours") {
        for (const std::string& jwk :
             {std::string{R"({"kty":"oct","k":"AAAA","alg":"HS256"})"},
              std::string{R"({"kty":"OKP","crv":"Ed25519","x":"AAAA"})"},
              SigningKey::ec("P-384").jwk(), std::string{R"({"kty":"EC","crv":"secp256k1"})"},
              rsa_key().jwk(R"("use":"enc")"), rsa_key().jwk(R"("alg":"RS512")"),
              rsa_key().jwk(R"("alg":"PS256")"), rsa_key().jwk(R"("alg":"ES256")"),
              rsa_key().jwk(R"("alg":"HS256")"), rsa_key().jwk(R"("alg":"none")"),
              rsa_key().jwk(R"("key_ops":["encrypt"])"), rsa_key().jwk(R"("key_ops":[])"),
              other_ec_key().jwk(R"("alg":"RS256")"), other_ec_key().jwk(R"("alg":"HS256")")}) {
            CAPTURE(jwk);
            CHECK(beside_good(jwk) == "usable: 1");
        }
        CHECK(beside_good(rsa_key().jwk(R"("use":"sig","alg":"RS256","key_ops":["verify"])")) ==
              "usable: 2");
    }

    TEST_CASE("keys that would be ours and are broken or weak are named") {
        const std::string n = rsa_key().number("n");
        const std::string e = rsa_key().number("e");
        const std::string x = other_ec_key().number("x");
        const std::string y = other_ec_key().number("y");
        std::string even = n;
        even.back() = static_cast<char>(even.back() & ~1);
        const std::pair<std::string, std::string_view> table[] = {
            {R"({"n":"AAAA"})", "has no kty"},
            {R"({"kty":7})", "has a kty that is no text"},
            {R"({"kty":"RSA","e":"AQAB"})", "has no n"},
            {R"({"kty":"RSA","n":"A A","e":"AQAB"})", "has a n that is no base64url"},
            {R"({"kty":"RSA","n":"","e":"AQAB"})", "has an empty number"},
            {rsa_jwk(n, ""), "has an empty number"},
            {rsa_jwk(std::string(1, '\0') + n, e), "has a number with a leading zero octet"},
            {rsa_jwk(n, std::string("\0\1\0\1", 4)), "has a number with a leading zero octet"},
            {rsa_jwk(n.substr(1), e), "has fewer than 2048 bits"},
            {rsa_jwk("\x7F" + n.substr(1), e), "has fewer than 2048 bits"},
            {SigningKey::rsa(1024).jwk(), "has fewer than 2048 bits"},
            {rsa_jwk(std::string(1025, '\xFF'), e), "has more than 8192 bits"},
            {rsa_jwk(even, e), "has an even modulus"},
            {rsa_jwk(n, "\x01"), "has an exponent that is even, 1 or above 2^32"},
            {rsa_jwk(n, "\x02"), "has an exponent that is even, 1 or above 2^32"},
            {rsa_jwk(n, std::string("\1\0\0\0\1", 5)),
             "has an exponent that is even, 1 or above 2^32"},
            {rsa_key().jwk(R"("d":"AAAA")"), "is a private key, published"},
            {other_ec_key().jwk(R"("d":"AAAA")"), "is a private key, published"},
            {rsa_key().jwk(R"("kid":"")"),
             "has a kid that is not 1 to 128 visible ASCII characters"},
            {rsa_key().jwk(R"("kid":7)"), "has a kid that is no text"},
            {rsa_key().jwk(R"("use":["sig"])"), "has a use that is no text"},
            {rsa_key().jwk(R"("key_ops":"verify")"), "has key_ops that are no array"},
            {ec_jwk(x.substr(1), y), "has a coordinate that is not 32 octets long"},
            {ec_jwk(x, std::string(1, '\0') + y), "has a coordinate that is not 32 octets long"},
            {ec_jwk(x, x), "is no point of P-256"},
            {ec_jwk(std::string(32, '\0'), std::string(32, '\0')), "is no point of P-256"},
            {ec_jwk(prime_of_p256, y), "is no point of P-256"},
        };
        for (const auto& [jwk, reason] : table) {
            CAPTURE(jwk);
            CHECK(beside_good(jwk) == fmt::format("usable: 1; key 2 {}", reason));
        }
    }

    TEST_CASE("a key is found by kid and algorithm together") {
        const auth::KeySet set = auth::KeySet::parse(set_of(
            fmt::format("{},{},{},{}", rsa_key().jwk(R"("kid":"a")"), ec_key().jwk(R"("kid":"a")"),
                        other_rsa_key().jwk(R"("kid":"b")"), other_rsa_key().jwk(R"("kid":"a")"))));
        CHECK(set.left_out().size() == 1);
        CHECK(set.left_out().front() == "key 4 has the kid of one before it");
        REQUIRE(set.size() == 3);
        CHECK(set.find(JwtAlgorithm::rs256, "a")->algorithm() == JwtAlgorithm::rs256);
        CHECK(set.find(JwtAlgorithm::es256, "a")->algorithm() == JwtAlgorithm::es256);
        CHECK(set.find(JwtAlgorithm::rs256, "b") != set.find(JwtAlgorithm::rs256, "a"));
        CHECK(set.find(JwtAlgorithm::es256, "b") == nullptr);
        CHECK(set.find(JwtAlgorithm::rs256, "c") == nullptr);
        CHECK(set.find(JwtAlgorithm::hs256, "a") == nullptr);
        // Without a kid nobody guesses.
        CHECK(set.find(JwtAlgorithm::es256, "") == set.find(JwtAlgorithm::es256, "a"));
        CHECK(set.find(JwtAlgorithm::rs256, "") == nullptr);
    }

}  // TEST_SUITE
