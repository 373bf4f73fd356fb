#include "commands/command.hpp"

#include "nearest.hpp"

#include <lvng/crm/version.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <vector>

namespace lvng::server {
namespace {

constexpr int done = 0;
constexpr int failed = 1;
constexpr int misused = 2;

Environment read_environment(const char* const* environment) {
    Environment variables;
    for (; environment != nullptr && *environment != nullptr; ++environment) {
        const std::string_view entry{*environment};
        const auto equals = std::min(entry.find('='), entry.size());
        variables.emplace(entry.substr(0, equals),
                          entry.substr(std::min(equals + 1, entry.size())));
    }
    return variables;
}

std::string usage(std::span<const Command> commands) {
    std::string out = "Usage: lvng-server [COMMAND] [--SETTING VALUE]...\n\nCommands:\n";
    for (const Command& command : commands)
        out += fmt::format("  {:<10}{}\n", command.name, command.summary);
    return out +
           "  --version prints the version, --help this text, COMMAND --help the command's\n"
           "\nSettings, as variables and as flags; the flag wins:\n" +
           settings_help();
}

std::string usage(const Command& command) {
    std::string out = fmt::format("Usage: lvng-server {}", command.name);
    if (!command.operand.empty()) out += fmt::format(" {}", command.operand);
    if (!command.second_operand.empty()) out += fmt::format(" [{}]", command.second_operand);
    for (const CommandOption& option : command.options) {
        const std::string_view blank = option.value.empty() ? "" : " ";
        out += fmt::format(" [--{}{}{}]", option.name, blank, option.value);
    }
    out += fmt::format(" [--SETTING VALUE]...\n\nIt {}.\n", command.summary);
    for (const CommandOption& option : command.options)
        out += fmt::format("  --{:<10}{}\n", option.name, option.meaning);
    return out + "\nSettings, as variables and as flags; the flag wins:\n" + settings_help();
}

const Command& find_command(std::span<const Command> commands, std::string_view name) {
    const auto found = std::find_if(commands.begin(), commands.end(),
                                    [&](const Command& command) { return command.name == name; });
    if (found != commands.end()) return *found;
    std::vector<std::string_view> names;
    for (const Command& command : commands) names.push_back(command.name);
    throw UsageError{
        fmt::format("\"{}\" is no command; the nearest one is {}", name, nearest(name, names))};
}

const CommandOption* find_option(const Command& command, std::string_view name) {
    const auto found =
        std::find_if(command.options.begin(), command.options.end(),
                     [&](const CommandOption& option) { return option.name == name; });
    return found == command.options.end() ? nullptr : &*found;
}

[[noreturn]] void refuse_flag(const Command& command, std::string_view name) {
    std::vector<std::string_view> known = setting_flags();
    for (const CommandOption& option : command.options) known.push_back(option.name);
    throw UsageError{fmt::format("--{} is no flag of {}; the nearest one is --{}", name,
                                 command.name, nearest(name, known))};
}

void take_operand(const Command& command, std::string_view text, Invocation& invocation) {
    if (command.operand.empty()) throw UsageError{fmt::format("\"{}\" is no flag", text)};
    const bool first = invocation.operand.empty();
    if (!first && (command.second_operand.empty() || !invocation.second_operand.empty()))
        throw UsageError{fmt::format(
            "{} takes one {}, not \"{}\" as well", command.name,
            first || command.second_operand.empty() ? command.operand : command.second_operand,
            text)};
    (first ? invocation.operand : invocation.second_operand) = text;
}

/// Reads `--name value`, `--name=value`, switches and the operand.
Invocation read_arguments(const Command& command, std::span<char* const> arguments) {
    Invocation invocation;
    for (std::size_t at = 0; at < arguments.size(); ++at) {
        std::string_view name{arguments[at]};
        if (!name.starts_with("--") || name.size() == 2) {
            take_operand(command, name, invocation);
            continue;
        }
        name.remove_prefix(2);
        const auto equals = name.find('=');
        const std::string_view bare = name.substr(0, equals);
        const CommandOption* own = find_option(command, bare);
        if (!own && !is_setting_flag(bare)) refuse_flag(command, bare);
        if (own && own->value.empty() && equals == std::string_view::npos) {
            invocation.options.insert_or_assign(std::string{bare}, "on");
            continue;
        }
        if (own && own->value.empty()) throw UsageError{fmt::format("--{} takes no value", bare)};
        if (equals == std::string_view::npos && at + 1 == arguments.size())
            throw UsageError{fmt::format("--{} needs a value", bare)};
        const std::string_view value =
            equals == std::string_view::npos ? arguments[++at] : name.substr(equals + 1);
        if (own)
            invocation.options.insert_or_assign(std::string{bare}, std::string{value});
        else
            invocation.setting_flags.emplace_back(bare, value);
    }
    if (!command.operand.empty() && invocation.operand.empty())
        throw UsageError{fmt::format("{} needs a {}", command.name, command.operand)};
    return invocation;
}

bool asks(std::span<char* const> arguments, std::string_view flag) {
    return std::any_of(arguments.begin(), arguments.end(),
                       [&](const char* argument) { return argument == flag; });
}

int dispatch(std::span<const Command> commands, std::span<char* const> arguments,
             const char* const* environment) {
    const bool named = !arguments.empty() && arguments.front()[0] != '-';
    if (!named && asks(arguments, "--version")) {
        fmt::print("lvng-server {}\n", crm::version());
        return done;
    }
    if (!named && asks(arguments, "--help")) {
        fmt::print("{}", usage(commands));
        return done;
    }
    const Command& command = named ? find_command(commands, arguments.front()) : commands.front();
    const auto rest = arguments.subspan(named ? 1 : 0);
    if (asks(rest, "--help")) {
        fmt::print("{}", usage(command));
        return done;
    }
    Invocation invocation = read_arguments(command, rest);
    invocation.environment = read_environment(environment);
    return command.run(invocation);
}

int complain(int code, const char* why) {
    fmt::print(stderr, "lvng-server: {}\n", why);
    return code;
}

}  // namespace

std::string Invocation::option(std::string_view name, std::string_view fallback) const {
    const auto found = options.find(name);
    return found == options.end() ? std::string{fallback} : found->second;
}

int run_command(std::span<const Command> commands, std::span<char* const> arguments,
                const char* const* environment) try {
    return dispatch(commands, arguments, environment);
} catch (const UsageError& error) {
    return complain(misused, error.what());
} catch (const std::exception& error) {
    return complain(failed, error.what());
}

}  // namespace lvng::server
