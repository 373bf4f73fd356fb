#include "contract/race.hpp"
#include "support/people.hpp"
#include "support/shared_store.hpp"
#include "support/store_under_test.hpp"

#include <lvng/crm/crm.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

using namespace lvng::crm;
using namespace lvng::crm::test;

namespace {

constexpr std::size_t racers = 16;
constexpr std::size_t rounds = 100;

/// So many processes at one store; each has the racers that are left over by their number.
class Processes {
public:
    explicit Processes(std::size_t count) {
        const std::shared_ptr<Store> store = fresh_store();
        for (std::size_t number = 0; number < count; ++number) {
            crms_.push_back(std::make_unique<Crm>(std::make_unique<SharedStore>(store),
                                                  Options{.timeout = std::chrono::seconds{60}}));
        }
    }
    Crm& of(std::size_t racer) { return *crms_[racer % crms_.size()]; }

private:
    std::vector<std::unique_ptr<Crm>> crms_;
};

std::string shown(const OnceAnswer& done) {
    return (done.replayed ? "again " : "new ") + done.answer;
}

/// One answer was made, and the others are that one.
void check_one_effect(std::vector<std::string> told) {
    std::sort(told.begin(), told.end());  // `again …` before `new …`
    REQUIRE(told.back().starts_with("new "));
    const std::string again = "again " + told.back().substr(4);
    for (std::size_t racer = 0; racer + 1 < told.size(); ++racer) REQUIRE(told[racer] == again);
}

void race_with(std::size_t count) {
    Processes processes{count};
    const auto told = run({racers, rounds}, [&](std::size_t round, std::size_t racer) {
        const RepeatableRequest request{.key = fmt::format("key{}", round), .fingerprint = "f"};
        return shown(processes.of(racer).once(ana(), request, [&](Transaction& tx) {
            return tx.contacts().create(ana(), {.name = "R"}).id.to_string();
        }));
    });
    for (const auto& answers : told) check_one_effect(answers);
    CHECK(processes.of(0).contacts().list(ana(), {}, {.limit = 1}).total == rounds);
}

}  // namespace

TEST_SUITE("contract.once_race") {

    TEST_CASE("of 16 simultaneous requests with one key one is done and all have its answer") {
        race_with(1);
    }

    TEST_CASE("the same through 16 processes") {
        race_with(16);
    }

    TEST_CASE("where the first of them fails the next one is done") {
        Processes processes{16};
        const auto told = run({racers, rounds}, [&](std::size_t round, std::size_t racer) {
            const RepeatableRequest request{.key = fmt::format("key{}", round), .fingerprint = "f"};
            return shown(processes.of(racer).once(ana(), request, [&](Transaction& tx) {
                const Contact contact = tx.contacts().create(ana(), {.name = "R"});
                if (racer % 2 == 0) throw Error{ErrorCode::conflict, "even ones fail"};
                return contact.id.to_string();
            }));
        });
        for (auto answers : told) {
            std::erase(answers, "conflict ");
            REQUIRE(answers.size() >= racers / 2);
            check_one_effect(answers);
        }
        CHECK(processes.of(0).contacts().list(ana(), {}, {.limit = 1}).total == rounds);
    }
}
