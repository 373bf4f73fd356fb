#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

/// Timings as ratios of two ways to do one thing, taken in turns in one run: the machine may be
/// shared and change its speed, the ratio of neighbours stays.
namespace lvng::crm::bench {

struct Contender {
    std::string name{};
    std::function<void()> run{};  ///< one round
};

struct Comparison {
    std::string what{};
    int calls = 1;     ///< calls a round
    double bar = 0.0;  ///< the ratio to stay under
    int rounds = 15;
};

inline double seconds(const std::function<void()>& run) {
    const auto start = std::chrono::steady_clock::now();
    run();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

inline double median(std::vector<double> values) {
    std::nth_element(values.begin(),
                     values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
    return values[values.size() / 2];
}

/// Prints both medians and the median ratio of neighbouring rounds. Returns whether the ratio
/// is under the bar.
inline bool compare(const Comparison& comparison, const Contender& ours,
                    const Contender& reference) {
    ours.run();
    reference.run();
    std::vector<double> our_times;
    std::vector<double> reference_times;
    std::vector<double> ratios;
    for (int round = 0; round < comparison.rounds; ++round) {
        our_times.push_back(seconds(ours.run));
        reference_times.push_back(seconds(reference.run));
        ratios.push_back(our_times.back() / reference_times.back());
    }
    const double ratio = median(ratios);
    const double scale = 1e6 / comparison.calls;
    fmt::print("{:<34} {} {:9.2f} us   {} {:9.2f} us   ratio {:5.2f}   bar {:4.2f}   {}\n",
               comparison.what, ours.name, median(our_times) * scale, reference.name,
               median(reference_times) * scale, ratio, comparison.bar,
               ratio <= comparison.bar ? "holds" : "MISSED");
    return ratio <= comparison.bar;
}

}  // namespace lvng::crm::bench
