#pragma once

#include <lvng/crm/api_keys.hpp>
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

    /// The tenant of a user whose token names none; nothing where such tokens are refused.
    [[nodiscard]] std::optional<TenantId> tenant_of(const UserId& user) const;

    bool operator==(const DefaultTenant&) const = default;
};

/// What a token may be signed with.
enum class JwtAlgorithm {
    hs256,  ///< a secret that both sides have
    rs256,  ///< RSA PKCS #1 v1.5 with a key of the key set
    es256,  ///< ECDSA on P-256 with a key of the key set
};

/// Where the public keys of RS256 and ES256 come from: a JSON Web Key Set in a file or at an
/// address. Source: RFC 7517.
///
/// It is read again every `refresh`, later where the answer's `Cache-Control: max-age` says so, at
/// most a day, and for a `kid` that it does not have, at most once in `pause`: a caller with such
/// a token waits for that, or hears `unavailable` where four wait already. While the source is down
/// or sends nonsense, the keys it had go on; a key that has left the set holds no longer.
struct JwksOptions {
    /// A path, or `https://…`. `http://` only leads to this machine. No redirect is followed.
    /// Empty: no key set.
    std::string source{};
    std::chrono::milliseconds timeout{2000};  ///< for one fetch
    std::chrono::milliseconds refresh{std::chrono::minutes{5}};
    /// After a fetch that failed; then ever longer, up to `refresh`.
    std::chrono::milliseconds retry{5000};
    std::chrono::milliseconds pause{std::chrono::minutes{1}};
    std::size_t max_bytes = 1024 * 1024;
    std::string ca_file{};  ///< certificates to trust, in PEM; empty: the system's
    /// Hears what is wrong with the source, in a line: before the verifier is there on its maker's
    /// thread, then on one of its own.
    std::function<void(const std::string&)> on_problem{};
};

struct JwtOptions {
    /// Which ones hold. The token never chooses beyond them, nor a key of another kind.
    std::vector<JwtAlgorithm> algorithms{JwtAlgorithm::hs256};
    std::string secret{};           ///< HS256 key, see `weak_secret`
    std::string previous_secret{};  ///< accepted too, for rotation; empty: none
    JwksOptions jwks{};             ///< needed for RS256 and ES256
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

/// A verifier of compact JWS tokens. `clock` must outlive it. Safe to share. With a key set it has
/// a thread of its own, which keeps the set fresh.
///
/// **Form.** At most `max_bytes`; three parts of canonical base64url, header and payload strict
/// JSON objects. `alg` is one of `algorithms`, letter by letter. `typ`, where present, is `JWT` in
/// any case, or `application/jwt`, which RFC 7515 calls equal. `kid`, where present, is 1 to 128
/// visible ASCII characters. `crit`, `zip`, `b64`, `jwk`, `jku`, `x5u`, `x5c` are refused.
/// The signature is checked before any claim is read.
///
/// **Keys.** The secrets sign HS256 and nothing else, whatever the `kid`. A key of the set belongs
/// to the one algorithm of its type, and is found by `kid`; a token without one needs a set with
/// one key for its algorithm. Keys of fewer than 2,048 or more than 8,192 bits, with a private
/// part, with a `use` or `alg` for something else are none.
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
/// Throws `invalid` for a weak secret, a leeway out of range, a default tenant that is no id, no
/// algorithm, one without its keys or keys without their algorithm, an unsafe address, a file of
/// keys that cannot be used. An address that does not answer is no reason: it is asked again, and
/// until then `verify` throws `unavailable` for tokens of its keys.
/// Source: RFC 7515, 7519, 8725; REST contract, Authentication.
LVNG_CRM_EXPORT std::unique_ptr<TokenVerifier> jwt_verifier(JwtOptions options, const Clock& clock);

/// What a new API key is to be.
struct NewApiKey {
    TenantId tenant{};
    UserId user{};
    Scopes scopes{};
    std::optional<std::chrono::milliseconds> life{};  ///< absent: until it is revoked
    bool test = false;                                ///< `lvng_sk_test_` instead of `…live_`
};

struct CreatedApiKey {
    ApiKey key{};
    std::string text{};  ///< the key itself: nobody can say it again
};

/// Makes a key, `lvng_sk_live_` and 32 hexadecimal digits of 128 random bits, and writes its digest
/// down. So many bits cannot be tried out, so a plain SHA-256 keeps them. Throws as `ApiKeys::add`.
LVNG_CRM_EXPORT CreatedApiKey create_api_key(ApiKeys& keys, const NewApiKey& wanted,
                                             const Clock& clock);

/// A verifier of API keys that hands all other credentials, which do not start with `lvng_sk_`, to
/// `others`. Everything given must outlive it. Safe to share.
///
/// A malformed key is refused without a question to the store. One that holds is remembered for a
/// second, so that a revocation is seen that late at most, on every node. Its use is noted once a
/// minute at most, and not at all while the store is too busy to do so in 50 ms. Its principal has
/// no e-mail, name or role. Throws `unavailable` where the store fails.
LVNG_CRM_EXPORT std::unique_ptr<TokenVerifier>
api_key_verifier(ApiKeys& keys, const TokenVerifier& others, const Clock& clock);

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
