#pragma once

#include "http/query.hpp"

#include <lvng/crm/error.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lvng::server {

/// The range of a number.
struct Range {
    std::int64_t least = 0;
    std::int64_t greatest = 0;
};

/// Takes the parameters of a query one by one and notes each bad one, as `BodyReader` does for a
/// body. One thread at a time.
class QueryReader {
public:
    /// `query` must outlive the reader.
    explicit QueryReader(const Query& query) : query_{query}, errors_{query.errors} {}

    /// The text as it is; empty where the parameter is absent.
    [[nodiscard]] std::string text(std::string_view name) const;
    /// The items of `a,b`; absent and empty are none.
    [[nodiscard]] std::vector<std::string> list(std::string_view name) const;
    /// `0`, or digits without a leading zero, within `range`; `fallback` where it is absent.
    std::int64_t number(std::string_view name, std::int64_t fallback, const Range& range);
    /// The parameter's value, or null where it is absent.
    [[nodiscard]] const std::string* find(std::string_view name) const { return query_.find(name); }

    void note(std::string_view name, std::string message);
    /// Throws `invalid` where anything is wrong.
    void check() const;

private:
    const Query& query_;
    std::vector<crm::FieldError> errors_;
};

}  // namespace lvng::server
