#include "adapters/sql/api_keys.hpp"

#include "adapters/sql/lists.hpp"

#include <algorithm>
#include <array>

#define LVNG_API_KEY_COLUMNS                                                                       \
    "id, user_id, can_read, can_write, hint, created_at, expires_at, revoked_at, last_used_at"

namespace lvng::crm::sql {
namespace {

constexpr std::string_view insert_key =
    "insert into lvng_api_keys (tenant_id, id, digest_rest, user_id, can_read, can_write, hint,"
    " created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
// The first of the two, so that a key that is there ends the transaction before anything is
// written.
constexpr std::string_view insert_tenant =
    "insert into lvng_api_key_tenants (key_id, tenant_id) values ($1, $2)"
    " on conflict (key_id) do nothing";
constexpr std::string_view find_key = "select " LVNG_API_KEY_COLUMNS " from lvng_api_keys"
                                      " where tenant_id = $1 and id = $2 and digest_rest = $3";
constexpr std::string_view list_keys = "select " LVNG_API_KEY_COLUMNS " from lvng_api_keys"
                                       " where tenant_id = $1 order by created_at, id";
constexpr std::string_view revoke_key =
    "update lvng_api_keys set revoked_at = coalesce(revoked_at, $3)"
    " where tenant_id = $1 and id = $2 returning " LVNG_API_KEY_COLUMNS;
// At most once a minute, whatever other nodes have noted meanwhile.
constexpr std::string_view note_use_of_key =
    "update lvng_api_keys set last_used_at = $3 where tenant_id = $1 and id = $2"
    " and (last_used_at is null or last_used_at + 60000 <= $3)";
constexpr std::string_view find_tenant =
    "select tenant_id from lvng_api_key_tenants where key_id = $1";
constexpr std::string_view all_tenants_with_keys =
    "select distinct tenant_id from lvng_api_key_tenants order by tenant_id";

Uuid rest_of(const ApiKeyDigest& digest) {
    Uuid::Bytes bytes{};
    std::copy_n(digest.begin() + bytes.size(), bytes.size(), bytes.begin());
    return Uuid{bytes};
}

}  // namespace

bool SqlApiKeys::insert(const ApiKey& key, const ApiKeyDigest& digest) {
    const std::array<Value, 2> place{key.id.uuid(), tenant()};
    if (session_->execute(insert_tenant, place) == 0) return false;
    const std::array<Value, 9> values{tenant(),
                                      key.id.uuid(),
                                      rest_of(digest),
                                      std::string_view{key.user.to_string()},
                                      std::int64_t{key.scopes.read},
                                      std::int64_t{key.scopes.write},
                                      std::string_view{key.hint},
                                      key.created_at.milliseconds(),
                                      nullable(key.expires_at)};
    session_->execute(insert_key, values);
    return true;
}

std::optional<ApiKey> SqlApiKeys::find(const ApiKeyDigest& digest) {
    const std::array<Value, 3> values{tenant(), api_key_id(digest).uuid(), rest_of(digest)};
    Rows rows{session_->query(find_key, values)};
    if (!rows.next()) return std::nullopt;
    return read(rows);
}

std::vector<ApiKey> SqlApiKeys::list() {
    std::vector<ApiKey> keys;
    Rows rows{session_->query(list_keys, std::array<Value, 1>{tenant()})};
    while (rows.next()) keys.push_back(read(rows));
    return keys;
}

std::optional<ApiKey> SqlApiKeys::revoke(const ApiKeyId& id, Timestamp now) {
    const std::array<Value, 3> values{tenant(), id.uuid(), now.milliseconds()};
    Rows rows{session_->query(revoke_key, values)};
    if (!rows.next()) return std::nullopt;
    return read(rows);
}

void SqlApiKeys::note_use(const ApiKeyId& id, Timestamp now) {
    session_->defer(note_use_of_key, std::array<Value, 3>{tenant(), id.uuid(), now.milliseconds()});
}

std::optional<TenantId> SqlApiKeys::tenant_of(const ApiKeyId& id) {
    Rows rows{session_->query(find_tenant, std::array<Value, 1>{id.uuid()})};
    if (!rows.next()) return std::nullopt;
    return TenantId{rows.text(0)};
}

std::vector<TenantId> SqlApiKeys::tenants() {
    std::vector<TenantId> tenants;
    Rows rows{session_->query(all_tenants_with_keys, {})};
    while (rows.next()) tenants.emplace_back(rows.text(0));
    return tenants;
}

ApiKey SqlApiKeys::read(Rows& rows) const {
    return {.id = ApiKeyId{rows.uuid(0)},
            .tenant = who_->tenant,
            .user = UserId{rows.text(1)},
            .scopes = {.read = rows.integer(2) != 0, .write = rows.integer(3) != 0},
            .hint = std::string{rows.text(4)},
            .created_at = Timestamp{rows.integer(5)},
            .expires_at = optional_time(rows, 6),
            .revoked_at = optional_time(rows, 7),
            .last_used_at = optional_time(rows, 8)};
}

}  // namespace lvng::crm::sql
