#include "contract/race.hpp"
#include "support/people.hpp"
#include "support/store_under_test.hpp"

#include <lvng/crm/crm.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

using namespace lvng::crm;
using namespace lvng::crm::test;

namespace {

constexpr std::size_t racers = 50;
constexpr std::size_t rounds = 200;

Options patient() {
    return {.timeout = std::chrono::seconds{60}};
}

std::string email_of(std::size_t round) {
    return fmt::format("race{}@x.org", round);
}

}  // namespace

TEST_SUITE("contract.race") {

    TEST_CASE(
        "of simultaneous creations with one e-mail exactly one succeeds and the others name it") {
        Crm crm{fresh_store(), patient()};
        const auto told = run({racers, rounds}, [&](std::size_t round, std::size_t /*racer*/) {
            return crm.contacts()
                .create(ana(), {.name = "R", .email = email_of(round)})
                .id.to_string();
        });
        for (std::size_t round = 0; round < rounds; ++round) {
            const std::string holder =
                crm.contacts().with_email(ana(), email_of(round))->id.to_string();
            REQUIRE(std::count(told[round].begin(), told[round].end(), holder) == 1);
            REQUIRE(std::count(told[round].begin(), told[round].end(),
                               "already_exists " + holder) == racers - 1);
        }
        CHECK(crm.contacts().list(ana(), {}, {.limit = 1}).total == rounds);
    }

    TEST_CASE(
        "of simultaneous deletions of one contact exactly one succeeds and its e-mail is free") {
        Crm crm{fresh_store(), patient()};
        std::vector<ContactId> ids;
        for (std::size_t round = 0; round < rounds; ++round) {
            ids.push_back(crm.contacts().create(ana(), {.name = "R", .email = email_of(round)}).id);
        }
        const auto told = run({racers, rounds}, [&](std::size_t round, std::size_t /*racer*/) {
            crm.contacts().remove(ana(), ids[round]);
            return std::string{"removed"};
        });
        for (const auto& answers : told) {
            REQUIRE(std::count(answers.begin(), answers.end(), "removed") == 1);
            REQUIRE(std::count(answers.begin(), answers.end(), "not_found ") == racers - 1);
        }
        CHECK(crm.contacts().list(ana(), {}, {.limit = 1}).total == 0);
        CHECK_FALSE(crm.contacts().with_email(ana(), email_of(7)));
    }

    TEST_CASE("simultaneous updates of one contact are all done, one after the other") {
        Crm crm{fresh_store(), patient()};
        const Contact contact = crm.contacts().create(ana(), {.name = "R", .email = "start@x.org"});
        const auto email = [](int racer, int n) { return fmt::format("r{}n{}@x.org", racer, n); };
        std::vector<std::jthread> threads;
        for (int racer = 0; racer < 8; ++racer) {
            threads.emplace_back([&, racer] {
                for (int n = 0; n < 25; ++n)
                    crm.contacts().update(ana(), contact.id, {.email = email(racer, n)});
            });
        }
        threads.clear();
        CHECK(crm.contacts().get(ana(), contact.id).version == 201);
        // Every address but the last is free again.
        CHECK_FALSE(crm.contacts().with_email(ana(), "start@x.org"));
        int held = 0;
        for (int racer = 0; racer < 8; ++racer) {
            for (int n = 0; n < 25; ++n)
                held += crm.contacts().with_email(ana(), email(racer, n)) ? 1 : 0;
        }
        CHECK(held == 1);
    }
}
