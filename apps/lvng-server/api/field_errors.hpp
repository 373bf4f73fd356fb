#pragma once

#include <lvng/crm/error.hpp>

#include <string_view>
#include <utility>
#include <vector>

namespace lvng::server {

/// What is wrong with a request: one entry a field, the first reason counts. One thread at a time.
class FieldErrors {
public:
    FieldErrors() = default;
    explicit FieldErrors(std::vector<crm::FieldError> errors) : errors_{std::move(errors)} {}

    /// An empty reason is none.
    void note(std::string_view field, std::string_view reason);
    /// Adds what the library's rules say and throws `invalid` where anything is wrong.
    void check(const std::vector<crm::FieldError>& broken_rules);

private:
    std::vector<crm::FieldError> errors_{};
};

}  // namespace lvng::server
