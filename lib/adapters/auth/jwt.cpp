#include "adapters/auth/base64url.hpp"
#include "adapters/auth/hmac.hpp"
#include "adapters/auth/jwks.hpp"
#include "adapters/auth/jws.hpp"
#include "adapters/auth/token_cache.hpp"

#include <lvng/crm/auth.hpp>
#include <lvng/crm/error.hpp>

#include <fmt/format.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>

namespace lvng::crm::auth {

namespace {

using namespace std::chrono_literals;

// ---- Claims -------------------------------------------------------------------------------------

constexpr std::string_view private_prefix = "private:";

// Up to here doubles hold every second, and milliseconds fit in 64 bits.
constexpr double last_second = 9007199254740992.0;               // 2^53
constexpr std::int64_t last_timestamp_ms = 253'402'300'799'999;  // 9999-12-31T23:59:59.999Z

const JsonValue* claim(const JsonObject& claims, std::string_view name) {
    return name.empty() ? nullptr : claims.find(name);
}

/// A NumericDate in milliseconds; one before all time is as good as the first.
/// Source: RFC 7519, section 2.
std::optional<std::int64_t> milliseconds_of(const JsonValue& value) {
    if (value.number() == nullptr) return std::nullopt;
    const std::optional<double> seconds = value.number()->to_double();
    if (!seconds || *seconds > last_second) return std::nullopt;
    return std::llround(std::max(*seconds, -last_second) * 1000);
}

/// Lowers `validity` to what `exp`, `nbf` and `iat` say; false where they are not as they must be.
bool read_times(const JsonObject& claims, std::int64_t leeway_ms, CheckedToken& out) {
    const JsonValue* const exp = claims.find("exp");
    if (exp == nullptr) return false;
    const std::optional<std::int64_t> expiry = milliseconds_of(*exp);
    if (!expiry || *expiry < 0) return false;
    out.token.expires_at = Timestamp{std::min(*expiry, last_timestamp_ms)};
    out.validity.until_ms = *expiry + leeway_ms;

    for (const std::string_view name : {"nbf", "iat"}) {
        const JsonValue* const value = claims.find(name);
        if (value == nullptr) continue;
        const std::optional<std::int64_t> start = milliseconds_of(*value);
        if (!start) return false;
        out.validity.from_ms = std::max(out.validity.from_ms, *start - leeway_ms);
    }
    return true;
}

bool is_for(const JsonObject& claims, const std::string& audience) {
    const JsonValue* const aud = claims.find("aud");
    if (aud == nullptr) return false;
    if (aud->string() != nullptr) return *aud->string() == audience;
    if (aud->array() == nullptr) return false;
    bool named = false;
    for (const JsonValue& item : *aud->array()) {
        if (item.string() == nullptr) return false;
        named = named || *item.string() == audience;
    }
    return named;
}

/// Whether the token comes from where it should, is meant for us and says all it must.
bool is_ours(const JsonObject& claims, const JwtOptions& options) {
    if (!options.issuer.empty()) {
        const JsonValue* const iss = claims.find("iss");
        if (iss == nullptr || iss->string() == nullptr || *iss->string() != options.issuer) {
            return false;
        }
    }
    if (!options.audience.empty() && !is_for(claims, options.audience)) return false;
    return std::all_of(options.required_claims.begin(), options.required_claims.end(),
                       [&claims](const std::string& name) {
                           const JsonValue* const value = claims.find(name);
                           return value != nullptr && !value->is_null();
                       });
}

template <class Id>
std::optional<Id> id_of(const JsonValue& value) {
    return value.string() == nullptr ? std::nullopt : Id::parse(*value.string());
}

std::optional<UserId> user_of(const JsonObject& claims, const JwtClaims& names) {
    const JsonValue* value = claim(claims, names.user.empty() ? "userId" : names.user);
    if (value == nullptr && names.user.empty()) value = claims.find("sub");
    return value == nullptr ? std::nullopt : id_of<UserId>(*value);
}

/// The tenant of one user alone. Ids that would not fit give a digest; so do those that look like
/// one, or a user could choose to be called what somebody else's digest is.
TenantId private_tenant(const UserId& user) {
    constexpr std::string_view digest_prefix = "sha256:";
    const std::string& id = user.to_string();
    const std::string plain = fmt::format("{}{}", private_prefix, id);
    if (!id.starts_with(digest_prefix)) {
        if (const std::optional<TenantId> tenant = TenantId::parse(plain)) return *tenant;
    }
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(id.data()), id.size(), digest.data());
    const std::string_view bytes{reinterpret_cast<const char*>(digest.data()), digest.size()};
    return TenantId{fmt::format("{}{}{}", private_prefix, digest_prefix, encode_base64url(bytes))};
}

std::optional<TenantId> tenant_of(const JsonObject& claims, const UserId& user,
                                  const JwtOptions& options) {
    const bool privately = options.default_tenant.kind == DefaultTenant::Kind::private_one;
    if (const JsonValue* const value = claim(claims, options.claims.tenant)) {
        std::optional<TenantId> tenant = id_of<TenantId>(*value);
        if (tenant && privately && tenant->to_string().starts_with(private_prefix)) {
            return std::nullopt;
        }
        return tenant;
    }
    return options.default_tenant.tenant_of(user);
}

/// Well-formed UTF-8, as the parser gives it, of at most `limit` code points and no control
/// character (category Cc).
bool is_line(std::string_view text, std::size_t limit) {
    std::size_t code_points = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x20 || byte == 0x7F) return false;
        if (byte == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0) return false;
        if ((byte & 0xC0) != 0x80) ++code_points;
    }
    return code_points <= limit;
}

