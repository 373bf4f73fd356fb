#pragma once

#include "adapters/auth/hmac.hpp"

#include <lvng/crm/json.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace lvng::crm::auth {

/// The members of a JSON text that the strict parser takes.
std::optional<JsonObject> read_object(std::string_view text);

/// Whether a JOSE header asks for nothing but what a key of `algorithm` gives.
///
/// `alg` is `algorithm`, letter by letter. `typ`, where present, is what RFC 7515, section 4.1.9
/// calls equal to `JWT`: any case, `application/` before it or not. `kid`, where present, is 1 to
/// 128 visible ASCII characters. `crit`, `zip`, `b64` and keys or addresses of keys are refused
/// whatever they say; other members are ignored.
bool is_acceptable_header(const JsonObject& header, std::string_view algorithm);

/// The payload of a compact JWS that one of `keys` has signed: everything below the claims.
/// Source: RFC 7515, section 5.2; RFC 8725.
std::optional<std::string> signed_payload(std::string_view token, std::span<const Hs256Key> keys);

}  // namespace lvng::crm::auth
