#pragma once

#include "http/metrics_text.hpp"
#include "http/router.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace lvng::server {

/// Counts answers and how long they took, by route and class of status. What a client wrote is in
/// no label, so their number is bounded. Counting is a few atomic additions. Safe to share.
class RequestMetrics {
public:
    using Duration = std::chrono::steady_clock::duration;

    /// The routes must outlive it.
    explicit RequestMetrics(std::span<const Route> routes);

    /// `route` is one of the routes, or null where a request was refused before its route was
    /// looked up, or has none.
    void count(const Route* route, int status, Duration duration) noexcept;
    void count_failed_authentication() noexcept;

    void write(MetricsText& out) const;

private:
    struct Bound {
        std::chrono::microseconds most{};
        std::string_view label{};  ///< in seconds
    };
    static constexpr std::array<Bound, 9> bounds{{{std::chrono::microseconds{500}, "0.0005"},
                                                  {std::chrono::microseconds{1000}, "0.001"},
                                                  {std::chrono::microseconds{2500}, "0.0025"},
                                                  {std::chrono::microseconds{5000}, "0.005"},
                                                  {std::chrono::microseconds{10'000}, "0.01"},
                                                  {std::chrono::microseconds{25'000}, "0.025"},
                                                  {std::chrono::microseconds{100'000}, "0.1"},
                                                  {std::chrono::microseconds{500'000}, "0.5"},
                                                  {std::chrono::microseconds{2'500'000}, "2.5"}}};
    static constexpr std::array<std::string_view, 5> classes{"1xx", "2xx", "3xx", "4xx", "5xx"};

    struct Histogram {
        std::array<std::atomic<std::uint64_t>, bounds.size() + 1> buckets{};  // each alone
        std::atomic<std::uint64_t> nanoseconds{0};
    };
    using ByClass = std::array<Histogram, classes.size()>;

    static void write_histogram(MetricsText& out, const Histogram& histogram, const Route* route,
                                std::string_view status);

    std::span<const Route> routes_;
    std::vector<ByClass> histograms_;  // one for each route, and one for requests without
    std::atomic<std::uint64_t> failed_authentications_{0};
};

}  // namespace lvng::server
