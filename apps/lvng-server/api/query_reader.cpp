#include "api/query_reader.hpp"

#include "http/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace lvng::server {
namespace {

std::optional<std::int64_t> parse_number(std::string_view text) {
    const bool digits = !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
    if (!digits || (text.size() > 1 && text.front() == '0')) return std::nullopt;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

std::string QueryReader::text(std::string_view name) const {
    const std::string* value = query_.find(name);
    return value != nullptr ? *value : std::string{};
}

std::vector<std::string> QueryReader::list(std::string_view name) const {
    std::vector<std::string> items;
    const std::string joined = text(name);
    std::string_view rest = joined;
    while (!rest.empty()) items.emplace_back(take_item(rest));
    return items;
}

std::int64_t QueryReader::number(std::string_view name, std::int64_t fallback, const Range& range) {
    const std::string* text = query_.find(name);
    if (text == nullptr) return fallback;
    const auto value = parse_number(*text);
    if (value && *value >= range.least && *value <= range.greatest) return *value;
    note(name, fmt::format("must be a whole number from {} to {}", range.least, range.greatest));
    return fallback;
}

}  // namespace lvng::server
