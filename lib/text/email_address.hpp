#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lvng::crm::text {

/// The identity key of an address, or nothing for a text that is none: local part in lower case,
/// `@`, the domain's ASCII form in lower case.
///
/// A dot-atom local part (UTF-8 allowed, at most 64 octets; no quoted form, no comment) and a
/// domain of at least two labels that IDNA accepts (UTS #46, non-transitional); no address
/// literal. `text` is well-formed UTF-8 and already trimmed; its length in code points is the
/// caller's to check. Source: REST contract, section 6, Input; RFC 5322, 6531, 5891. Pure.
std::optional<std::string> email_key(std::string_view text);

}  // namespace lvng::crm::text
