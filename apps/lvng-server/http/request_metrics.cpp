#include "http/request_metrics.hpp"

#include <algorithm>

namespace lvng::server {
namespace {

constexpr std::string_view no_route = "none";

void add_one(std::atomic<std::uint64_t>& counter) noexcept {
    counter.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

RequestMetrics::RequestMetrics(std::span<const Route> routes)
    : routes_{routes}, histograms_(routes.size() + 1) {}

void RequestMetrics::count(const Route* route, int status, Duration duration) noexcept {
    const auto place =
        route == nullptr ? routes_.size() : static_cast<std::size_t>(route - routes_.data());
    const auto status_class = static_cast<std::size_t>(std::clamp(status / 100, 1, 5) - 1);
    Histogram& histogram = histograms_[place][status_class];
    const auto bucket = std::find_if(bounds.begin(), bounds.end(),
                                     [&](const Bound& bound) { return duration <= bound.most; });
    add_one(histogram.buckets[static_cast<std::size_t>(bucket - bounds.begin())]);
    const auto took = std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count();
    histogram.nanoseconds.fetch_add(static_cast<std::uint64_t>(std::max<std::int64_t>(took, 0)),
                                    std::memory_order_relaxed);
}

void RequestMetrics::count_failed_authentication() noexcept {
    add_one(failed_authentications_);
}

void RequestMetrics::write(MetricsText& out) const {
    out.begin("http_server_request_duration_seconds", MetricType::histogram,
              "From a request's head to its answer, by route and class of status; HEAD counts as "
              "GET. The route is none where there is none, or the request was refused before.");
    for (std::size_t place = 0; place < histograms_.size(); ++place)
        for (std::size_t i = 0; i < classes.size(); ++i)
            write_histogram(out, histograms_[place][i],
                            place < routes_.size() ? &routes_[place] : nullptr, classes[i]);
    out.begin("lvng_failed_authentications_total", MetricType::counter,
              "Requests without a token that holds.");
    out.add(failed_authentications_.load(std::memory_order_relaxed));
}

void RequestMetrics::write_histogram(MetricsText& out, const Histogram& histogram,
                                     const Route* route, std::string_view status) {
    const std::string_view method = route != nullptr ? route->method : no_route;
    const std::string_view path = route != nullptr ? route->path : no_route;
    std::array<std::uint64_t, bounds.size() + 1> up_to{};
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < up_to.size(); ++i)
        up_to[i] = total += histogram.buckets[i].load(std::memory_order_relaxed);
    if (total == 0) return;
    const auto add = [&](std::string_view bound, std::uint64_t count) {
        out.add_part("_bucket", count,
                     {{"method", method}, {"route", path}, {"status", status}, {"le", bound}});
    };
    for (std::size_t i = 0; i < bounds.size(); ++i) add(bounds[i].label, up_to[i]);
    add("+Inf", total);
    const auto nanoseconds =
        static_cast<double>(histogram.nanoseconds.load(std::memory_order_relaxed));
    out.add_part("_sum", nanoseconds / 1e9,
                 {{"method", method}, {"route", path}, {"status", status}});
    out.add_part("_count", total, {{"method", method}, {"route", path}, {"status", status}});
}

}  // namespace lvng::server
