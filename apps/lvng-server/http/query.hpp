#pragma once

#include <lvng/crm/error.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lvng::server {

/// The query parameters that a route knows, decoded, and what is wrong with the query. Immutable
/// value.
struct Query {
    std::vector<std::pair<std::string_view, std::string>> parameters{};
    std::vector<crm::FieldError> errors{};  ///< one a parameter

    /// The parameter's value, or null where it is absent. An empty value is a value.
    [[nodiscard]] const std::string* find(std::string_view name) const noexcept;
};

/// Reads `a=1&b=2`: `+` is a blank, `%XX` a byte, and the text must be UTF-8 without U+0000. A
/// parameter of `known` given twice is an error; others are ignored, but their escapes must
/// hold too. Pure. `known` must outlive the result. Source: REST contract, section 5.
Query parse_query(std::string_view text, std::span<const std::string_view> known);

}  // namespace lvng::server
