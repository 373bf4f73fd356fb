#pragma once

#include "adapters/auth/base64url.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>

/// The other side of RS256 and ES256: keys that sign, made anew for each run, and what they can be
/// made to do wrong.
namespace signing {

using lvng::crm::auth::encode_base64url;

/// A number as `length` big-endian octets; as few as it needs where `length` is 0.
inline std::string octets_of(const BIGNUM* number, std::size_t length = 0) {
    const std::size_t least = static_cast<std::size_t>(BN_num_bytes(number));
    std::string out(std::max(length, least), '\0');
    BN_bn2binpad(number, reinterpret_cast<unsigned char*>(out.data()),
                 static_cast<int>(out.size()));
    return out;
}

class SigningKey {
public:
    static SigningKey rsa(unsigned bits = 2048, unsigned exponent = 65537) {
        const std::unique_ptr<EVP_PKEY_CTX, Free> context{
            EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr)};
        const std::unique_ptr<BIGNUM, Free> e{BN_new()};
        BN_set_word(e.get(), exponent);
        REQUIRE(EVP_PKEY_keygen_init(context.get()) == 1);
        REQUIRE(EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), static_cast<int>(bits)) == 1);
        REQUIRE(EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context.get(), e.get()) == 1);
        EVP_PKEY* key = nullptr;
        REQUIRE(EVP_PKEY_generate(context.get(), &key) == 1);
        return SigningKey{key};
    }
    static SigningKey ec(const char* curve = "P-256") {
        EVP_PKEY* const key = EVP_EC_gen(curve);
        REQUIRE(key != nullptr);
        return SigningKey{key};
    }

    /// A public number of the key: `n` and `e`, or `x` and `y`.
    [[nodiscard]] std::string number(std::string_view name) const {
        const char* const parameter = name == "n"   ? OSSL_PKEY_PARAM_RSA_N
                                      : name == "e" ? OSSL_PKEY_PARAM_RSA_E
                                      : name == "x" ? OSSL_PKEY_PARAM_EC_PUB_X
                                                    : OSSL_PKEY_PARAM_EC_PUB_Y;
        BIGNUM* number = nullptr;
        REQUIRE(EVP_PKEY_get_bn_param(key_.get(), parameter, &number) == 1);
        const std::unique_ptr<BIGNUM, Free> owned{number};
        const bool coordinate = name == "x" || name == "y";
        return octets_of(number, coordinate ? coordinate_bytes() : 0);
    }

    [[nodiscard]] bool is_rsa() const { return EVP_PKEY_is_a(key_.get(), "RSA") == 1; }

    /// The public key as a member of a key set; `more` are further members.
    [[nodiscard]] std::string jwk(std::string_view more = "") const {
        const std::string_view comma = more.empty() ? "" : ",";
        if (is_rsa()) {
            return fmt::format(R"({{"kty":"RSA","n":"{}","e":"{}"{}{}}})",
                               encode_base64url(number("n")), encode_base64url(number("e")), comma,
                               more);
        }
        return fmt::format(R"({{"kty":"EC","crv":"P-{}","x":"{}","y":"{}"{}{}}})",
                           EVP_PKEY_get_bits(key_.get()), encode_base64url(number("x")),
                           encode_base64url(number("y")), comma, more);
    }

    /// As OpenSSL gives it: PKCS #1 v1.5 unless `padding` says otherwise, or DER.
    [[nodiscard]] std::string sign_plainly(std::string_view input, const char* digest = "SHA256",
                                           int padding = RSA_PKCS1_PADDING) const {
        const std::unique_ptr<EVP_MD_CTX, Free> context{EVP_MD_CTX_new()};
        EVP_PKEY_CTX* of_key = nullptr;
        REQUIRE(EVP_DigestSignInit_ex(context.get(), &of_key, digest, nullptr, nullptr, key_.get(),
                                      nullptr) == 1);
        if (is_rsa()) REQUIRE(EVP_PKEY_CTX_set_rsa_padding(of_key, padding) == 1);
        std::string out(1024, '\0');
        std::size_t length = out.size();
        REQUIRE(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &length,
                               reinterpret_cast<const unsigned char*>(input.data()),
                               input.size()) == 1);
        out.resize(length);
        return out;
    }

    /// As JWS has it: for EC r and s, one behind the other.
    [[nodiscard]] std::string sign(std::string_view input, const char* digest = "SHA256") const {
        const std::string plain = sign_plainly(input, digest);
        if (is_rsa()) return plain;
        const auto* at = reinterpret_cast<const unsigned char*>(plain.data());
        const std::unique_ptr<ECDSA_SIG, Free> both{
            d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(plain.size()))};
        return octets_of(ECDSA_SIG_get0_r(both.get()), coordinate_bytes()) +
               octets_of(ECDSA_SIG_get0_s(both.get()), coordinate_bytes());
    }

    /// A token of these two texts.
    [[nodiscard]] std::string token(std::string_view header, std::string_view payload) const {
        const std::string input = encode_base64url(header) + '.' + encode_base64url(payload);
        return input + '.' + encode_base64url(sign(input));
    }

    [[nodiscard]] EVP_PKEY* native() const noexcept { return key_.get(); }

private:
    struct Free {
        void operator()(EVP_PKEY* p) const noexcept { EVP_PKEY_free(p); }
        void operator()(EVP_PKEY_CTX* p) const noexcept { EVP_PKEY_CTX_free(p); }
        void operator()(EVP_MD_CTX* p) const noexcept { EVP_MD_CTX_free(p); }
        void operator()(ECDSA_SIG* p) const noexcept { ECDSA_SIG_free(p); }
        void operator()(BIGNUM* p) const noexcept { BN_free(p); }
    };

    explicit SigningKey(EVP_PKEY* key) : key_{key} {}

    [[nodiscard]] std::size_t coordinate_bytes() const {
        return static_cast<std::size_t>(EVP_PKEY_get_bits(key_.get()) + 7) / 8;
    }

    std::unique_ptr<EVP_PKEY, Free> key_;
};

/// Keys that every test may use: making an RSA key takes a while.
inline const SigningKey& rsa_key() {
    static const SigningKey key = SigningKey::rsa();
    return key;
}
inline const SigningKey& other_rsa_key() {
    static const SigningKey key = SigningKey::rsa();
    return key;
}
inline const SigningKey& ec_key() {
    static const SigningKey key = SigningKey::ec();
    return key;
}
inline const SigningKey& other_ec_key() {
    static const SigningKey key = SigningKey::ec();
    return key;
}

inline std::string set_of(std::string_view keys) {
    return fmt::format(R"({{"keys":[{}]}})", keys);
}

}  // namespace signing
