#pragma once

#include <lvng/crm/export.hpp>
#include <lvng/crm/ports/environment.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lvng::crm::inline v0 {

/// Which claims of a token mean what.
struct JwtClaims {
    /// Empty: `userId` where the token has it, else `sub`.
    std::string user{};
    std::string tenant = "organizationId";
    std::string email = "email";
    std::string name = "name";
    std::string role = "role";
};

/// Whose tenant a token without an organisation belongs to.
struct LVNG_CRM_EXPORT DefaultTenant {
    enum class Kind {
        shared,  ///< all such users share the tenant `name`
        /// Each such user has a tenant of their own: `private:` and the user id, or a digest of it
        /// where that does not fit. No token can name one: organisations that start with
        /// `private:` are refused.
        private_one,
        none,  ///< such tokens are refused
    };
    Kind kind = Kind::shared;
    std::string name = "default";

    /// Reads `none:`, `private:` or a tenant's name; nothing for any other text, which is also
    /// what names that start with one of the two are.
    static std::optional<DefaultTenant> parse(std::string_view text);

    bool operator==(const DefaultTenant&) const = default;
};

struct JwtOptions {
    std::string secret{};           ///< HS256 key, see `weak_secret`
    std::string previous_secret{};  ///< accepted too, for rotation; empty: none
    std::string issuer{};           ///< `iss` must equal it; empty: not checked
    std::string audience{};         ///< `aud` must be it or contain it; empty: not checked
    std::vector<std::string> required_claims{};
    std::chrono::seconds leeway{30};  ///< clock skew, 0 to 60 s
    JwtClaims claims{};
    DefaultTenant default_tenant{};
    std::size_t max_bytes = 4096;  ///< longest token
};

/// Why a secret must not be used: shorter than 32 bytes, one repeated character, or an example
/// or placeholder that everybody knows. The reason goes on from the secret's name (`must have at
/// least 32 bytes`) and says nothing of the secret. Nothing for a good one.
LVNG_CRM_EXPORT std::optional<std::string> weak_secret(std::string_view secret);

/// A verifier of compact JWS tokens with HS256. `clock` must outlive it. Safe to share.
///
/// **Form.** At most `max_bytes`; three parts of canonical base64url, header and payload strict
/// JSON objects. `alg` is `HS256`, letter by letter. `typ`, where present, is `JWT` in any case, or
/// `application/jwt`, which RFC 7515 calls equal. `kid`, where present, is 1 to 128 visible ASCII
/// characters and chooses nothing. `crit`, `zip`, `b64`, `jwk`, `jku`, `x5u`, `x5c` are refused.
/// The signature is checked before any claim is read.
///
/// **Times.** `exp` is required; `exp`, `nbf`, `iat` are numbers of at most 2^53, fractions
/// allowed, `exp` not below 0. `expires_at` ends with the year 9999. A token holds until `exp` +
/// leeway, excluded, and from `nbf` and `iat` - leeway on.
///
/// **Who.** The user's and the tenant's claim must be 1 to 128 visible ASCII characters: one that
/// is there and is not (null too) is never replaced by `sub` or the default tenant. E-mail, name
/// and role only describe: one that is no text, holds control characters or is longer than the
/// contract allows (254, 200, 200 code points) is left out of the principal, and the token holds.
/// Required claims are there and not null.
///
/// Tokens that hold are remembered for up to a minute, and their times are checked each time.
/// Throws `invalid` for a weak secret, a leeway out of range or a default tenant that is no id.
/// Source: RFC 7515, 7519, 8725; REST contract, Authentication.
LVNG_CRM_EXPORT std::unique_ptr<TokenVerifier> jwt_verifier(JwtOptions options, const Clock& clock);

/// What a signed development token says.
struct TokenClaims {
    UserId user{};
    std::optional<TenantId> tenant{};
    std::string email{};  ///< empty: left out, as the two below
    std::string name{};
    std::string role{};
    Timestamp issued_at{};
    Timestamp expires_at{};
};

/// A compact HS256 token with the claim names of `names`; its times are cut to seconds. A claim
/// without a name is left out.
LVNG_CRM_EXPORT std::string sign_token(const TokenClaims& claims, std::string_view secret,
                                       const JwtClaims& names = {});

}  // namespace lvng::crm::inline v0
