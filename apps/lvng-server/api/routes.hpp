#pragma once

#include "api/health.hpp"
#include "api/page_cache.hpp"
#include "http/router.hpp"

#include <lvng/crm/crm.hpp>

#include <vector>

namespace lvng::server {

/// Every route there is. What they are made of must outlive the routes.
std::vector<Route> routes(crm::Crm& crm, Readiness& readiness, PageCache& pages);

}  // namespace lvng::server
