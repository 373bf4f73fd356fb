#pragma once

#include "adapters/sql/session.hpp"

#include <lvng/crm/id.hpp>
#include <lvng/crm/timestamp.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// How values stand in columns.
namespace lvng::crm::sql {

/// A list of texts is one column: no text that may stand in one holds a control character.
inline constexpr char list_separator = '\x1f';

inline std::string joined(const std::vector<std::string>& texts) {
    std::string out;
    for (const std::string& text : texts) {
        if (&text != &texts.front()) out += list_separator;
        out += text;
    }
    return out;
}

inline std::vector<std::string> split(std::string_view list) {
    std::vector<std::string> texts;
    while (!list.empty()) {
        const std::size_t end = std::min(list.find(list_separator), list.size());
        texts.emplace_back(list.substr(0, end));
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return texts;
}

inline Value nullable(const std::optional<std::string>& text) {
    return text ? Value{std::string_view{*text}} : Value{};
}

template <class Kind>
Value nullable(const std::optional<UuidId<Kind>>& id) {
    return id ? Value{id->uuid()} : Value{};
}

inline Value nullable(const std::optional<Timestamp>& time) {
    return time ? Value{time->milliseconds()} : Value{};
}

inline std::optional<std::string> optional_text(const Rows& rows, int column) {
    if (rows.is_null(column)) return std::nullopt;
    return std::string{rows.text(column)};
}

inline std::optional<Timestamp> optional_time(const Rows& rows, int column) {
    if (rows.is_null(column)) return std::nullopt;
    return Timestamp{rows.integer(column)};
}

}  // namespace lvng::crm::sql
