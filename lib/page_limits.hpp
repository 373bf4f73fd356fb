#pragma once

#include "text/field_rules.hpp"

#include <lvng/crm/error.hpp>
#include <lvng/crm/page.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace lvng::crm::inline v0 {

/// The greatest values of a `Page`.
struct PageLimits {
    std::int64_t limit;
    std::int64_t offset;
};

/// Throws `invalid` with every bad field.
inline void check(const Page& page, const PageLimits& greatest) {
    std::vector<FieldError> fields;
    if (page.limit < 1 || page.limit > greatest.limit) {
        fields.push_back({"limit", fmt::format("must be from 1 to {}", greatest.limit)});
    }
    if (page.offset < 0 || page.offset > greatest.offset) {
        fields.push_back({"offset", fmt::format("must be from 0 to {}", greatest.offset)});
    }
    text::refuse(std::move(fields));
}

}  // namespace lvng::crm::inline v0
