#pragma once

#include <lvng/crm/export.hpp>
#include <lvng/crm/id.hpp>
#include <lvng/crm/principal.hpp>
#include <lvng/crm/timestamp.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lvng::crm::inline v0 {

class Store;

struct ApiKeyKind {
    static constexpr std::string_view prefix = "key_";
    static constexpr std::string_view field = "key_id";
};
using ApiKeyId = UuidId<ApiKeyKind>;

/// The SHA-256 of a key's text: all that a store ever sees of it.
using ApiKeyDigest = std::array<std::uint8_t, 32>;

/// A key as the store knows it.
struct ApiKey {
    ApiKeyId id{};  ///< the first half of the digest, so that nobody needs an index of digests
    TenantId tenant{};
    UserId user{};  ///< for whom the key stands
    Scopes scopes{};
    std::string hint{};  ///< the start and the end of the text, to know it by
    Timestamp created_at{};
    std::optional<Timestamp> expires_at{};
    std::optional<Timestamp> revoked_at{};
    std::optional<Timestamp> last_used_at{};  ///< to the minute

    bool operator==(const ApiKey&) const = default;
};

/// The id of the key with this digest.
LVNG_CRM_EXPORT ApiKeyId api_key_id(const ApiKeyDigest& digest);

/// Keys that stand for a user, whoever presents them. This keeps them; `auth.hpp` makes and
/// verifies them. Safe to share.
///
/// Not for callers of the product but for whoever runs it: no call asks who is calling. Every call
/// throws `unavailable` where the store fails.
class LVNG_CRM_EXPORT ApiKeys {
public:
    /// Writes a key down; `key.id` comes from the digest. Throws `invalid` without tenant, user or
    /// scope, `already_exists` for a digest that is there.
    void add(const ApiKey& key, const ApiKeyDigest& digest);
    /// The key of a digest, revoked or expired as it may be.
    [[nodiscard]] std::optional<ApiKey> find(const ApiKeyDigest& digest) const;
    /// The keys of a tenant, or of all, oldest first within each.
    [[nodiscard]] std::vector<ApiKey> list(const std::optional<TenantId>& tenant = {}) const;
    /// Ends a key for good. Revoking it again leaves the first time. Throws `not_found`.
    ApiKey revoke(const ApiKeyId& id, Timestamp now);
    /// Does nothing within a minute of the last use that was noted. Ends within the time given,
    /// else within `Options::timeout`.
    void note_use(const ApiKey& key, Timestamp now,
                  std::optional<std::chrono::milliseconds> within = std::nullopt);

private:
    friend class Crm;
    ApiKeys(Store& store, std::chrono::milliseconds timeout) : store_{&store}, timeout_{timeout} {}

    Store* store_;
    std::chrono::milliseconds timeout_;
};

}  // namespace lvng::crm::inline v0
