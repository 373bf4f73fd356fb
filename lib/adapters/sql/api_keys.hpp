#pragma once

#include "adapters/sql/session.hpp"

#include <lvng/crm/ports/repositories.hpp>
#include <lvng/crm/principal.hpp>

namespace lvng::crm::sql {

/// The tables `lvng_api_keys` and `lvng_api_key_tenants`.
class SqlApiKeys final : public ApiKeyRepository {
public:
    /// Both must outlive it.
    SqlApiKeys(Session& session, const Principal& who) : session_{&session}, who_{&who} {}

    bool insert(const ApiKey& key, const ApiKeyDigest& digest) override;
    std::optional<ApiKey> find(const ApiKeyDigest& digest) override;
    std::vector<ApiKey> list() override;
    std::optional<ApiKey> revoke(const ApiKeyId& id, Timestamp now) override;
    void note_use(const ApiKeyId& id, Timestamp now) override;
    std::optional<TenantId> tenant_of(const ApiKeyId& id) override;
    std::vector<TenantId> tenants() override;

private:
    [[nodiscard]] Value tenant() const { return std::string_view{who_->tenant.to_string()}; }
    [[nodiscard]] ApiKey read(Rows& rows) const;

    Session* session_;
    const Principal* who_;
};

}  // namespace lvng::crm::sql
