#pragma once

#include <lvng/crm/id.hpp>
#include <lvng/crm/json.hpp>
#include <lvng/crm/timestamp.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lvng::crm::inline v0 {

// How the fields of values are printed: texts, ids and instants as strings, absent ones as null.

inline void append_value(std::string& out, std::string_view text) {
    append_json_string(out, text);
}

template <class Kind>
void append_value(std::string& out, const OpaqueId<Kind>& id) {
    append_json_string(out, id.to_string());
}

template <class Kind>
void append_value(std::string& out, const UuidId<Kind>& id) {
    out += '"';
    id.append_to(out);
    out += '"';
}

inline void append_value(std::string& out, Timestamp instant) {
    out += '"';
    instant.append_to(out);
    out += '"';
}

template <class Value>
void append_value(std::string& out, const std::optional<Value>& value) {
    if (value) {
        append_value(out, *value);
    } else {
        out += "null";
    }
}

template <class Value>
void append_value(std::string& out, const std::vector<Value>& values) {
    out += '[';
    for (const Value& value : values) {
        if (&value != &values.front()) out += ',';
        append_value(out, value);
    }
    out += ']';
}

}  // namespace lvng::crm::inline v0
