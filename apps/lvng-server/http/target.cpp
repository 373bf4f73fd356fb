#include "http/target.hpp"

#include "http/percent.hpp"

#include <algorithm>
#include <utility>

namespace lvng::server {
namespace {

/// What follows scheme and authority of an absolute form.
std::string_view origin_form(std::string_view raw) {
    if (raw.starts_with('/')) return raw;
    const auto scheme = raw.find("://");
    if (scheme == std::string_view::npos) return raw;
    const auto path = raw.find_first_of("/?", scheme + 3);
    return path == std::string_view::npos ? std::string_view{"/"} : raw.substr(path);
}

}  // namespace

std::vector<std::string_view> split_path(std::string_view path) {
    std::vector<std::string_view> segments;
    if (!path.starts_with('/')) return segments;
    segments.reserve(static_cast<std::size_t>(std::count(path.begin(), path.end(), '/')));
    while (!path.empty()) {
        path.remove_prefix(1);
        const auto end = std::min(path.find('/'), path.size());
        segments.push_back(path.substr(0, end));
        path.remove_prefix(end);
    }
    return segments;
}

Target::Target(std::string_view raw) {
    const std::string_view origin = origin_form(raw);
    const auto mark = std::min(origin.find('?'), origin.size());
    path_ = origin.substr(0, mark);
    query_ = origin.substr(std::min(mark + 1, origin.size()));
    segments_ = split_path(path_);
    decoded_.reserve(segments_.size());  // no growth: short texts must stay where they are
    for (std::string_view& segment : segments_) {
        if (segment.find('%') == std::string_view::npos) continue;
        if (auto text = percent_decode(segment)) segment = decoded_.emplace_back(std::move(*text));
    }
}

bool Target::is_below(std::string_view prefix) const {
    const auto wanted = split_path(prefix);
    return wanted.size() <= segments_.size() &&
           std::equal(wanted.begin(), wanted.end(), segments_.begin());
}

}  // namespace lvng::server
