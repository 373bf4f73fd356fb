#include "adapters/sql/tenants.hpp"

#include <array>

namespace lvng::crm::sql {

void note_tenant(Session& session, const TenantId& tenant) {
    session.defer("insert into lvng_tenants (tenant_id) values ($1)"
                  " on conflict (tenant_id) do nothing",
                  std::array<Value, 1>{std::string_view{tenant.to_string()}});
}

std::vector<TenantId> all_tenants(Session& session) {
    std::vector<TenantId> tenants;
    Rows rows{session.query("select tenant_id from lvng_tenants order by tenant_id", {})};
    while (rows.next()) tenants.emplace_back(rows.text(0));
    return tenants;
}

}  // namespace lvng::crm::sql
