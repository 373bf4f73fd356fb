#pragma once

#include "commands/command.hpp"
#include "settings.hpp"
#include "values.hpp"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

/// What the options of several commands have in common.
namespace lvng::server {

/// The id that an option gives. Throws `UsageError` where there is none.
template <class Id>
Id checked_id(const Invocation& invocation, std::string_view option) {
    if (!invocation.is_on(option)) throw UsageError{fmt::format("--{} is missing", option)};
    const std::string text = invocation.option(option);
    if (auto id = Id::parse(text)) return *id;
    throw UsageError{
        fmt::format("--{} is \"{}\", but must be 1 to 128 visible ASCII characters", option, text)};
}

/// Throws `UsageError` where nothing that the command does would be kept.
inline void refuse_in_memory(const Settings& settings, std::string_view command) {
    if (settings.postgresql_url.empty() && settings.sqlite_path == ":memory:")
        throw UsageError{fmt::format("{} needs a store that is kept, not one in memory", command)};
}

/// Throws where the command would make a store only to find it empty.
inline void refuse_missing_store(const Settings& settings) {
    if (settings.postgresql_url.empty() && !std::filesystem::exists(settings.sqlite_path))
        throw std::runtime_error{fmt::format("there is no store at {}", settings.sqlite_path)};
}

/// Reads `--ttl`. Throws `UsageError` for what is no duration above zero.
inline std::chrono::milliseconds checked_life(const std::string& text) {
    const auto value = parse_duration(text);
    if (value && value->count() > 0) return *value;
    throw UsageError{fmt::format(
        "--ttl is \"{}\", but must be a duration above zero and of 3650d at most, as 30m or 1h",
        text)};
}

}  // namespace lvng::server
