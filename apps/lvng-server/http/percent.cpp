#include "http/percent.hpp"

#include "http/ascii.hpp"

#include <cstddef>

namespace lvng::server {
namespace {

int hex_value(char c) noexcept {
    if (is_digit(c)) return c - '0';
    const char letter = lower(c);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/// The byte of the escape whose `%` stands at `at`, or -1.
int escaped_byte(std::string_view text, std::size_t at) noexcept {
    if (at + 2 >= text.size()) return -1;
    const int high = hex_value(text[at + 1]);
    const int low = hex_value(text[at + 2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

struct Sequence {
    std::size_t length = 0;  ///< 0: no lead byte
    unsigned char low = 0x80;
    unsigned char high = 0xbf;  ///< the range of the second byte
};

/// Source: the Unicode Standard, table 3-7.
Sequence sequence_of(unsigned char lead) noexcept {
    if (lead < 0x80) return {.length = 1};
    if (lead >= 0xc2 && lead <= 0xdf) return {.length = 2};
    if (lead == 0xe0) return {.length = 3, .low = 0xa0};
    if (lead == 0xed) return {.length = 3, .high = 0x9f};
    if (lead >= 0xe1 && lead <= 0xef) return {.length = 3};
    if (lead == 0xf0) return {.length = 4, .low = 0x90};
    if (lead == 0xf4) return {.length = 4, .high = 0x8f};
    if (lead >= 0xf1 && lead <= 0xf3) return {.length = 4};
    return {};
}

}  // namespace

std::string percent_encode(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    constexpr std::string_view marks = "-._~";
    std::string out;
    for (const char c : text) {
        if (is_digit(c) || is_alpha(c) || marks.find(c) != std::string_view::npos) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += digits[byte >> 4U];
        out += digits[byte & 0xfU];
    }
    return out;
}

std::optional<std::string> percent_decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            out += text[at];
            continue;
        }
        const int byte = escaped_byte(text, at);
        if (byte < 0) return std::nullopt;
        out += static_cast<char>(byte);
        at += 2;
    }
    return out;
}

bool has_good_escapes(std::string_view text) noexcept {
    for (auto at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1))
        if (escaped_byte(text, at) <= 0) return false;
    return true;
}

bool is_utf8(std::string_view text) noexcept {
    std::size_t at = 0;
    while (at < text.size()) {
        const Sequence expected = sequence_of(static_cast<unsigned char>(text[at]));
        if (expected.length == 0 || at + expected.length > text.size()) return false;
        for (std::size_t i = 1; i < expected.length; ++i) {
            const auto byte = static_cast<unsigned char>(text[at + i]);
            const bool second = i == 1;
            if (byte < (second ? expected.low : 0x80) || byte > (second ? expected.high : 0xbf))
                return false;
        }
        at += expected.length;
    }
    return true;
}

}  // namespace lvng::server
