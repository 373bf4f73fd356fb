#pragma once

#include "http/rate_limit.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace lvng::server {

/// Decimal digits; nothing for any other text, or for a number above 2^63 - 1.
std::optional<std::uint64_t> parse_count(std::string_view text) noexcept;

/// `250ms 30s 5m 1h 7d`, at most 3650 days.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) noexcept;

/// `4096 64KiB 1MiB 2GiB` in bytes, at most 1 TiB.
std::optional<std::uint64_t> parse_size(std::string_view text) noexcept;

/// `100/1m`: 1 to 1,000,000 in a duration above zero.
std::optional<Rate> parse_rate(std::string_view text) noexcept;

}  // namespace lvng::server
