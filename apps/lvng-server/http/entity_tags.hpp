#pragma once

#include "http/request.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace lvng::server {

/// What `If-Match` or `If-None-Match` names: some tags, or `*`, which is any. Views into the
/// request. Source: RFC 9110, sections 8.8.3 and 13.1.
struct EntityTags {
    bool any = false;
    std::vector<std::string_view> tags{};  ///< as they were sent: `"…"`, or `W/"…"` for a weak one

    /// Strong comparison: a weak tag fits nothing. `tag` is one of ours, a strong one.
    [[nodiscard]] bool fit_strongly(std::string_view tag) const noexcept;
    /// Weak comparison.
    [[nodiscard]] bool fit_weakly(std::string_view tag) const noexcept;
};

/// All headers of that name as one list; nothing where there is none. Throws `invalid`, naming the
/// header, where they are no list of tags: who sends a condition must not go without it.
std::optional<EntityTags> entity_tags(const Request& request, std::string_view header);

}  // namespace lvng::server
