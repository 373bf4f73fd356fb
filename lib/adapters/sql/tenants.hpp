#pragma once

#include "adapters/sql/session.hpp"

#include <lvng/crm/id.hpp>

#include <vector>

/// The table `lvng_tenants`: who has something in the store.
namespace lvng::crm::sql {

void note_tenant(Session& session, const TenantId& tenant);
std::vector<TenantId> all_tenants(Session& session);

}  // namespace lvng::crm::sql
