#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <string>

#include <sys/wait.h>

namespace lvng::server::testing {

struct Outcome {
    int code = -1;
    std::string output{};  ///< of both streams
};

/// Runs a line of shell.
inline Outcome shell(const std::string& command) {
    FILE* pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    Outcome outcome;
    std::array<char, 4096> buffer{};
    while (const auto count = std::fread(buffer.data(), 1, buffer.size(), pipe))
        outcome.output.append(buffer.data(), count);
    outcome.code = WEXITSTATUS(::pclose(pipe));
    return outcome;
}

/// Runs the program with nothing in its environment but `variables`.
inline Outcome run(const std::string& arguments, const std::string& variables = {}) {
    return shell(fmt::format("env -i {} '{}' {} 2>&1", variables, LVNG_SERVER_PROGRAM, arguments));
}

/// Checks that the program refuses its arguments with 2 and this one line.
inline void check_misuse(const std::string& arguments, const std::string& line,
                         const std::string& variables = {}) {
    const Outcome outcome = run(arguments, variables);
    CHECK(outcome.code == 2);
    CHECK(outcome.output == "lvng-server: " + line + "\n");
}

}  // namespace lvng::server::testing
