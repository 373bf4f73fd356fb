#pragma once

#include "settings.hpp"
#include "values.hpp"

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <string_view>

/// What the options of several commands have in common.
namespace lvng::server {

/// Throws `UsageError` for what is no id.
template <class Id>
Id checked_id(std::string_view option, const std::string& text) {
    if (auto id = Id::parse(text)) return *id;
    if (text.empty()) throw UsageError{fmt::format("--{} is missing", option)};
    throw UsageError{
        fmt::format("--{} is \"{}\", but must be 1 to 128 visible ASCII characters", option, text)};
}

/// Reads `--ttl`. Throws `UsageError` for what is no duration above zero.
inline std::chrono::milliseconds checked_life(const std::string& text) {
    const auto value = parse_duration(text);
    if (value && value->count() > 0) return *value;
    throw UsageError{
        fmt::format("--ttl is \"{}\", but must be a duration above zero, as 30m or 1h", text)};
}

}  // namespace lvng::server
