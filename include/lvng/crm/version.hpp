#pragma once

#include <lvng/crm/export.hpp>

#include <string_view>

namespace lvng::crm::inline v0 {

/// The version of the linked library, `0.1.0`. Source: semantic versioning 2.0.0.
LVNG_CRM_EXPORT std::string_view version() noexcept;

}  // namespace lvng::crm::inline v0
