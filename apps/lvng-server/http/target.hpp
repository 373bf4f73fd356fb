#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lvng::server {

/// A request target taken apart: `/api/v2/contacts/%41?limit=5` has the segments `api`, `v2`,
/// `contacts`, `A` and the query `limit=5`. An absolute form loses scheme and authority. Dots
/// and empty segments are kept, so such a path is a path of its own. Views into the raw target,
/// which must outlive it.
class Target {
public:
    /// `raw` has passed `check_head`; what is no path at all has no segments.
    explicit Target(std::string_view raw);
    Target(const Target&) = delete;
    Target& operator=(const Target&) = delete;

    [[nodiscard]] std::string_view path() const noexcept { return path_; }
    [[nodiscard]] std::string_view query() const noexcept { return query_; }
    [[nodiscard]] std::span<const std::string_view> segments() const noexcept { return segments_; }

    /// Whether the path is `prefix`, or below it: `is_below("/api")`.
    [[nodiscard]] bool is_below(std::string_view prefix) const;

private:
    std::string_view path_{};
    std::string_view query_{};
    std::vector<std::string> decoded_{};  // segments with escapes, which views point into
    std::vector<std::string_view> segments_{};
};

/// The parts of `/a/b`: `a`, `b`. Nothing for a text that does not begin with a slash.
std::vector<std::string_view> split_path(std::string_view path);

}  // namespace lvng::server
