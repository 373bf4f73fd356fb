#pragma once

#include <string>
#include <string_view>

namespace lvng::crm::text {

/// Whether `region` is a two-letter region (upper case, ISO 3166-1) with telephone numbers.
bool is_phone_region(std::string_view region);

/// What two spellings of one number have in common: E.164 (`+15550100`, an extension behind
/// `;ext=`) where it parses as a possible number, with `region` for numbers without a country
/// code (empty: none); else its decimal digits of any script, as ASCII; else, without any digit,
/// the folded text. Never empty for a non-blank text. Source: REST contract, section 2, Create.
/// Pure, safe to share.
std::string phone_key(std::string_view text, std::string_view region);

}  // namespace lvng::crm::text
