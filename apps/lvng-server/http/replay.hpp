#pragma once

#include "http/reply.hpp"
#include "http/request.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace lvng::server {

/// The request's `Idempotency-Key`; nothing where it has none. Throws `invalid` where it is not 1
/// to 255 visible ASCII characters, or is given twice.
std::optional<std::string_view> idempotency_key(const Request& request);

/// What is kept of an answer for a replay: status, `ETag`, `Location` and body, as one text.
std::string to_record(const Reply& reply);
/// The answer again. Throws `std::runtime_error` for a text that is no record.
Reply reply_of(std::string_view record);

}  // namespace lvng::server
