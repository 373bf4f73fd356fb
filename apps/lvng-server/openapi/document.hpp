#pragma once

#include <string_view>

namespace lvng::server {

/// The OpenAPI 3.1 document of every route the server has: compact JSON in UTF-8, made at build
/// time from `openapi.json`. Lives as long as the program. Safe to share.
std::string_view openapi_document() noexcept;

}  // namespace lvng::server
