#include "http/log.hpp"

#include <lvng/crm/json.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace lvng::server {
namespace {

/// Appends members to a JSON object that begins with its time and level.
class Line {
public:
    Line(const crm::Clock& clock, std::string_view level) {
        text_ = R"({"time":")";
        clock.now().append_to(text_);
        text_ += R"(","level":")";
        text_ += level;
        text_ += '"';
    }

    void add(std::string_view name, std::string_view value) {
        begin(name);
        crm::append_json_string(text_, value);
    }
    void add_known(std::string_view name, std::string_view value) {
        if (!value.empty()) add(name, value);
    }
    template <class Number>
    void add_number(std::string_view name, Number value) {
        begin(name);
        fmt::format_to(std::back_inserter(text_), "{}", value);
    }
    void add_milliseconds(std::string_view name, std::chrono::steady_clock::duration duration) {
        begin(name);
        const std::chrono::duration<double, std::milli> value = duration;
        fmt::format_to(std::back_inserter(text_), "{:.3f}", value.count());
    }

    [[nodiscard]] std::string_view finish() {
        text_ += "}\n";
        return text_;
    }

private:
    void begin(std::string_view name) {
        text_ += ",\"";
        text_ += name;
        text_ += "\":";
    }

    std::string text_;
};

std::string_view known_method(std::string_view method) noexcept {
    constexpr std::array<std::string_view, 7> known{"GET",    "HEAD",  "POST",   "PUT",
                                                    "DELETE", "PATCH", "OPTIONS"};
    const auto found = std::find(known.begin(), known.end(), method);
    return found == known.end() ? "other" : *found;
}

}  // namespace

std::optional<LogLevel> parse_log_level(std::string_view text) noexcept {
    if (text == "off") return LogLevel::off;
    if (text == "error") return LogLevel::error;
    if (text == "info") return LogLevel::info;
    if (text == "debug") return LogLevel::debug;
    return std::nullopt;
}

Log::Log(LogLevel level, const crm::Clock& clock, Sink sink)
    : level_{level}, clock_{clock}, sink_{std::move(sink)} {}

void Log::access(const AccessLine& line) noexcept try {
    if (level_ < LogLevel::info) return;
    Line out{clock_, "info"};
    out.add("id", line.id);
    out.add("method", known_method(line.method));
    out.add_known("route", line.route);
    out.add_number("status", line.status);
    out.add_known("error", line.error);
    out.add_milliseconds("duration_ms", line.duration);
    out.add_number("bytes", line.bytes);
    out.add_known("tenant", line.tenant);
    out.add_known("user", line.user);
    out.add_known("peer", line.peer);
    sink_(out.finish());
} catch (...) {
    // A request must not fail because it could not be written down.
}

void Log::error(std::string_view text, const Detail& detail) noexcept {
    message(LogLevel::error, "error", text, detail);
}

void Log::warning(std::string_view text, const Detail& detail) noexcept {
    message(LogLevel::info, "warning", text, detail);
}

void Log::info(std::string_view text, const Detail& detail) noexcept {
    message(LogLevel::info, "info", text, detail);
}

void Log::debug(std::string_view text, const Detail& detail) noexcept {
    message(LogLevel::debug, "debug", text, detail);
}

void Log::message(LogLevel needed, std::string_view name, std::string_view text,
                  const Detail& detail) noexcept try {
    if (level_ < needed) return;
    Line out{clock_, name};
    out.add("message", text);
    if (!detail.first.empty()) out.add(detail.first, detail.second);
    sink_(out.finish());
} catch (...) {
    // As above.
}

}  // namespace lvng::server
