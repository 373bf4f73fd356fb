#include "text/unicode.hpp"

#include <lvng/crm/error.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

// Most names, addresses and search terms are ASCII, where every answer is a loop over bytes; ICU
// is asked for the others only. It works on UTF-8 throughout: converting to UTF-16 and back costs
// more than the folding itself.

namespace lvng::crm::text {

namespace {

constexpr unsigned char byte(char c) noexcept {
    return static_cast<unsigned char>(c);
}

constexpr char ascii_lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// The number of leading bytes that are ASCII, rounded down to whole words until the last ones.
std::size_t ascii_prefix(std::string_view text) noexcept {
    constexpr std::uint64_t high_bits = 0x8080808080808080;
    std::size_t at = 0;
    for (std::uint64_t word; at + sizeof word <= text.size(); at += sizeof word) {
        std::memcpy(&word, text.data() + at, sizeof word);
        if ((word & high_bits) != 0) return at;
    }
    while (at < text.size() && byte(text[at]) < 0x80) ++at;
    return at;
}

bool is_ascii(std::string_view text) noexcept {
    return ascii_prefix(text) == text.size();
}

std::string lower_ascii(std::string_view text) {
    std::string out(text.size(), '\0');
    std::transform(text.begin(), text.end(), out.begin(), ascii_lower);
    return out;
}

/// Decodes the code point at `at` and steps behind it; negative where the bytes are ill-formed.
UChar32 next(std::string_view text, std::size_t& at) noexcept {
    UChar32 code_point;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"  // inside the macro
    U8_NEXT(text.data(), at, text.size(), code_point);
#pragma GCC diagnostic pop
    return code_point;
}

/// Steps before the code point that ends at `at` and decodes it. Not `U8_PREV`, whose positions
/// are 32 bits.
UChar32 previous(std::string_view text, std::size_t& at) noexcept {
    do --at;
    while (at > 0 && U8_IS_TRAIL(byte(text[at])));
    std::size_t front = at;
    return next(text, front);
}

/// What ICU takes for `text`. Its lengths are 32 bits, so a longer text must not reach it.
icu::StringPiece piece(std::string_view text) {
    if (text.size() > std::numeric_limits<std::int32_t>::max()) {
        throw Error{ErrorCode::invalid, "text is longer than 2 GiB"};
    }
    return {text.data(), static_cast<std::int32_t>(text.size())};
}

void check(UErrorCode status) {
    if (U_FAILURE(status)) {
        throw Error{ErrorCode::internal, std::string{"ICU: "} + u_errorName(status)};
    }
}

std::string nfkc(std::string_view text) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* normalizer = icu::Normalizer2::getNFKCInstance(status);
    check(status);
    std::string out;
    out.reserve(text.size());
    icu::StringByteSink<std::string> sink{&out};
    normalizer->normalizeUTF8(0, piece(text), sink, nullptr, status);
    check(status);
    return out;
}

std::string fold_case(std::string_view text) {
    UErrorCode status = U_ZERO_ERROR;
    std::string out;
    out.reserve(text.size());
    icu::StringByteSink<std::string> sink{&out};
    icu::CaseMap::utf8Fold(U_FOLD_CASE_DEFAULT, piece(text), sink, nullptr, status);
    check(status);
    return out;
}

}  // namespace

bool is_utf8(std::string_view text) noexcept {
    for (std::size_t at = ascii_prefix(text); at < text.size();) {
        if (next(text, at) < 0) return false;
    }
    return true;
}

std::size_t code_points(std::string_view text) noexcept {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return !U8_IS_TRAIL(byte(c)); }));
}

std::string_view first_code_points(std::string_view text, std::size_t count) noexcept {
    if (count >= text.size()) return text;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (U8_IS_TRAIL(byte(text[at]))) continue;
        if (count == 0) return text.substr(0, at);
        --count;
    }
    return text;
}

std::string_view trim(std::string_view text) noexcept {
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text.size() && u_isUWhiteSpace(next(text, at));) begin = at;
    std::size_t end = text.size();
    for (std::size_t at = end; at > begin && u_isUWhiteSpace(previous(text, at));) end = at;
    return text.substr(begin, end - begin);
}

bool is_blank(std::string_view text) noexcept {
    return trim(text).empty();
}

bool has_control(std::string_view text) noexcept {
    char before = '\0';
    for (const char c : text) {
        if (byte(c) < 0x20 || c == 0x7F) return true;
        // U+0080 to U+009F are the bytes C2 80 to C2 9F.
        if (byte(before) == 0xC2 && byte(c) < 0xA0) return true;
        before = c;
    }
    return false;
}

// Not ICU's ready-made NFKC_Casefold: that one also drops default-ignorable code points, so texts
// that differ in a joiner would compare equal, and one of joiners alone would fold to nothing.
std::string fold(std::string_view text) {
    if (is_ascii(text)) return lower_ascii(text);
    return fold_case(nfkc(text));
}

std::string to_lower(std::string_view text) {
    if (is_ascii(text)) return lower_ascii(text);
    UErrorCode status = U_ZERO_ERROR;
    std::string out;
    out.reserve(text.size());
    icu::StringByteSink<std::string> sink{&out};
    // An empty locale is the root; null would be the host's default, Turkish dots and all.
    icu::CaseMap::utf8ToLower("", 0, piece(text), sink, nullptr, status);
    check(status);
    return out;
}

bool equal_folded(std::string_view a, std::string_view b) {
    if (a == b) return true;
    if (!is_ascii(a) || !is_ascii(b)) return fold(a) == fold(b);
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return ascii_lower(x) == ascii_lower(y); });
}

}  // namespace lvng::crm::text
