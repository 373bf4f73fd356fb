#include "api/field_errors.hpp"

#include <algorithm>
#include <string>

namespace lvng::server {

void FieldErrors::note(std::string_view field, std::string_view reason) {
    const bool noted =
        std::any_of(errors_.begin(), errors_.end(),
                    [&](const crm::FieldError& error) { return error.field == field; });
    if (!noted && !reason.empty())
        errors_.push_back({.field = std::string{field}, .message = std::string{reason}});
}

void FieldErrors::check(const std::vector<crm::FieldError>& broken_rules) {
    for (const crm::FieldError& broken : broken_rules) note(broken.field, broken.message);
    if (!errors_.empty()) throw crm::invalid_fields(errors_);
}

}  // namespace lvng::server
