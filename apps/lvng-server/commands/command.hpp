#pragma once

#include "settings.hpp"

#include <map>
#include <span>
#include <string>
#include <string_view>

namespace lvng::server {

/// `--ttl 1h` of one command, beside the settings that all take.
struct CommandOption {
    std::string_view name{};   ///< without dashes
    std::string_view value{};  ///< as help shows it: `DURATION`; empty for a switch
    std::string_view meaning{};
};

/// What a command was called with.
struct Invocation {
    Environment environment{};
    Flags setting_flags{};
    std::map<std::string, std::string, std::less<>> options{};
    std::string operand{};
    std::string second_operand{};

    /// The option's value, or `fallback`.
    [[nodiscard]] std::string option(std::string_view name, std::string_view fallback = {}) const;
    [[nodiscard]] bool is_on(std::string_view name) const { return options.contains(name); }
};

struct Command {
    std::string_view name{};
    std::string_view summary{};
    std::span<const CommandOption> options{};
    std::string_view operand{};         ///< as help shows it, where it takes one: `PATH`
    std::string_view second_operand{};  ///< one that may follow
    int (*run)(const Invocation& invocation) = nullptr;  ///< returns the exit code
};

/// Runs the command that `arguments` name, the first one without any. Returns its exit code: 1
/// where it threw, 2 for `UsageError`; both say why in one line on stderr.
int run_command(std::span<const Command> commands, std::span<char* const> arguments,
                const char* const* environment);

}  // namespace lvng::server
