#include "upkeep_thread.hpp"

#include <lvng/crm/testing.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <string>

using namespace lvng::server;
using namespace std::chrono_literals;
using lvng::crm::TidyReport;

namespace {

constexpr auto never = 24h;
constexpr auto patience = 30s;

/// Counts the rounds and lets a test wait for one of them.
class Rounds {
public:
    int begin() {
        const std::lock_guard lock{mutex_};
        changed_.notify_all();
        return ++count_;
    }
    bool reach(int count) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, patience, [&] { return count_ >= count; });
    }
    int count() {
        const std::lock_guard lock{mutex_};
        return count_;
    }

private:
    std::mutex mutex_{};
    std::condition_variable changed_{};
    int count_ = 0;
};

struct Logged {
    lvng::crm::testing::FixedClock clock{};
    std::string text{};
    Log log{LogLevel::error, clock, [this](std::string_view line) { text += line; }};
};

}  // namespace

TEST_SUITE("server.upkeep") {

    TEST_CASE("the first round begins at once, and others while there is more") {
        Logged logged;
        Rounds rounds;
        {
            UpkeepThread upkeep{[&] { return TidyReport{.more = rounds.begin() < 3}; }, logged.log,
                                never};
            CHECK(rounds.reach(3));
        }
        CHECK(rounds.count() == 3);
        CHECK(logged.text.empty());
    }

    TEST_CASE("after a pause there is another round") {
        Logged logged;
        Rounds rounds;
        const UpkeepThread upkeep{[&] { return TidyReport{.events = rounds.begin()}; }, logged.log,
                                  1ms};
        CHECK(rounds.reach(3));
    }

    TEST_CASE("a round that fails is logged, and the next one comes") {
        Logged logged;
        Rounds rounds;
        {
            UpkeepThread upkeep{[&]() -> TidyReport {
                                    if (rounds.begin() == 1)
                                        throw std::runtime_error{"the disk is full"};
                                    return {};
                                },
                                logged.log, 1ms};
            CHECK(rounds.reach(2));
        }
        CHECK(logged.text.find(R"("reason":"the disk is full")") != std::string::npos);
    }

    TEST_CASE("stopping ends the pause, and waits no longer than it is told to for a round") {
        Logged logged;
        Rounds rounds;
        std::atomic<bool> leave{false};
        UpkeepThread upkeep{[&] {
                                rounds.begin();
                                leave.wait(false);
                                return TidyReport{.more = true};
                            },
                            logged.log, never};
        CHECK(rounds.reach(1));
        upkeep.stop();
        CHECK_FALSE(upkeep.ends_by(std::chrono::steady_clock::now()));
        leave = true;
        leave.notify_all();
        CHECK(upkeep.ends_by(std::chrono::steady_clock::now() + patience));
        CHECK(rounds.count() == 1);
    }

}  // TEST_SUITE
