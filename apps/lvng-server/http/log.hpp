#pragma once

#include <lvng/crm/ports/environment.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace lvng::server {

/// Each level holds the ones before it.
enum class LogLevel { off, error, info, debug };

std::optional<LogLevel> parse_log_level(std::string_view text) noexcept;

/// One answered request. What a caller wrote is not among it, but for a request id that may be
/// taken over: no path, query, header or body, so no secret of theirs can end up here.
struct AccessLine {
    std::string_view id{};
    std::string_view method{};  ///< shown where it is one that this server knows
    std::string_view route{};   ///< the template: `/api/v2/contacts/{id}`; empty without a route
    int status = 0;
    std::string_view error{};  ///< the code of an error body
    std::chrono::steady_clock::duration duration{};
    std::size_t bytes = 0;  ///< of the body of the answer
    std::string_view tenant{};
    std::string_view user{};
    std::string_view peer{};
};

/// One JSON object a line. Safe to share if the sink is; never throws.
class Log {
public:
    /// Takes one line with its line feed.
    using Sink = std::function<void(std::string_view line)>;
    using Detail = std::pair<std::string_view, std::string_view>;

    /// `clock` must outlive the log.
    Log(LogLevel level, const crm::Clock& clock, Sink sink);

    void access(const AccessLine& line) noexcept;
    void error(std::string_view message, const Detail& detail = {}) noexcept;
    void warning(std::string_view message, const Detail& detail = {}) noexcept;
    void info(std::string_view message, const Detail& detail = {}) noexcept;
    void debug(std::string_view message, const Detail& detail = {}) noexcept;

private:
    void message(LogLevel needed, std::string_view name, std::string_view text,
                 const Detail& detail) noexcept;

    LogLevel level_;
    const crm::Clock& clock_;
    Sink sink_;
};

}  // namespace lvng::server
