#pragma once

#include "api/health.hpp"
#include "http/router.hpp"

#include <lvng/crm/crm.hpp>

#include <vector>

namespace lvng::server {

/// Every route there is. What it is made of must outlive the routes.
std::vector<Route> routes(crm::Crm& crm, Readiness& readiness);

}  // namespace lvng::server
