#include <lvng/crm/api_keys.hpp>

#include "retry.hpp"
#include "text/field_rules.hpp"

#include <lvng/crm/error.hpp>

#include <algorithm>
#include <utility>

namespace lvng::crm::inline v0 {

ApiKeyId api_key_id(const ApiKeyDigest& digest) {
    Uuid::Bytes bytes{};
    std::copy_n(digest.begin(), bytes.size(), bytes.begin());
    return ApiKeyId{Uuid{bytes}};
}

void ApiKeys::add(const ApiKey& key, const ApiKeyDigest& digest) {
    std::vector<FieldError> fields;
    if (key.tenant.empty()) fields.push_back({"tenant_id", "is required"});
    if (key.user.empty()) fields.push_back({"user_id", "is required"});
    if (!key.scopes.read && !key.scopes.write) fields.push_back({"scopes", "must name one"});
    text::refuse(std::move(fields));

    ApiKey written = key;
    written.id = api_key_id(digest);
    const bool is_new = transact(*store_, {.tenant = key.tenant}, Access::write, timeout_,
                                 [&](StoreTransaction& tx) {
                                     tx.note_tenant();
                                     return tx.api_keys().insert(written, digest);
                                 });
    if (!is_new) throw Error{ErrorCode::already_exists, "there is such a key"};
}

std::optional<ApiKey> ApiKeys::find(const ApiKeyDigest& digest) const {
    // Whose it is says a table that belongs to no tenant; the rest is guarded like all else.
    const std::optional<TenantId> tenant =
        transact(*store_, {}, Access::glance, timeout_,
                 [&](StoreTransaction& tx) { return tx.api_keys().tenant_of(api_key_id(digest)); });
    if (!tenant) return std::nullopt;
    return transact(*store_, {.tenant = *tenant}, Access::glance, timeout_,
                    [&](StoreTransaction& tx) { return tx.api_keys().find(digest); });
}

std::vector<ApiKey> ApiKeys::list(const std::optional<TenantId>& tenant) const {
    std::vector<TenantId> tenants;
    if (tenant) {
        tenants.push_back(*tenant);
    } else {
        tenants = transact(*store_, {}, Access::glance, timeout_,
                           [](StoreTransaction& tx) { return tx.api_keys().tenants(); });
    }
    std::vector<ApiKey> keys;
    for (const TenantId& one : tenants) {
        std::vector<ApiKey> theirs =
            transact(*store_, {.tenant = one}, Access::glance, timeout_,
                     [](StoreTransaction& tx) { return tx.api_keys().list(); });
        std::move(theirs.begin(), theirs.end(), std::back_inserter(keys));
    }
    return keys;
}

ApiKey ApiKeys::revoke(const ApiKeyId& id, Timestamp now) {
    const std::optional<TenantId> tenant =
        transact(*store_, {}, Access::glance, timeout_,
                 [&](StoreTransaction& tx) { return tx.api_keys().tenant_of(id); });
    const std::optional<ApiKey> revoked =
        tenant ? transact(*store_, {.tenant = *tenant}, Access::write, timeout_,
                          [&](StoreTransaction& tx) { return tx.api_keys().revoke(id, now); })
               : std::nullopt;
    if (!revoked) throw Error{ErrorCode::not_found, "there is no such key"};
    return *revoked;
}

void ApiKeys::note_use(const ApiKey& key, Timestamp now,
                       std::optional<std::chrono::milliseconds> within) {
    transact(*store_, {.tenant = key.tenant}, Access::write, within.value_or(timeout_),
             [&](StoreTransaction& tx) {
                 tx.api_keys().note_use(key.id, now);
                 return true;
             });
}

}  // namespace lvng::crm::inline v0
