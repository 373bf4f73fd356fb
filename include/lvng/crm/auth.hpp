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
struct DefaultTenant {
    enum class Kind {
        shared,       ///< all such users share the tenant `name`
        private_one,  ///< each such user has a tenant of their own: `private:` and the user id
        none,         ///< such tokens are refused
    };
    Kind kind = Kind::shared;
    std::string name = "default";

    /// Reads `none:`, `private:` or a tenant's name; nothing for any other text.
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
/// that everybody knows. Nothing for a good one.
LVNG_CRM_EXPORT std::optional<std::string> weak_secret(std::string_view secret);

/// A verifier of compact JWS tokens with HS256. `clock` must outlive it.
///
/// Every rule of the notes, section 5.1: three canonical base64url parts, strict JSON, no `crit`,
/// the algorithm bound to the key, the signature before the claims, `exp` required.
/// Throws `invalid` for a weak secret or a leeway out of range. Source: RFC 7515, 7519, 8725.
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

/// A compact HS256 token with the claim names of `names`.
LVNG_CRM_EXPORT std::string sign_token(const TokenClaims& claims, std::string_view secret,
                                       const JwtClaims& names = {});

}  // namespace lvng::crm::inline v0
