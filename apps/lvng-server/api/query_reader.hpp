#pragma once

#include "api/field_errors.hpp"
#include "api/forms.hpp"
#include "http/query.hpp"
#include "http/router.hpp"

#include <lvng/crm/error.hpp>

#include <cstdint>
#include <optional>
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
    /// The call must outlive the reader.
    explicit QueryReader(const Call& call) : query_{call.query}, errors_{call.errors} {}

    /// The text as it is; empty where the parameter is absent.
    [[nodiscard]] std::string text(std::string_view name) const;
    /// The items of `a,b`; absent and empty are none.
    [[nodiscard]] std::vector<std::string> list(std::string_view name) const;
    /// `0`, or digits without a leading zero, within `range`; `fallback` where it is absent.
    std::int64_t number(std::string_view name, std::int64_t fallback, const Range& range);
    /// A value of any kind that `api/forms.hpp` reads off a text; absent leaves `out` as it is.
    template <class Value>
    void take(std::string_view name, Value& out) {
        if (const std::string* text = query_.find(name)) note(name, read_text(*text, out));
    }
    template <class Value>
    void take(std::string_view name, std::optional<Value>& out) {
        if (query_.find(name) != nullptr) take(name, out.emplace());
    }
    [[nodiscard]] bool has(std::string_view name) const { return query_.find(name) != nullptr; }

    /// Keeps the first reason for a parameter; an empty one is none.
    void note(std::string_view name, std::string_view reason) { errors_.note(name, reason); }
    /// Adds what the library's rules say and throws `invalid` where anything is wrong.
    void check(const std::vector<crm::FieldError>& broken_rules = {}) {
        errors_.check(broken_rules);
    }

private:
    const Query& query_;
    FieldErrors errors_;
};

}  // namespace lvng::server
