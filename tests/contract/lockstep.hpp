#pragma once

#include "support/store_under_test.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace lvng::crm::test {

/// One call of a sequence, with everything it does decided: it runs on each store alike.
using Step = std::function<std::string(Crm&)>;

/// What a call says, be it a refusal.
inline std::string answer(const std::function<std::string()>& call) {
    try {
        return call();
    } catch (const Error& error) {
        return fmt::format("{} {}", error.what(), error.related_id());
    }
}

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

/// Stores that must answer alike, each with a clock and ids of its own that run alike.
class Lockstep {
public:
    Lockstep() {
        for (NamedStore& named : stores_in_lockstep()) {
            names_.push_back(named.name);
            crms_.emplace_back(std::move(named.store));
        }
        REQUIRE(crms_.size() >= 2);
    }

    [[nodiscard]] Crm& first() { return crms_.front().crm(); }

    void run(const Step& step) {
        ++calls_;
        const std::string expected = answer([&] { return step(first()); });
        for (std::size_t at = 1; at < crms_.size(); ++at) {
            INFO("call " << calls_ << " on " << names_[at]);
            REQUIRE(answer([&] { return step(crms_[at].crm()); }) == expected);
        }
        for (CrmUnderTest& crm : crms_) crm.clock().advance(std::chrono::milliseconds{7});
    }

private:
    std::vector<std::string> names_;
    std::vector<CrmUnderTest> crms_;
    int calls_ = 0;
};

}  // namespace lvng::crm::test
