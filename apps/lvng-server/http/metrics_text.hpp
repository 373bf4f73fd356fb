#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace lvng::server {

enum class MetricType { counter, gauge, histogram };

/// A page of figures as Prometheus reads it. One thread at a time.
/// Source: Prometheus, text-based exposition format 0.0.4.
class MetricsText {
public:
    static constexpr const char* content_type = "text/plain; version=0.0.4; charset=utf-8";

    using Label = std::pair<std::string_view, std::string_view>;
    using Labels = std::initializer_list<Label>;

    /// Begins a family; the samples that follow are its. Each name once on a page.
    void begin(std::string_view name, MetricType type, std::string_view help);
    void add(std::uint64_t value, Labels labels = {});
    /// A line of a histogram: `suffix` is `_bucket`, `_sum` or `_count`.
    void add_part(std::string_view suffix, std::uint64_t value, Labels labels);
    void add_part(std::string_view suffix, double value, Labels labels);

    [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
    void append_name(std::string_view suffix, Labels labels);

    std::string name_;
    std::string text_;
};

}  // namespace lvng::server
