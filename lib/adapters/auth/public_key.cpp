#include "adapters/auth/public_key.hpp"

#include <lvng/crm/error.hpp>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <array>
#include <bit>
#include <cstddef>
#include <string>
#include <utility>

namespace lvng::crm::auth {

namespace {

constexpr std::size_t least_modulus_bits = 2048;
constexpr std::size_t most_modulus_bits = 8192;  // a larger one makes checking slow
constexpr std::size_t coordinate_bytes = 32;

template <auto Free>
struct Freed {
    template <class T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};
using Number = std::unique_ptr<BIGNUM, Freed<BN_free>>;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

[[noreturn]] void refuse(const char* why) {
    throw Error{ErrorCode::invalid, why};
}

void check(bool worked) {
    if (!worked) throw Error{ErrorCode::internal, "OpenSSL cannot check signatures"};
}

Number number_of(std::string_view octets) {
    Number number{BN_bin2bn(bytes_of(octets), static_cast<int>(octets.size()), nullptr)};
    check(number != nullptr);
    return number;
}

bool is_odd(std::string_view octets) {
    return (static_cast<unsigned char>(octets.back()) & 1) != 0;
}

bool starts_with_zero(std::string_view octets) {
    return octets.front() == '\0';
}

/// A key of these parameters; null where OpenSSL finds no sense in them.
EVP_PKEY* key_of(const char* type, OSSL_PARAM* parameters) {
    const std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>> context{
        EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr)};
    check(context != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1);
    EVP_PKEY* key = nullptr;
    if (EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1) {
        ERR_clear_error();
        return nullptr;
    }
    return key;
}

/// The DER form that OpenSSL takes, of the raw one that JWS prescribes; empty for any other.
std::string der_of(std::string_view raw) {
    if (raw.size() != 2 * coordinate_bytes) return {};
    Number r = number_of(raw.substr(0, coordinate_bytes));
    Number s = number_of(raw.substr(coordinate_bytes));
    const std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>> both{ECDSA_SIG_new()};
    check(both != nullptr && ECDSA_SIG_set0(both.get(), r.get(), s.get()) == 1);
    static_cast<void>(r.release());  // theirs now
    static_cast<void>(s.release());
    std::array<unsigned char, 80> der{};
    unsigned char* end = der.data();
    const int length = i2d_ECDSA_SIG(both.get(), nullptr);
    check(length > 0 && static_cast<std::size_t>(length) <= der.size() &&
          i2d_ECDSA_SIG(both.get(), &end) == length);
    return {reinterpret_cast<const char*>(der.data()), static_cast<std::size_t>(length)};
}

}  // namespace

void PublicKey::FreeKey::operator()(evp_pkey_st* key) const noexcept {
    EVP_PKEY_free(key);
}

void PublicKey::FreeDigest::operator()(evp_md_st* digest) const noexcept {
    EVP_MD_free(digest);
}

PublicKey::PublicKey(JwtAlgorithm algorithm, Key key)
    : algorithm_{algorithm}, key_{std::move(key)}, sha256_{
                                                       EVP_MD_fetch(nullptr, "SHA256", nullptr)} {
    check(sha256_ != nullptr);
}

PublicKey PublicKey::rsa(std::string_view modulus, std::string_view exponent) {
    if (modulus.empty() || exponent.empty()) refuse("has an empty number");
    if (starts_with_zero(modulus) || starts_with_zero(exponent)) {
        refuse("has a number with a leading zero octet");
    }
    const std::size_t bits =
        modulus.size() * 8 -
        static_cast<std::size_t>(std::countl_zero(static_cast<unsigned char>(modulus.front())));
    if (bits < least_modulus_bits) refuse("has fewer than 2048 bits");
    if (bits > most_modulus_bits) refuse("has more than 8192 bits");
    if (!is_odd(modulus)) refuse("has an even modulus");
    const bool is_one = exponent == "\x01";
    if (!is_odd(exponent) || is_one || exponent.size() > 4) {
        refuse("has an exponent that is even, 1 or above 2^32");
    }

    const Number n = number_of(modulus);
    const Number e = number_of(exponent);
    const std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>> builder{OSSL_PARAM_BLD_new()};
    check(builder != nullptr &&
          OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
          OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1);
    const std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>> parameters{
        OSSL_PARAM_BLD_to_param(builder.get())};
    check(parameters != nullptr);
    Key key{key_of("RSA", parameters.get())};
    if (!key) refuse("is no RSA key");
    return PublicKey{JwtAlgorithm::rs256, std::move(key)};
}

PublicKey PublicKey::p256(std::string_view x, std::string_view y) {
    if (x.size() != coordinate_bytes || y.size() != coordinate_bytes) {
        refuse("has a coordinate that is not 32 octets long");
    }
    std::string point = "\x04";  // uncompressed: SEC 1, section 2.3.3
    point += x;
    point += y;
    char group[] = "prime256v1";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
        OSSL_PARAM_construct_end(),
    };
    Key key{key_of("EC", parameters)};
    if (!key) refuse("is no point of P-256");
    return PublicKey{JwtAlgorithm::es256, std::move(key)};
}

bool PublicKey::verify(std::string_view input, std::string_view signature) const {
    std::string der;
    if (algorithm_ == JwtAlgorithm::es256) {
        der = der_of(signature);
        if (der.empty()) return false;
        signature = der;
    } else if (signature.size() != static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()))) {
        return false;
    }
    const std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>> context{EVP_MD_CTX_new()};
    EVP_PKEY_CTX* of_key = nullptr;  // belongs to `context`
    check(context != nullptr &&
          EVP_DigestVerifyInit(context.get(), &of_key, sha256_.get(), nullptr, key_.get()) == 1);
    if (algorithm_ == JwtAlgorithm::rs256) {
        check(EVP_PKEY_CTX_set_rsa_padding(of_key, RSA_PKCS1_PADDING) == 1);
    }
    const bool holds = EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(),
                                        bytes_of(input), input.size()) == 1;
    // What is wrong with a signature stays in the thread's queue of errors otherwise.
    if (!holds) ERR_clear_error();
    return holds;
}

}  // namespace lvng::crm::auth