/// A claim that only describes the user. Who somebody is does not hang on how they are called:
/// what is no text, or cannot be kept, is left out.
std::string text_of(const JsonObject& claims, std::string_view name, std::size_t limit) {
    const JsonValue* const value = claim(claims, name);
    const bool usable =
        value != nullptr && value->string() != nullptr && is_line(*value->string(), limit);
    return usable ? *value->string() : std::string{};
}

std::optional<CheckedToken> read_claims(const JsonObject& claims, const JwtOptions& options) {
    CheckedToken out;
    const std::int64_t leeway_ms = std::chrono::milliseconds{options.leeway}.count();
    if (!read_times(claims, leeway_ms, out) || !is_ours(claims, options)) return std::nullopt;

    const std::optional<UserId> user = user_of(claims, options.claims);
    if (!user) return std::nullopt;
    const std::optional<TenantId> tenant = tenant_of(claims, *user, options);
    if (!tenant) return std::nullopt;
    Principal& principal = out.token.principal;
    principal.user = *user;
    principal.tenant = *tenant;
    principal.email = text_of(claims, options.claims.email, 254);
    principal.name = text_of(claims, options.claims.name, 200);
    principal.role = text_of(claims, options.claims.role, 200);
    return out;
}

// ---- The verifier -------------------------------------------------------------------------------

void refuse(bool wrong, std::string_view message) {
    if (wrong) throw Error{ErrorCode::invalid, std::string{message}};
}

void check_secret(std::string_view what, std::string_view secret) {
    if (const std::optional<std::string> reason = weak_secret(secret)) {
        throw Error{ErrorCode::invalid, fmt::format("{} {}", what, *reason)};
    }
}

class JwtVerifier final : public TokenVerifier {
public:
    JwtVerifier(JwtOptions options, const Clock& clock)
        : options_{std::move(options)}, clock_{&clock} {
        refuse(options_.algorithms.empty(), "an algorithm is needed");
        refuse(options_.leeway < 0s || options_.leeway > 60s, "the leeway must be 0 to 60 seconds");
        refuse(options_.default_tenant.kind == DefaultTenant::Kind::shared &&
                   !TenantId::parse(options_.default_tenant.name),
               "the default tenant must be 1 to 128 visible ASCII characters");
        take_secrets();
        take_key_set();
    }

