#include "http/router.hpp"

#include <cstddef>
#include <utility>

namespace lvng::server {
namespace {

using Segments = std::span<const std::string_view>;

bool is_parameter(std::string_view segment) noexcept {
    return segment.starts_with('{');
}

bool fits(Segments pattern, Segments path) noexcept {
    if (pattern.size() != path.size()) return false;
    for (std::size_t i = 0; i < path.size(); ++i)
        if (is_parameter(pattern[i]) ? path[i].empty() : pattern[i] != path[i]) return false;
    return true;
}

std::vector<std::string_view> parameters_of(Segments pattern, Segments path) {
    std::vector<std::string_view> values;
    for (std::size_t i = 0; i < path.size(); ++i)
        if (is_parameter(pattern[i])) values.push_back(path[i]);
    return values;
}

void add_method(std::string& allow, std::string_view method) {
    if (!allow.empty()) allow += ", ";
    allow += method;
    if (method == "GET") allow += ", HEAD";
}

}  // namespace

Router::Router(std::vector<Route> routes) : routes_{std::move(routes)} {
    for (const Route& route : routes_) templates_.push_back(split_path(route.path));
}

Router::Match Router::find(std::string_view method, const Target& target) const {
    const std::string_view wanted = method == "HEAD" ? "GET" : method;
    Match match;
    for (std::size_t i = 0; i < routes_.size(); ++i) {
        if (!fits(templates_[i], target.segments())) continue;
        if (routes_[i].method == wanted) {
            match.route = &routes_[i];
            match.parameters = parameters_of(templates_[i], target.segments());
            return match;
        }
        add_method(match.allow, routes_[i].method);
    }
    return match;
}

}  // namespace lvng::server
