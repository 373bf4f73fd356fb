#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lvng::crm::auth {

/// `bytes` in the URL-safe alphabet, without padding.
std::string encode_base64url(std::string_view bytes);

/// The bytes of a canonical text: the one that `encode_base64url` makes of them. Nothing for any
/// other: padding, white space, the other alphabet, unused bits that are not zero.
/// Source: RFC 7515, section 2; RFC 4648, section 3.5.
std::optional<std::string> decode_base64url(std::string_view text);

}  // namespace lvng::crm::auth
