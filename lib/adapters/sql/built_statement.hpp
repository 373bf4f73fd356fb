#pragma once

#include "adapters/sql/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lvng::crm::sql {

/// A statement that grows by conditions, with its values. What the values refer to must outlive
/// it.
class BuiltStatement {
public:
    BuiltStatement(std::string_view start, std::initializer_list<Value> values)
        : text_{start}, values_{values} {}

    void add(std::string_view text) { text_ += text; }
    /// A value that the text names by itself.
    void add_value(Value value) { values_.push_back(value); }

    /// Adds `before`, the next `$n` for `value`, `after`.
    void add(std::string_view before, Value value, std::string_view after = "") {
        values_.push_back(value);
        fmt::format_to(std::back_inserter(text_), "{}${}{}", before, values_.size(), after);
    }

    /// Adds `before`, a list in brackets of `values`, `after`. The list is padded with its last
    /// value to one of a few lengths, so that few statements are prepared.
    template <class Values>
    void add_list(std::string_view before, const Values& values, std::string_view after = "") {
        text_ += before;
        std::size_t length = 1;
        while (length < values.size()) length *= 4;
        for (std::size_t at = 0; at < length; ++at) {
            add(at == 0 ? "(" : ", ", Value{values[std::min(at, values.size() - 1)]});
        }
        text_ += ')';
        text_ += after;
    }

    [[nodiscard]] std::string_view text() const { return text_; }
    [[nodiscard]] std::span<const Value> values() const { return values_; }

private:
    std::string text_;
    std::vector<Value> values_;
};

}  // namespace lvng::crm::sql
