#pragma once

#include <lvng/crm/export.hpp>

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lvng::crm::inline v0 {

/// An instant in UTC, in whole milliseconds since 1970-01-01, of the years 0000 to 9999.
/// Display data: the library orders by numbers, never by the clock. Immutable value.
class LVNG_CRM_EXPORT Timestamp {
public:
    constexpr Timestamp() = default;
    constexpr explicit Timestamp(std::int64_t milliseconds) : milliseconds_{milliseconds} {}

    /// Reads any RFC 3339 form (any offset, up to nine fraction digits, cut to milliseconds) and a
    /// date alone (midnight UTC); nothing for any other text, or for a day that does not exist.
    static std::optional<Timestamp> parse(std::string_view text) noexcept;

    [[nodiscard]] constexpr std::int64_t milliseconds() const noexcept { return milliseconds_; }

    /// `2026-04-01T12:00:00.000Z`: always 24 characters. Source: REST contract, section 1.
    [[nodiscard]] std::string to_string() const;
    void append_to(std::string& out) const;

    auto operator<=>(const Timestamp&) const = default;

private:
    std::int64_t milliseconds_ = 0;
};

}  // namespace lvng::crm::inline v0
