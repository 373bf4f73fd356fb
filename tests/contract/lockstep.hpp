#pragma once

#include "support/chance.hpp"
#include "support/store_under_test.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdint>
#include <functional>
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
