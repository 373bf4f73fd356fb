#pragma once

#include "text/field_rules.hpp"

#include <lvng/crm/change.hpp>
#include <lvng/crm/json.hpp>

#include <fmt/format.h>

#include <cstddef>

/// Settings and metadata: objects that are kept as they came. Pure functions.
namespace lvng::crm::rules {

/// At most `limit` bytes of compact text.
inline text::Complaint bad_json(const JsonText& object, std::size_t limit) {
    if (object.text().size() <= limit) return std::nullopt;
    return fmt::format("must be at most {} bytes of JSON", limit);
}

inline void apply(JsonText& field, const Change<JsonText>& change) {
    if (change.clears()) field = JsonText{};
    if (change.value()) field = *change.value();
}

}  // namespace lvng::crm::rules
