#include "http/metrics_text.hpp"

#include <fmt/format.h>

#include <iterator>

namespace lvng::server {
namespace {

std::string_view word_of(MetricType type) noexcept {
    switch (type) {
    case MetricType::counter:
        return "counter";
    case MetricType::gauge:
        return "gauge";
    case MetricType::histogram:
        break;
    }
    return "histogram";
}

void append_escaped(std::string& out, std::string_view text) {
    for (const char c : text) {
        if (c == '\n') {
            out += "\\n";
            continue;
        }
        if (c == '\\' || c == '"') out += '\\';
        out += c;
    }
}

}  // namespace

void MetricsText::begin(std::string_view name, MetricType type, std::string_view help) {
    name_ = name;
    fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name,
                   word_of(type));
}

void MetricsText::add(std::uint64_t value, Labels labels) {
    add_part({}, value, labels);
}

void MetricsText::add_part(std::string_view suffix, std::uint64_t value, Labels labels) {
    append_name(suffix, labels);
    fmt::format_to(std::back_inserter(text_), " {}\n", value);
}

void MetricsText::add_part(std::string_view suffix, double value, Labels labels) {
    append_name(suffix, labels);
    fmt::format_to(std::back_inserter(text_), " {}\n", value);
}

void MetricsText::append_name(std::string_view suffix, Labels labels) {
    text_ += name_;
    text_ += suffix;
    if (labels.size() == 0) return;
    char before = '{';
    for (const auto& [name, value] : labels) {
        text_ += before;
        text_ += name;
        text_ += "=\"";
        append_escaped(text_, value);
        text_ += '"';
        before = ',';
    }
    text_ += '}';
}

}  // namespace lvng::server
