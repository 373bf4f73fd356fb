#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace lvng::server {

constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

constexpr char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool is_alpha(char c) noexcept {
    return lower(c) >= 'a' && lower(c) <= 'z';
}

constexpr bool is_visible(char c) noexcept {
    return c > 0x20 && c < 0x7f;
}

/// C0 and DEL. Bytes of 0x80 and above are none.
constexpr bool is_control(char c) noexcept {
    return (c >= 0 && c < 0x20) || c == 0x7f;
}

/// Bytes by a table: a search in a text for each byte is what reading a head would cost most.
class ByteSet {
public:
    /// Letters, digits and `marks`.
    constexpr explicit ByteSet(std::string_view marks) noexcept {
        for (int byte = 0; byte < 128; ++byte) {
            const char c = static_cast<char>(byte);
            holds_[static_cast<std::size_t>(byte)] =
                is_digit(c) || is_alpha(c) || marks.find(c) != std::string_view::npos;
        }
    }
    [[nodiscard]] constexpr bool holds_all(std::string_view text) const noexcept {
        return std::all_of(text.begin(), text.end(),
                           [&](char c) { return holds_[static_cast<unsigned char>(c)]; });
    }

private:
    std::array<bool, 256> holds_{};
};

inline constexpr ByteSet token_bytes{"!#$%&'*+-.^_`|~"};

/// Source: RFC 9110, section 5.6.2.
constexpr bool is_token(std::string_view text) noexcept {
    return !text.empty() && token_bytes.holds_all(text);
}

/// Equal but for the case of ASCII letters, as names of headers, schemes and codings are.
constexpr bool same_name(std::string_view left, std::string_view right) noexcept {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [](char a, char b) { return lower(a) == lower(b); });
}

/// Without blanks and tabs at both ends.
constexpr std::string_view trim_blanks(std::string_view text) noexcept {
    constexpr std::string_view blanks = " \t";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// Takes what stands before the first comma off the front of a list, and the comma.
constexpr std::string_view take_item(std::string_view& list) noexcept {
    const auto end = std::min(list.find(','), list.size());
    const std::string_view item = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    return item;
}

}  // namespace lvng::server
