#include "contract/race.hpp"
#include "conversations/talk.hpp"
#include "support/outcomes.hpp"

#include <lvng/crm/crm.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

using namespace lvng::crm;
using namespace lvng::crm::test;

namespace {

struct Works : CrmUnderTest {
    std::vector<TransactionWork> works;

    void add(const Principal& who, std::function<void(Transaction&)> work) {
        works.push_back({.who = who, .work = std::move(work)});
    }
    void add_contact(const Principal& who, const std::string& name, const std::string& email = "") {
        NewContact draft{.name = name};
        if (!email.empty()) draft.email = email;
        add(who, [who, draft](Transaction& tx) { tx.contacts().create(who, draft); });
    }

    /// See `outcomes`.
    std::string run() {
        crm().transact_each(works);
        std::string told = outcomes(works);
        works.clear();
        return told;
    }

    std::string names(const Principal& who) {
        std::string out;
        for (const Contact& contact : crm().contacts().list(who).items) out += contact.name + ' ';
        return out;
    }
};

}  // namespace

TEST_SUITE("transact_each") {

    TEST_CASE_FIXTURE(Works, "works of many are done, each for its own principal") {
        add_contact(ana(), "A");
        add_contact(bob(), "B");
        add_contact(other_ana(), "C");
        add_contact(ana(), "D");
        CHECK(run() == "nothing, nothing, nothing, nothing");
        CHECK(names(ana()) == "A D ");
        CHECK(names(bob()) == "B ");
        CHECK(names(other_ana()) == "C ");
        CHECK(run() == "");
    }

    TEST_CASE_FIXTURE(Works, "one that throws is undone alone, whatever it threw") {
        add_contact(ana(), "A", "a@x.org");
        add(ana(), [](Transaction& tx) {
            tx.contacts().create(ana(), {.name = "B", .email = "b@x.org"});
            throw std::runtime_error{"no"};
        });
        add_contact(ana(), "C", "A@x.org");
        add(ana(), [](Transaction& tx) { tx.contacts().remove(ana(), ContactId{Uuid{}}); });
        add(ana(), [](Transaction&) { throw Error{ErrorCode::forbidden, "no"}; });
        add_contact(ana(), "D", "b@x.org");
        crm().transact_each(works);
        CHECK_FALSE(works[0].failure);
        CHECK_THROWS_WITH_AS(std::rethrow_exception(works[1].failure), "no", std::runtime_error);
        works.erase(works.begin(), works.begin() + 2);
        CHECK(names(ana()) == "A D ");
        CHECK(crm().contacts().with_email(ana(), "b@x.org").value().name == "D");
    }

    TEST_CASE_FIXTURE(Works, "a refused call inside a work leaves what the work did besides") {
        add_contact(ana(), "A", "a@x.org");
        add(ana(), [](Transaction& tx) {
            CHECK(refusal([&] {
                      tx.contacts().create(ana(), {.name = "B", .email = "a@x.org"});
                  }) == "already_exists email");
            tx.contacts().create(ana(), {.name = "C"});
            CHECK(refusal([&] {
                      tx.contacts().create(ana(), {.name = "D", .email = "a@x.org"});
                  }) == "already_exists email");
            CHECK(tx.contacts().list(ana()).total == 2);
        });
        CHECK(run() == "nothing, nothing");
        CHECK(names(ana()) == "A C ");
    }

    TEST_CASE_FIXTURE(Works, "effects run for what is committed, and once") {
        std::string effects;
        const auto add_effect = [&](const std::string& name, bool throws) {
            add(ana(), [&effects, name, throws](Transaction& tx) {
                tx.contacts().create(ana(), {.name = name});
                tx.after_commit([&effects, name] { effects += name; });
                if (throws) throw Error{ErrorCode::conflict, "no"};
            });
        };
        add_effect("A", false);
        add_effect("B", true);
        add_effect("C", false);
        CHECK(run() == "nothing, conflict, nothing");
        CHECK(effects == "AC");
    }

    TEST_CASE_FIXTURE(Works, "others hear of what is committed, once and in its order") {
        const ConversationId room =
            crm().conversations().create(ana(), {.members = {{.id = bob().user}}}).conversation.id;
        const auto add_message = [&](const Principal& who, const std::string& text, bool throws) {
            add(who, [who, room, text, throws](Transaction& tx) {
                tx.messages().send(who, room, {.content = text});
                if (throws) throw Error{ErrorCode::conflict, "no"};
            });
        };
        Subscription his = crm().subscribe({.tenant = bob().tenant, .user = bob().user});
        add_message(ana(), "one", false);
        add_message(bob(), "two", false);
        add_message(ana(), "never", true);
        add_message(stranger(), "never", false);
        add_message(ana(), "three", false);
        CHECK(run() == "nothing, nothing, conflict, not_found, nothing");
        std::string heard;
        for (const Event& event : his.take())
            heard += std::get<MessageSent>(event).message.content + ' ';
        CHECK(heard == "one two three ");
        CHECK(shown(crm().messages().list(ana(), room).messages) == "3 three, 2 two, 1 one");
    }

    TEST_CASE_FIXTURE(Works, "without a principal, or inside a transaction, nothing is done") {
        add_contact(ana(), "A");
        add_contact({.tenant = ana().tenant}, "B");
        CHECK(refusal([&] { crm().transact_each(works); }) == "invalid user_id");
        works.pop_back();
        crm().transact(ana(), [&](Transaction&) {
            CHECK(refusal([&] { crm().transact_each(works); }) == "conflict");
        });
        add(ana(), [&](Transaction&) { crm().contacts().create(ana(), {.name = "B"}); });
        CHECK(run() == "nothing, conflict");
        CHECK(names(ana()) == "A ");
    }

    TEST_CASE_FIXTURE(Works, "many threads that do so have each address once, and no gap") {
        const ConversationId room =
            crm().conversations().create(ana(), {.members = {{.id = bob().user}}}).conversation.id;
        constexpr std::size_t rounds = 20;
        constexpr std::size_t racers = 8;
        const auto told = test::run({.racers = racers, .rounds = rounds}, [&](std::size_t round,
                                                                              std::size_t racer) {
            const Principal who = racer % 2 == 0 ? ana() : bob();
            std::vector<TransactionWork> mine;
            mine.push_back({.who = ana(), .work = [&](Transaction& tx) {
                                tx.contacts().create(
                                    ana(), {.name = "A", .email = fmt::format("{}@x.org", round)});
                            }});
            mine.push_back({.who = who, .work = [&](Transaction& tx) {
                                tx.messages().send(who, room, {.content = "hello"});
                                if (racer == 3) throw Error{ErrorCode::forbidden, "no"};
                            }});
            mine.push_back({.who = who, .work = [&](Transaction& tx) {
                                tx.messages().send(who, room, {.content = "hello"});
                            }});
            crm().transact_each(mine);
            std::string out;
            for (const TransactionWork& work : mine) out += work.failure ? 'x' : '.';
            return out;
        });
        for (const std::vector<std::string>& answers : told) {
            int created = 0;
            for (std::size_t racer = 0; racer < racers; ++racer) {
                if (answers[racer][0] == '.') ++created;
                CHECK(answers[racer].substr(1) == (racer == 3 ? "x." : ".."));
            }
            CHECK(created == 1);
        }
        CHECK(crm().contacts().list(ana()).total == rounds);
        constexpr std::int64_t sent = rounds * (2 * racers - 1);
        const MessagePage page = crm().messages().list(ana(), room);
        CHECK(page.total == sent);
        CHECK(page.messages.front().number == sent);
        CHECK(crm().check().miscounts.empty());
    }
}
