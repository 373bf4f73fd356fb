#include "adapters/auth/token_cache.hpp"

#include <openssl/crypto.h>

#include <algorithm>

namespace lvng::crm::auth {

// The end of a token that holds is its MAC, which is spread evenly already.
std::size_t TokenCache::Hash::operator()(std::string_view token) const noexcept {
    constexpr std::size_t length = 24;
    return std::hash<std::string_view>{}(
        token.substr(token.size() - std::min(token.size(), length)));
}

// The time this takes must not tell how much of a guess is right: a token is a secret.
bool TokenCache::Equal::operator()(std::string_view a, std::string_view b) const noexcept {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

TokenCache::Shard& TokenCache::shard_of(std::string_view token) noexcept {
    // The upper bits: the map inside takes the hash modulo its size, so the lower ones decide
    // there.
    return shards_[(Hash{}(token) >> 32) % shards];
}

std::optional<VerifiedToken> TokenCache::find(std::string_view token, Timestamp now) {
    Shard& shard = shard_of(token);
    const std::lock_guard lock{shard.mutex};
    const auto found = shard.tokens.find(token);
    if (found == shard.tokens.end() || !found->second.validity.holds(now)) return std::nullopt;
    return found->second.token;
}

void TokenCache::put(std::string_view token, const CheckedToken& checked, Timestamp now) {
    CheckedToken kept = checked;
    // From now on: a clock that is set back must not lengthen a life.
    kept.validity.from_ms = std::max(checked.validity.from_ms, now.milliseconds());
    kept.validity.until_ms =
        std::min(checked.validity.until_ms, now.milliseconds() + lifetime_.count());

    Shard& shard = shard_of(token);
    const std::lock_guard lock{shard.mutex};
    if (const auto known = shard.tokens.find(token); known != shard.tokens.end()) {
        known->second = std::move(kept);
        return;
    }
    const std::string*& place = shard.by_age[shard.oldest];
    if (place != nullptr) shard.tokens.erase(shard.tokens.find(*place));
    place = nullptr;
    place = &shard.tokens.emplace(token, std::move(kept)).first->first;
    shard.oldest = (shard.oldest + 1) % per_shard;
}

}  // namespace lvng::crm::auth
