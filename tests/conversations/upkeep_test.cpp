#include "conversations/talk.hpp"

#include <doctest/doctest.h>

#include <functional>

using namespace lvng::crm;
using namespace lvng::crm::test;

namespace {

struct SeenStore {
    std::unique_ptr<Store> fresh = fresh_store();
    Store* store = fresh.get();
};

/// A `Talk` whose store the test can reach, to falsify what is counted.
struct Counted : SeenStore, Talk {
    Counted() : Talk{std::move(fresh)} {}

    ConversationId id = group(ana(), {"usr_bob"});
    std::vector<MessageId> sent;

    void fill() {
        for (int n = 0; n < 5; ++n) sent.push_back(say(ana(), id, "x").id);
        receipts.mark_read(bob(), id, {sent[0], sent[1]});
        messages.remove(ana(), id, sent[1]);
        members.add(ana(), id, {.id = cleo().user});
        say(cleo(), id, "x");
    }

    void falsify(const std::function<void(UpkeepRepository&)>& change) {
        const auto tx = store->begin({.tenant = TenantId{"acme"}}, Access::write,
                                     std::chrono::steady_clock::now() + std::chrono::seconds{30});
        change(tx->upkeep());
        tx->commit();
    }
    void falsify_counters(const std::function<void(ConversationCounters&)>& change) {
        falsify([&](UpkeepRepository& upkeep) {
            ConversationCounters counters = upkeep.counters(id).value();
            change(counters);
            upkeep.save(id, counters);
        });
    }

    /// What a check finds, a line each; its numbers as `recorded counted`.
    std::string found() {
        const CheckReport report = crm().check();
        CHECK(crm().check() == report);
        std::string out;
        for (const Miscount& miscount : report.miscounts)
            out += fmt::format("{}: {} {}\n", miscount.what, miscount.recorded, miscount.counted);
        return out;
    }
};

constexpr std::chrono::milliseconds week = std::chrono::hours{7 * 24};

}  // namespace

TEST_SUITE("conversations.upkeep") {

    TEST_CASE_FIXTURE(Counted,
                      "a check looks at every conversation of every tenant and finds nothing") {
        fill();
        group(other_ana(), {"usr_bob"});
        const CheckReport report = crm().check();
        CHECK(report.conversations == 2);
        CHECK(report.miscounts.empty());
    }

    TEST_CASE_FIXTURE(Counted, "a falsified number is found, named and repaired") {
        fill();
        const std::string before = shown(messages.list(bob(), id).messages);
        const Conversation conversation = look(ana(), id);
        std::string wrong;
        SUBCASE("messages") {
            falsify_counters([](ConversationCounters& counters) { counters.message_count = 50; });
            CHECK(messages.list(bob(), id).total == 50);
            wrong = ": 50 5\n";
        }
        SUBCASE("members") {
            falsify_counters([](ConversationCounters& counters) { counters.member_count = 9; });
            CHECK(look(ana(), id).member_count == 9);
            wrong = ": 9 3\n";
        }
        SUBCASE("the run of agents") {
            falsify_counters([](ConversationCounters& counters) { counters.agent_run = 4; });
            wrong = ": 4 0\n";
        }
        SUBCASE("the last number") {
            falsify_counters([](ConversationCounters& counters) { counters.last_number = 3; });
            wrong = ": 3 6\n";
        }
        SUBCASE("the last event") {
            falsify_counters([](ConversationCounters& counters) { counters.last_event = 2; });
            wrong = ": 2 ";
        }
        SUBCASE("unread of a member") {
            falsify([&](UpkeepRepository& upkeep) { upkeep.save_seen(id, bob().user, 0); });
            CHECK(unread(bob(), id) == 5);
            wrong = " unread of usr_bob: 5 4\n";
        }
        const std::string report = found();
        CHECK(report.starts_with(id.to_string()));
        CHECK(report.find(wrong) != std::string::npos);
        const CheckReport repaired = crm().repair();
        CHECK_FALSE(repaired.miscounts.empty());
        CHECK(found() == "");
        CHECK(crm().repair().miscounts.empty());
        CHECK(unread(ana(), id) == 1);
        CHECK(unread(bob(), id) == 4);
        CHECK(unread(cleo(), id) == 0);
        CHECK(look(ana(), id) == conversation);
        CHECK(shown(messages.list(bob(), id).messages) == before);
        CHECK(messages.list(bob(), id).total == 5);
        CHECK(say(ana(), id, "next").number == 7);
    }

    TEST_CASE_FIXTURE(Counted, "tidying erases events that have had their time, and only them") {
        fill();
        CHECK(crm().tidy() == TidyReport{});
        pass(week);
        CHECK(crm().tidy() == TidyReport{});
        say(ana(), id, "late");
        const std::string all = log(bob(), id);
        pass();
        const TidyReport report = crm().tidy();
        CHECK(report == TidyReport{.events = 10});
        CHECK(crm().tidy() == TidyReport{});
        CHECK(log(bob(), id) == "events:lost\n11 message:new 7 late\n");
        CHECK(log(bob(), id, 9) == "events:lost\n11 message:new 7 late\n");
        CHECK(log(bob(), id, 10) == "11 message:new 7 late\n");
        CHECK(log(bob(), id, 11) == "");
        CHECK(found() == "");
        // Numbers go on where they were, even when the log is empty.
        pass(week);
        CHECK(crm().tidy().events == 1);
        CHECK(log(bob(), id, 11) == "");
        CHECK(log(bob(), id, 10) == "events:lost\n");
        CHECK(found() == "");
        CHECK(crm().repair().miscounts.empty());
        say(ana(), id, "later");
        CHECK(log(bob(), id, 11) == "12 message:new 8 later\n");
        CHECK(everything(bob(), id).ends_with("7 late, 8 later"));
    }

    TEST_CASE_FIXTURE(Counted, "events of every tenant have their time") {
        group(other_ana(), {"usr_bob"});
        pass(week);
        pass();
        CHECK(crm().tidy() == TidyReport{.events = 2});
    }

    TEST_CASE_FIXTURE(Counted,
                      "what a deleted conversation leaves is out of reach and then erased") {
        const ConversationId kept = group(ana(), {"usr_bob"});
        say(ana(), kept, "kept");
        constexpr int many = 12'000;
        for (int chunk = 0; chunk < many / 500; ++chunk) {
            crm().transact(ana(), [&](Transaction& tx) {
                for (int n = 0; n < 500; ++n) tx.messages().send(ana(), id, {.content = "x"});
            });
        }
        const MessageId last = messages.list(bob(), id, {.limit = 1}).messages.at(0).id;
        CHECK(last != MessageId{});
        conversations.remove(ana(), id);
        CHECK(refusal([&] { static_cast<void>(messages.list(bob(), id)); }) == "not_found");
        CHECK(refusal([&] {
                  conversations.create(ana(),
                                       {.members = users({"usr_bob"}), .parent_message_id = last});
              }) == "not_found");
        CHECK(found() == "");
        TidyReport tidied;
        do {
            tidied = crm().tidy();
        } while (tidied.more);
        CHECK(crm().tidy() == TidyReport{});
        CHECK(found() == "");
        CHECK(everything(bob(), kept) == "1 kept");
    }
}
