#pragma once

#include <span>
#include <string_view>

namespace lvng::server {

/// The candidate that takes the fewest insertions, deletions and replacements to reach, the
/// first of equals; empty without any candidate.
std::string_view nearest(std::string_view text, std::span<const std::string_view> candidates);

}  // namespace lvng::server
