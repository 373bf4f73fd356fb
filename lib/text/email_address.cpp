#include "text/email_address.hpp"

#include "text/unicode.hpp"

#include <lvng/crm/error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <unicode/bytestream.h>
#include <unicode/idna.h>
#include <unicode/stringpiece.h>

namespace lvng::crm::text {

namespace {

// Octets. Source: RFC 5321, section 4.5.3.1; RFC 1035, section 2.3.4.
constexpr std::size_t longest_local_part = 64;
constexpr std::size_t longest_domain = 253;
constexpr std::size_t longest_label = 63;
// An address has at most 254 code points of at most four octets, which the caller checks; this
// keeps ICU from being asked about anything larger.
constexpr std::size_t longest_address = std::size_t{254} * 4;

bool is_ascii_alphanumeric(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_ascii_byte(char c) noexcept {
    return static_cast<unsigned char>(c) < 0x80;
}

/// `atext` of RFC 5322, section 3.2.3, and of RFC 6532, section 3.2: any code point beyond ASCII.
bool is_atext(char c) noexcept {
    constexpr std::string_view marks = "!#$%&'*+-/=?^_`{|}~";
    return is_ascii_alphanumeric(c) || !is_ascii_byte(c) || marks.find(c) != marks.npos;
}

/// Calls `test` with each part of `text` between dots until one fails; whether none did.
template <class Test>
bool all_parts(std::string_view text, Test test) {
    for (;;) {
        const std::size_t dot = text.find('.');
        if (!test(text.substr(0, dot))) return false;
        if (dot == text.npos) return true;
        text.remove_prefix(dot + 1);
    }
}

bool is_dot_atom(std::string_view text) noexcept {
    return all_parts(text, [](std::string_view atom) {
        return !atom.empty() && std::all_of(atom.begin(), atom.end(), is_atext);
    });
}

/// Lengths and number of the labels of a domain in ASCII form. The empty label behind a trailing
/// dot is too short for this.
bool has_good_shape(std::string_view ascii) noexcept {
    return ascii.size() <= longest_domain && ascii.find('.') != ascii.npos &&
           all_parts(ascii, [](std::string_view label) {
               return !label.empty() && label.size() <= longest_label;
           });
}

/// A label that IDNA leaves alone but for its case: letters, digits and inner hyphens, not `??--…`,
/// which is Punycode or reserved.
bool is_plain_label(std::string_view label) noexcept {
    if (label.empty() || label.front() == '-' || label.back() == '-') return false;
    if (label.size() >= 4 && label.substr(2, 2) == "--") return false;
    return std::all_of(label.begin(), label.end(),
                       [](char c) { return c == '-' || is_ascii_alphanumeric(c); });
}

const icu::IDNA& uts46() {
    // Never destroyed: another thread may still be reading an address while the process exits.
    static const icu::IDNA* const instance = [] {
        UErrorCode status = U_ZERO_ERROR;
        constexpr std::uint32_t options = UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_CHECK_BIDI |
                                          UIDNA_CHECK_CONTEXTJ | UIDNA_USE_STD3_RULES;
        icu::IDNA* const made = icu::IDNA::createUTS46Instance(options, status);
        if (U_SUCCESS(status)) return made;
        throw Error{ErrorCode::internal, std::string{"ICU: "} + u_errorName(status)};
    }();
    return *instance;
}

std::optional<std::string> idna_ascii(std::string_view domain) {
    std::string ascii;
    icu::StringByteSink<std::string> sink{&ascii};
    icu::IDNAInfo info;
    UErrorCode status = U_ZERO_ERROR;
    uts46().nameToASCII_UTF8({domain.data(), static_cast<std::int32_t>(domain.size())}, sink, info,
                             status);
    if (U_FAILURE(status)) {
        throw Error{ErrorCode::internal, std::string{"ICU: "} + u_errorName(status)};
    }
    if (info.hasErrors()) return std::nullopt;
    return ascii;
}

/// The domain's ASCII form in lower case, or nothing.
std::optional<std::string> domain_key(std::string_view domain) {
    // Nearly every domain is plain, and then ICU would only lower its case.
    std::optional<std::string> key =
        all_parts(domain, is_plain_label) ? to_lower(domain) : idna_ascii(domain);
    // Judged on the ASCII form: IDNA reads other dots as dots and drops some code points.
    if (!key || !has_good_shape(*key)) return std::nullopt;
    return key;
}

}  // namespace

std::optional<std::string> email_key(std::string_view text) {
    const std::size_t at = text.rfind('@');
    if (at == text.npos || text.size() > longest_address) return std::nullopt;
    const std::string_view local_part = text.substr(0, at);
    if (local_part.size() > longest_local_part || !is_dot_atom(local_part)) return std::nullopt;
    const std::optional<std::string> domain = domain_key(text.substr(at + 1));
    if (!domain) return std::nullopt;
    return to_lower(local_part) + '@' + *domain;
}

}  // namespace lvng::crm::text
