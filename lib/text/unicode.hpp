#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Unicode as the contract's texts need it; ICU stands behind it. Every function but `is_utf8`
/// takes well-formed UTF-8. Pure functions, safe to share.
namespace lvng::crm::text {

/// Whether `text` is well-formed UTF-8: no overlong form, no surrogate, nothing past U+10FFFF.
bool is_utf8(std::string_view text) noexcept;

/// The number of code points.
std::size_t code_points(std::string_view text) noexcept;

/// `text` up to its first `count` code points.
std::string_view first_code_points(std::string_view text, std::size_t count) noexcept;

/// Without leading and trailing code points of the property White_Space.
std::string_view trim(std::string_view text) noexcept;

/// Whether nothing but White_Space is there.
bool is_blank(std::string_view text) noexcept;

/// Whether a control character (category Cc: U+0000 to U+001F, U+007F to U+009F) is there.
bool has_control(std::string_view text) noexcept;

/// What texts are compared by: the default full case folding of the NFKC form. One code point can
/// become eighteen. Code points that are ignorable in display (joiners, soft hyphens) stay.
/// Source: REST contract, section 5, Text; Unicode 15.0, section 3.13.
std::string fold(std::string_view text);

/// Full lower case of the root locale, whatever the host's is; nothing is normalised.
std::string to_lower(std::string_view text);

/// Whether the caseless forms of two texts are equal.
bool equal_folded(std::string_view a, std::string_view b);

}  // namespace lvng::crm::text