    [[nodiscard]] VerifiedToken verify(std::string_view token) const override {
        const Timestamp now = clock_->now();
        if (std::optional<VerifiedToken> known = cache_.find(token, now)) return *std::move(known);
        std::optional<CheckedToken> checked = check(token);
        if (!checked || !checked->validity.holds(now)) {
            throw Error{ErrorCode::unauthenticated, "the credential does not hold"};
        }
        cache_.put(token, *checked, now);
        return std::move(checked->token);
    }

private:
    void take_secrets() {
        if (!accepts(JwtAlgorithm::hs256)) {
            refuse(!options_.secret.empty() || !options_.previous_secret.empty(),
                   "a secret is of no use without HS256");
            return;
        }
        check_secret("the secret", options_.secret);
        secrets_.emplace_back(options_.secret);
        if (options_.previous_secret.empty()) return;
        check_secret("the previous secret", options_.previous_secret);
        secrets_.emplace_back(options_.previous_secret);
    }

    void take_key_set() {
        const bool wanted = accepts(JwtAlgorithm::rs256) || accepts(JwtAlgorithm::es256);
        refuse(wanted && options_.jwks.source.empty(), "RS256 and ES256 need a key set");
        refuse(!wanted && !options_.jwks.source.empty(),
               "a key set is of no use without RS256 or ES256");
        if (wanted) jwks_ = std::make_unique<Jwks>(options_.jwks);
    }

    [[nodiscard]] bool accepts(JwtAlgorithm algorithm) const {
        return std::find(options_.algorithms.begin(), options_.algorithms.end(), algorithm) !=
               options_.algorithms.end();
    }

    [[nodiscard]] bool is_signed(const Jws& jws) const {
        if (!accepts(jws.header.algorithm)) return false;
        if (jws.header.algorithm != JwtAlgorithm::hs256) return jwks_->is_signed(jws);
        return std::any_of(secrets_.begin(), secrets_.end(), [&jws](const Hs256Key& secret) {
            return secret.verify(jws.signing_input, jws.signature);
        });
    }

    [[nodiscard]] std::optional<CheckedToken> check(std::string_view token) const {
        if (token.size() > options_.max_bytes) return std::nullopt;
        const std::optional<Jws> jws = read_jws(token);
        if (!jws || !is_signed(*jws)) return std::nullopt;
        const std::optional<JsonObject> claims = read_object(jws->payload);
        if (!claims) return std::nullopt;
        return read_claims(*claims, options_);
    }

    JwtOptions options_;
    const Clock* clock_;
    std::vector<Hs256Key> secrets_;
    std::unique_ptr<Jwks> jwks_;
    mutable TokenCache cache_;
};

}  // namespace

}  // namespace lvng::crm::auth

namespace lvng::crm::inline v0 {

std::optional<DefaultTenant> DefaultTenant::parse(std::string_view text) {
    if (text == "none:") return DefaultTenant{Kind::none, {}};
    if (text == auth::private_prefix) return DefaultTenant{Kind::private_one, {}};
    if (text.starts_with("none:") || text.starts_with(auth::private_prefix)) return std::nullopt;
    if (!TenantId::parse(text)) return std::nullopt;
    return DefaultTenant{Kind::shared, std::string{text}};
}

std::optional<TenantId> DefaultTenant::tenant_of(const UserId& user) const {
    switch (kind) {
    case Kind::shared:
        return TenantId::parse(name);
    case Kind::private_one:
        return auth::private_tenant(user);
    case Kind::none:
        break;
    }
    return std::nullopt;
}

std::unique_ptr<TokenVerifier> jwt_verifier(JwtOptions options, const Clock& clock) {
    return std::make_unique<auth::JwtVerifier>(std::move(options), clock);
}

}  // namespace lvng::crm::inline v0
