#include "adapters/auth/token_cache.hpp"

#include <lvng/crm/auth.hpp>
#include <lvng/crm/error.hpp>

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace lvng::crm::auth {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view any_prefix = "lvng_sk_";
constexpr std::string_view live_prefix = "lvng_sk_live_";
constexpr std::string_view test_prefix = "lvng_sk_test_";
constexpr std::size_t secret_bytes = 16;
constexpr std::size_t shown_at_end = 4;

constexpr std::chrono::milliseconds remembered{1s};  // how late a revocation may be seen
constexpr std::chrono::milliseconds use_noted_every{1min};
constexpr std::chrono::milliseconds longest_noting{50};
constexpr std::int64_t last_timestamp_ms = 253'402'300'799'999;  // 9999-12-31T23:59:59.999Z

ApiKeyDigest digest_of(std::string_view text) {
    ApiKeyDigest digest{};
    static_assert(SHA256_DIGEST_LENGTH == std::tuple_size_v<ApiKeyDigest>);
    SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
    return digest;
}

bool is_key(std::string_view text) {
    if (!text.starts_with(live_prefix) && !text.starts_with(test_prefix)) return false;
    const std::string_view digits = text.substr(live_prefix.size());
    return digits.size() == 2 * secret_bytes &&
           std::all_of(digits.begin(), digits.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::string new_text(bool test) {
    static_assert(live_prefix.size() == test_prefix.size());
    std::array<unsigned char, secret_bytes> secret{};
    if (RAND_bytes(secret.data(), static_cast<int>(secret.size())) != 1) {
        throw Error{ErrorCode::unavailable, "OpenSSL has no random numbers"};
    }
    std::string text{test ? test_prefix : live_prefix};
    for (const unsigned char byte : secret) {
        constexpr std::string_view digits = "0123456789abcdef";
        text += digits[byte >> 4];
        text += digits[byte & 0xF];
    }
    OPENSSL_cleanse(secret.data(), secret.size());
    return text;
}

/// When the use of each key was last to be noted, whatever became of it: where the store is busy,
/// not every request is to wait for it. Forgets all when it has grown too large. Safe to share.
class NotedUses {
public:
    /// Whether the use is to be noted now; then nobody else is told so for a minute.
    bool is_due(const ApiKeyId& key, Timestamp now) {
        const std::lock_guard lock{mutex_};
        if (noted_at_.size() >= most_keys) noted_at_.clear();
        const auto [at, is_new] = noted_at_.try_emplace(key, now);
        if (is_new) return true;
        if (now.milliseconds() - at->second.milliseconds() < use_noted_every.count()) return false;
        at->second = now;
        return true;
    }

private:
    static constexpr std::size_t most_keys = 10'000;

    std::mutex mutex_;
    std::unordered_map<ApiKeyId, Timestamp> noted_at_;
};

class ApiKeyVerifier final : public TokenVerifier {
public:
    ApiKeyVerifier(ApiKeys& keys, const TokenVerifier& others, const Clock& clock)
        : keys_{&keys}, others_{&others}, clock_{&clock} {}

    [[nodiscard]] VerifiedToken verify(std::string_view token) const override {
        if (!token.starts_with(any_prefix)) return others_->verify(token);
        if (!is_key(token)) refuse();
        const Timestamp now = clock_->now();
        if (std::optional<VerifiedToken> known = cache_.find(token, now)) return *std::move(known);
        const std::optional<ApiKey> key = keys_->find(digest_of(token));
        if (!key || key->revoked_at) refuse();
        CheckedToken checked;
        checked.token = {.principal = {.tenant = key->tenant, .user = key->user},
                         .expires_at = key->expires_at.value_or(Timestamp{last_timestamp_ms}),
                         .scopes = key->scopes};
        checked.validity.until_ms = checked.token.expires_at.milliseconds();
        if (!checked.validity.holds(now)) refuse();
        // Others who come with the key meanwhile need not wait.
        cache_.put(token, checked, now);
        note_use(*key, now);
        return std::move(checked.token);
    }

private:
    [[noreturn]] static void refuse() {
        throw Error{ErrorCode::unauthenticated, "the credential does not hold"};
    }

    void note_use(const ApiKey& key, Timestamp now) const {
        const std::int64_t before = key.last_used_at ? key.last_used_at->milliseconds() : 0;
        if (now.milliseconds() - before < use_noted_every.count()) return;
        if (!noted_uses_.is_due(key.id, now)) return;
        try {
            keys_->note_use(key, now, longest_noting);
        } catch (const Error&) {
            // The next minute tries again. A full disk must not keep anybody from reading.
        }
    }

    ApiKeys* keys_;
    const TokenVerifier* others_;
    const Clock* clock_;
    mutable TokenCache cache_{remembered};
    mutable NotedUses noted_uses_;
};

}  // namespace

}  // namespace lvng::crm::auth

namespace lvng::crm::inline v0 {

CreatedApiKey create_api_key(ApiKeys& keys, const NewApiKey& wanted, const Clock& clock) {
    CreatedApiKey created{.text = auth::new_text(wanted.test)};
    const ApiKeyDigest digest = auth::digest_of(created.text);
    const std::size_t end = created.text.size() - auth::shown_at_end;
    created.key = {.id = api_key_id(digest),
                   .tenant = wanted.tenant,
                   .user = wanted.user,
                   .scopes = wanted.scopes,
                   .hint = created.text.substr(0, auth::live_prefix.size()) + "..." +
                           created.text.substr(end),
                   .created_at = clock.now()};
    if (wanted.life) {
        created.key.expires_at =
            Timestamp{created.key.created_at.milliseconds() + wanted.life->count()};
    }
    keys.add(created.key, digest);
    return created;
}

std::unique_ptr<TokenVerifier> api_key_verifier(ApiKeys& keys, const TokenVerifier& others,
                                                const Clock& clock) {
    return std::make_unique<auth::ApiKeyVerifier>(keys, others, clock);
}

}  // namespace lvng::crm::inline v0
