#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <cstdlib>
#include <random>

namespace lvng::crm::test {

/// Random numbers that can be had again: LVNG_TEST_SEED.
class Chance {
public:
    explicit Chance(std::uint32_t seed) : random_{seed} {}

    int number(int below) { return std::uniform_int_distribution<>{0, below - 1}(random_); }
    bool chance(int percent) { return number(100) < percent; }
    template <class Values>
    typename Values::value_type pick(const Values& values) {
        return values[static_cast<std::size_t>(number(static_cast<int>(values.size())))];
    }

    /// The seed that was given, else one of the system's, said where a failure shows it.
    static std::uint32_t seed() {
        const char* given = std::getenv("LVNG_TEST_SEED");
        const std::uint32_t seed =
            given ? static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10))
                  : std::random_device{}();
        MESSAGE("LVNG_TEST_SEED=" << seed);
        return seed;
    }

private:
    std::mt19937 random_;
};

}  // namespace lvng::crm::test
