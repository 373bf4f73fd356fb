#pragma once

#include <lvng/crm/auth.hpp>

#include <memory>
#include <string_view>

struct evp_pkey_st;
struct evp_md_st;

namespace lvng::crm::auth {

/// A public key of one type, which checks signatures of the one algorithm that goes with it: an
/// RSA key those of RS256 (PKCS #1 v1.5), a P-256 key those of ES256 (r and s, 32 bytes each).
/// Source: RFC 7518, sections 3.3 and 3.4. Safe to share.
class PublicKey {
public:
    /// Modulus and exponent, as octets of big-endian numbers. The modulus has 2,048 to 8,192 bits,
    /// the exponent is odd, above 1 and below 2^32; neither starts with a zero octet. Throws
    /// `invalid` for any other, in words that go on from the key's name.
    static PublicKey rsa(std::string_view modulus, std::string_view exponent);
    /// The coordinates of a point of P-256, 32 octets each. Throws `invalid` for any other.
    static PublicKey p256(std::string_view x, std::string_view y);

    [[nodiscard]] JwtAlgorithm algorithm() const noexcept { return algorithm_; }
    [[nodiscard]] bool verify(std::string_view input, std::string_view signature) const;

private:
    struct FreeKey {
        void operator()(evp_pkey_st* key) const noexcept;
    };
    struct FreeDigest {
        void operator()(evp_md_st* digest) const noexcept;
    };
    using Key = std::unique_ptr<evp_pkey_st, FreeKey>;

    PublicKey(JwtAlgorithm algorithm, Key key);

    JwtAlgorithm algorithm_;
    Key key_;
    std::unique_ptr<evp_md_st, FreeDigest> sha256_;
};

}  // namespace lvng::crm::auth
