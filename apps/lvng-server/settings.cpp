#include "settings.hpp"

#include "http/ascii.hpp"
#include "nearest.hpp"
#include "settings_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace lvng::server {
namespace {

constexpr std::string_view prefix = "LVNG_";
constexpr std::string_view file_suffix = "_FILE";

std::string variable_of(std::string_view flag) {
    std::string name{prefix};
    for (const char c : flag)
        name += c == '-' ? '_' : (c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    return name;
}

/// A value with the name it came under, for messages.
struct Given {
    std::string name{};
    std::string value{};
};

std::optional<std::string> variable(const Environment& environment, std::string_view name) {
    const auto found = environment.find(name);
    if (name.empty() || found == environment.end() || found->second.empty()) return std::nullopt;
    return found->second;
}

/// The file's text without the line feed that editors put at its end.
std::string read_file(const std::string& name, const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    std::string text{std::istreambuf_iterator<char>{file}, {}};
    if (!file) throw UsageError{fmt::format("{} names {}, which cannot be read", name, path)};
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    if (text.empty()) throw UsageError{fmt::format("{} names {}, which is empty", name, path)};
    return text;
}

std::optional<Given> given_in_environment(const Setting& setting, const Environment& environment) {
    std::optional<Given> given;
    const auto offer = [&](Given next) {
        if (given && given->value != next.value)
            throw UsageError{
                fmt::format("{} and {} are both set, and differ", given->name, next.name)};
        given = std::move(next);
    };
    for (const std::string_view name : {setting.alias, setting.variable})
        if (const auto value = variable(environment, name))
            offer({.name = std::string{name}, .value = *value});
    if (!setting.has_file) return given;
    const std::string file_variable = std::string{setting.variable} + std::string{file_suffix};
    if (const auto path = variable(environment, file_variable))
        offer({.name = file_variable, .value = read_file(file_variable, *path)});
    return given;
}

std::optional<Given> given(const Setting& setting, const Environment& environment,
                           const Flags& flags) {
    std::optional<Given> last;
    for (const auto& [name, value] : flags)
        if (!setting.flag.empty() && name == setting.flag)
            last = Given{.name = "--" + name, .value = value};
    return last ? last : given_in_environment(setting, environment);
}

void apply(const Setting& setting, const Given& given, Settings& settings) try {
    setting.apply(settings, given.value);
} catch (const BadValue& bad) {
    if (setting.secret)
        throw UsageError{fmt::format("{} cannot be used: {}", given.name, bad.what())};
    throw UsageError{
        fmt::format("{} is \"{}\", but must be {}", given.name, masked(given.value), bad.what())};
}

std::vector<std::string> known_variables() {
    std::vector<std::string> names;
    for (const Setting& setting : setting_table()) {
        names.emplace_back(setting.variable);
        if (setting.has_file) names.push_back(names.back() + std::string{file_suffix});
    }
    return names;
}

std::string unknown_warning(std::string_view name, const std::vector<std::string>& known) {
    const std::vector<std::string_view> views{known.begin(), known.end()};
    return fmt::format("{} is no setting; the nearest one is {}", name, nearest(name, views));
}

std::string unused_warning(std::string_view name) {
    return fmt::format("{} has no effect in this version", name);
}

std::vector<std::string> warnings(const Environment& environment, const Flags& flags) {
    const auto unused = unused_settings();
    const std::vector<std::string> known = known_variables();
    std::vector<std::string> out;
    for (const auto& variable : environment) {
        const std::string& name = variable.first;
        if (!name.starts_with(prefix) || variable.second.empty()) continue;
        const bool is_unused = std::any_of(unused.begin(), unused.end(),
                                           [&](auto flag) { return variable_of(flag) == name; });
        if (is_unused)
            out.push_back(unused_warning(name));
        else if (std::find(known.begin(), known.end(), name) == known.end())
            out.push_back(unknown_warning(name, known));
    }
    for (const auto& [name, value] : flags)
        if (std::find(unused.begin(), unused.end(), name) != unused.end())
            out.push_back(unused_warning("--" + name));
    return out;
}

}  // namespace

std::vector<std::string_view> setting_flags() {
    std::vector<std::string_view> names;
    for (const Setting& setting : setting_table())
        if (!setting.flag.empty()) names.push_back(setting.flag);
    const auto unused = unused_settings();
    names.insert(names.end(), unused.begin(), unused.end());
    return names;
}

bool is_setting_flag(std::string_view name) {
    const auto names = setting_flags();
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::string masked(const std::string& value) {
    constexpr auto none = std::string::npos;
    const auto query = value.find("://") == none ? none : value.find('?');
    std::string shown = value;
    if (query != none) shown.replace(query + 1, none, "***");
    const auto at = value.rfind('@');
    const auto colon = value.find(':');
    if (at == none || colon == none || colon > at) return shown;
    // A password may hold a `?`, and a query an `@`.
    const std::string rest = query < at ? std::string{} : shown.substr(at);
    return value.substr(0, colon + 1) + "***" + rest;
}

SettingsRead read_settings(const Environment& environment, const Flags& flags) {
    SettingsRead read;
    for (const Setting& setting : setting_table())
        if (const auto value = given(setting, environment, flags))
            apply(setting, *value, read.settings);
    read.warnings = warnings(environment, flags);
    return read;
}

std::string settings_help() {
    std::string out;
    for (const Setting& setting : setting_table()) {
        out += fmt::format("  {}", setting.variable);
        if (!setting.alias.empty()) out += fmt::format(" or {}", setting.alias);
        if (setting.has_file) out += fmt::format(", {}{}", setting.variable, file_suffix);
        if (!setting.flag.empty()) out += fmt::format(", --{}", setting.flag);
        out += fmt::format("\n      {} (default: {})\n", setting.meaning, setting.fallback);
    }
    return out;
}

}  // namespace lvng::server
