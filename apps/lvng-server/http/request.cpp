#include "http/request.hpp"

#include "http/ascii.hpp"

#include <algorithm>

namespace lvng::server {

std::optional<std::string_view> Request::header(std::string_view name) const noexcept {
    const auto found = std::find_if(headers.begin(), headers.end(), [&](const HeaderField& field) {
        return same_name(field.name, name);
    });
    if (found == headers.end()) return std::nullopt;
    return found->value;
}

std::size_t Request::count(std::string_view name) const noexcept {
    return static_cast<std::size_t>(
        std::count_if(headers.begin(), headers.end(),
                      [&](const HeaderField& field) { return same_name(field.name, name); }));
}

}  // namespace lvng::server
