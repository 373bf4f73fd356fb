#pragma once

#include <lvng/crm/error.hpp>

#include <fmt/format.h>

#include <barrier>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace lvng::crm::test {

struct Race {
    std::size_t racers = 0;
    std::size_t rounds = 0;
};

/// What each of many threads was told, all of them making `call(round, racer)` at the same
/// moment, round by round.
template <class Call>
std::vector<std::vector<std::string>> run(const Race& race, Call call) {
    std::vector<std::vector<std::string>> told(race.rounds, std::vector<std::string>(race.racers));
    std::barrier start{static_cast<std::ptrdiff_t>(race.racers)};
    std::vector<std::jthread> threads;
    for (std::size_t racer = 0; racer < race.racers; ++racer) {
        threads.emplace_back([&, racer] {
            for (std::size_t round = 0; round < race.rounds; ++round) {
                start.arrive_and_wait();
                try {
                    told[round][racer] = call(round, racer);
                } catch (const Error& error) {
                    told[round][racer] =
                        fmt::format("{} {}", to_string(error.code()), error.related_id());
                }
            }
        });
    }
    threads.clear();
    return told;
}

/// Whether the long forms of the tests are wanted: LVNG_TEST_LONG.
inline bool long_form() {
    return std::getenv("LVNG_TEST_LONG") != nullptr;
}

}  // namespace lvng::crm::test
