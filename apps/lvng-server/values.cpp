#include "values.hpp"

#include "http/ascii.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace lvng::server {
namespace {

struct Unit {
    std::string_view name{};
    std::uint64_t factor = 1;
};

/// A number and the unit behind it; nothing where the product is above `greatest`.
template <class Units>
std::optional<std::uint64_t> parse_with_unit(std::string_view text, const Units& units,
                                             std::uint64_t greatest) noexcept {
    const auto digits = static_cast<std::size_t>(
        std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
    const auto number = parse_count(text.substr(0, digits));
    const auto unit = std::find_if(units.begin(), units.end(), [&](const Unit& candidate) {
        return candidate.name == text.substr(digits);
    });
    if (!number || unit == units.end() || *number > greatest / unit->factor) return std::nullopt;
    return *number * unit->factor;
}

}  // namespace

std::optional<std::uint64_t> parse_count(std::string_view text) noexcept {
    if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{}) return std::nullopt;
    return static_cast<std::uint64_t>(value);
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) noexcept {
    constexpr std::uint64_t day = 24ULL * 3600 * 1000;
    constexpr std::array<Unit, 5> units{Unit{"ms", 1}, Unit{"s", 1000}, Unit{"m", 60'000},
                                        Unit{"h", 3'600'000}, Unit{"d", day}};
    const auto ms = parse_with_unit(text, units, 3650 * day);
    if (!ms) return std::nullopt;
    return std::chrono::milliseconds{*ms};
}

std::optional<std::uint64_t> parse_size(std::string_view text) noexcept {
    constexpr std::array<Unit, 4> units{Unit{"", 1}, Unit{"KiB", 1024}, Unit{"MiB", 1024 * 1024},
                                        Unit{"GiB", 1024ULL * 1024 * 1024}};
    return parse_with_unit(text, units, 1024ULL * 1024 * 1024 * 1024);
}

std::optional<Rate> parse_rate(std::string_view text) noexcept {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const auto places = parse_count(text.substr(0, slash));
    const auto window = parse_duration(text.substr(slash + 1));
    if (!places || *places == 0 || *places > 1'000'000 || !window || window->count() == 0)
        return std::nullopt;
    return Rate{.places = static_cast<std::size_t>(*places), .window = *window};
}

}  // namespace lvng::server
