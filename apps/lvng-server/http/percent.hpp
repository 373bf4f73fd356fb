#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lvng::server {

/// The text behind `%XX` escapes; nothing for a broken one. Source: RFC 3986, section 2.1.
std::optional<std::string> percent_decode(std::string_view text);

/// `text` as one segment of a path: every byte but RFC 3986's unreserved ones as `%XX`.
std::string percent_encode(std::string_view text);

/// Whether every `%` begins an escape, and none of them is `%00`.
bool has_good_escapes(std::string_view text) noexcept;

/// UTF-8 as RFC 3629 has it: no overlong form, no surrogate, nothing above U+10FFFF.
bool is_utf8(std::string_view text) noexcept;

}  // namespace lvng::server
