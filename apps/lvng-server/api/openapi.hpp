#pragma once

#include "http/reply.hpp"
#include "http/router.hpp"

namespace lvng::server {

/// The OpenAPI document of these routes.
Reply openapi_json(const Call& call);

}  // namespace lvng::server
