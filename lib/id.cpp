#include <lvng/crm/error.hpp>
#include <lvng/crm/id.hpp>

#include <algorithm>

namespace lvng::crm::inline v0 {

namespace {

constexpr std::size_t uuid_length = 36;
constexpr std::size_t longest_opaque_id = 128;
constexpr std::uint8_t no_digit = 0xFF;

// A table and not `std::from_chars`: ids are read in every request, and a table costs no branch a
// digit. It knows no locale either.
constexpr std::array<std::uint8_t, 256> hex_values = [] {
    std::array<std::uint8_t, 256> values{};
    values.fill(no_digit);
    for (std::uint8_t digit = 0; digit < 10; ++digit) values[std::size_t{'0'} + digit] = digit;
    for (std::uint8_t digit = 10; digit < 16; ++digit) {
        values[std::size_t{'a'} + digit - 10] = digit;
        values[std::size_t{'A'} + digit - 10] = digit;
    }
    return values;
}();

// Where in the text each byte's two digits start: 8-4-4-4-12 with hyphens between.
constexpr std::array<std::size_t, 16> digit_places{0,  2,  4,  6,  9,  11, 14, 16,
                                                   19, 21, 24, 26, 28, 30, 32, 34};
constexpr std::array<std::size_t, 4> hyphen_places{8, 13, 18, 23};

std::uint8_t hex_value(char digit) noexcept {
    return hex_values[static_cast<unsigned char>(digit)];
}

}  // namespace

std::optional<Uuid> Uuid::parse(std::string_view text) noexcept {
    if (text.size() != uuid_length) return std::nullopt;
    for (const std::size_t place : hyphen_places) {
        if (text[place] != '-') return std::nullopt;
    }
    Bytes bytes{};
    unsigned seen = 0;  // a bad digit leaves a bit above the lower four
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const std::uint8_t high = hex_value(text[digit_places[i]]);
        const std::uint8_t low = hex_value(text[digit_places[i] + 1]);
        seen |= static_cast<unsigned>(high | low);
        bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    if (seen > 0x0F) return std::nullopt;
    return Uuid{bytes};
}

std::string Uuid::to_string() const {
    std::string out;
    append_to(out);
    return out;
}

void Uuid::append_to(std::string& out) const {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::array<char, uuid_length> text;
    for (const std::size_t place : hyphen_places) text[place] = '-';
    for (std::size_t i = 0; i < bytes_.size(); ++i) {
        text[digit_places[i]] = digits[bytes_[i] >> 4];
        text[digit_places[i] + 1] = digits[bytes_[i] & 0x0F];
    }
    out.append(text.data(), text.size());
}

namespace detail {

std::optional<Uuid> parse_uuid(std::string_view prefix, std::string_view text) noexcept {
    // Letters of the prefix count in either case too: ids are matched without case as a whole.
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    const bool starts =
        text.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), text.begin(),
                                                   [&](char a, char b) { return a == lower(b); });
    if (!starts) return std::nullopt;
    return Uuid::parse(text.substr(prefix.size()));
}

Uuid checked_uuid(std::string_view prefix, std::string_view field, std::string_view text) {
    if (const std::optional<Uuid> uuid = parse_uuid(prefix, text)) return *uuid;
    std::string message =
        prefix.empty() ? "must be a UUID" : "must be `" + std::string{prefix} + "` and a UUID";
    throw invalid_fields({{std::string{field}, std::move(message)}});
}

bool is_opaque_id(std::string_view text) noexcept {
    return !text.empty() && text.size() <= longest_opaque_id &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '!' && c <= '~'; });
}

std::string checked_opaque_id(std::string_view field, std::string_view text) {
    if (is_opaque_id(text)) return std::string{text};
    throw invalid_fields({{std::string{field}, "must be 1 to 128 visible ASCII characters"}});
}

}  // namespace detail

}  // namespace lvng::crm::inline v0
