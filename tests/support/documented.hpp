#pragma once

#include "http/reply.hpp"
#include "http/request.hpp"
#include "http/router.hpp"

namespace lvng::server::testing {

/// Checks that the OpenAPI document lists the answer among those of its operation: the status and,
/// of a refusal, the error code. An answer of no operation (no such path or method) has passed.
void check_documented(const Router& router, const Request& request, const Reply& reply);

}  // namespace lvng::server::testing
