#include "support/people.hpp"
#include "support/store_under_test.hpp"

#include <lvng/crm/crm.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <semaphore>
#include <string>
#include <thread>

using namespace lvng::crm;
using namespace lvng::crm::test;

namespace {

constexpr std::chrono::hours day{24};

/// A book whose owner says everything twice.
struct Repeating : CrmUnderTest {
    /// Creates a contact under a key. `new jane`, or `again jane` where it was there.
    std::string create(const Principal& who, const std::string& key, const std::string& name,
                       const std::string& fingerprint = "f") {
        const OnceAnswer done =
            crm().once(who, {.key = key, .fingerprint = fingerprint}, [&](Transaction& tx) {
                return tx.contacts().create(who, {.name = name}).name;
            });
        return (done.replayed ? "again " : "new ") + done.answer;
    }
    std::int64_t contacts_of(const Principal& who) {
        return crm().contacts().list(who, {}, {.limit = 1}).total;
    }
};

}  // namespace

TEST_SUITE("once") {

    TEST_CASE_FIXTURE(Repeating, "a repeat does nothing and has the first answer") {
        CHECK(create(ana(), "k1", "jane") == "new jane");
        CHECK(create(ana(), "k1", "jane") == "again jane");
        // What the work would do now is not asked.
        CHECK(create(ana(), "k1", "john") == "again jane");
        CHECK(contacts_of(ana()) == 1);
        CHECK(create(ana(), "k2", "john") == "new john");
        CHECK(contacts_of(ana()) == 2);
    }

    TEST_CASE_FIXTURE(Repeating, "an answer may be empty, long and in any alphabet") {
        const auto once = [&](const std::string& key, const std::string& answer) {
            return crm()
                .once(ana(), {.key = key, .fingerprint = "f"}, [&](Transaction&) { return answer; })
                .answer;
        };
        const std::string long_one = "Zoë\n" + std::string(200'000, 'x');
        for (int time = 0; time < 2; ++time) {
            CHECK(once("empty", time == 0 ? "" : "other") == "");
            CHECK(once("long", time == 0 ? long_one : "other") == long_one);
        }
    }

    TEST_CASE_FIXTURE(Repeating, "the same key for another request is refused and does nothing") {
        create(ana(), "k1", "jane", "one");
        CHECK(refusal([&] { create(ana(), "k1", "john", "other"); }) == "replay_mismatch");
        CHECK(contacts_of(ana()) == 1);
        CHECK(create(ana(), "k1", "jane", "one") == "again jane");
    }

    TEST_CASE_FIXTURE(Repeating, "a key belongs to a user of a tenant") {
        CHECK(create(ana(), "k1", "jane") == "new jane");
        CHECK(create(bob(), "k1", "jane", "of_his_own") == "new jane");
        CHECK(create(other_ana(), "k1", "jane", "of_her_own") == "new jane");
        CHECK(create(ana(), "k1", "jane") == "again jane");
    }

    TEST_CASE_FIXTURE(Repeating, "what fails has done nothing and leaves the key free") {
        const RepeatableRequest request{.key = "k1", .fingerprint = "f"};
        CHECK(refusal([&] {
                  crm().once(ana(), request, [&](Transaction& tx) -> std::string {
                      tx.contacts().create(ana(), {.name = "lost"});
                      throw Error{ErrorCode::conflict, "not now"};
                  });
              }) == "conflict");
        CHECK(refusal([&] { create(ana(), "k1", ""); }) == "invalid name");
        CHECK(contacts_of(ana()) == 0);
        CHECK(create(ana(), "k1", "jane", "another") == "new jane");
    }

    TEST_CASE_FIXTURE(Repeating, "a key is known for a day and then free, tidied or not") {
        create(ana(), "k1", "jane");
        create(ana(), "k2", "john");
        create(other_ana(), "k1", "jane");
        clock().advance(day);
        CHECK(create(ana(), "k1", "jane") == "again jane");
        CHECK(crm().tidy() == TidyReport{});
        clock().advance(std::chrono::milliseconds{1});
        CHECK(create(ana(), "k1", "jim", "another") == "new jim");
        CHECK(crm().tidy() == TidyReport{.replays = 2});
        CHECK(create(ana(), "k1", "jim", "another") == "again jim");
        CHECK(create(ana(), "k2", "john") == "new john");
        CHECK(create(other_ana(), "k1", "jane") == "new jane");
        CHECK(crm().tidy() == TidyReport{});
    }

    TEST_CASE_FIXTURE(Repeating, "keys and fingerprints are visible ASCII of 1 to 255 characters") {
        const std::string longest(255, 'k');
        CHECK(create(ana(), longest, "jane", longest) == "new jane");
        for (const std::string& bad : {std::string{}, longest + "k", std::string{"a key"},
                                       std::string{"k\xc3\xa9y"}, std::string{"k\x7f"}}) {
            CAPTURE(bad);
            CHECK(refusal([&] { create(ana(), bad, "x"); }) == "invalid key");
            CHECK(refusal([&] { create(ana(), bad, "x", bad); }) == "invalid key fingerprint");
        }
        CHECK(refusal([&] { create({.tenant = ana().tenant}, "k1", "x"); }) == "invalid user_id");
        CHECK(contacts_of(ana()) == 1);
    }

    TEST_CASE_FIXTURE(Repeating, "others hear of a request once") {
        const ConversationId room =
            crm().conversations().create(ana(), {.members = {{.id = bob().user}}}).conversation.id;
        Subscription his = crm().subscribe({.tenant = bob().tenant, .user = bob().user});
        for (int time = 0; time < 3; ++time) {
            crm().once(ana(), {.key = "k1", .fingerprint = "f"}, [&](Transaction& tx) {
                return tx.messages().send(ana(), room, {.content = "hello"}).content;
            });
        }
        CHECK(his.take().size() == 1);
    }

    TEST_CASE_FIXTURE(Repeating, "a request inside another one's transaction is refused") {
        CHECK(refusal([&] {
                  crm().transact(ana(), [&](Transaction&) { create(ana(), "k1", "jane"); });
              }) == "conflict");
        CHECK(create(ana(), "k1", "jane") == "new jane");
    }

    TEST_CASE("a repeat of what runs too long is told so") {
        Crm crm{fresh_store(), {.timeout = std::chrono::milliseconds{300}}};
        const RepeatableRequest request{.key = "k1", .fingerprint = "f"};
        std::binary_semaphore begun{0};
        std::binary_semaphore go_on{0};
        std::jthread first{[&] {
            static_cast<void>(refusal([&] {
                crm.once(ana(), request, [&](Transaction&) -> std::string {
                    begun.release();
                    go_on.acquire();
                    throw Error{ErrorCode::cancelled, "it has lasted long enough"};
                });
            }));
        }};
        const auto once = [&] {
            return crm.once(ana(), request, [](Transaction&) { return "done"; });
        };
        begun.acquire();
        CHECK(refusal([&] { once(); }) == "conflict");
        go_on.release();
        first.join();
        CHECK(once() == OnceAnswer{.answer = "done"});
    }
}
