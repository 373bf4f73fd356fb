#include "conversations/talk.hpp"
#include "upkeep.hpp"

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
constexpr std::chrono::seconds patience{30};

/// A store that is down for one tenant.
class DownForOne final : public Store {
public:
    explicit DownForOne(Store& inner) : inner_{&inner} {}
    std::optional<TenantId> tenant{};

    std::unique_ptr<StoreTransaction> begin(const Principal& who, Access access,
                                            Deadline deadline) override {
        if (who.tenant == tenant) throw Error{ErrorCode::unavailable, "down"};
        return inner_->begin(who, access, deadline);
    }
    std::vector<TenantId> tenants(Deadline deadline) override { return inner_->tenants(deadline); }
    StoreHealth health(Deadline deadline) override { return inner_->health(deadline); }

private:
    Store* inner_;
};

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

    TEST_CASE_FIXTURE(Counted, "what somebody had read before they came back counts once") {
        fill();
        leave(bob(), id);
        say(ana(), id, "while bob is away");
        members.add(ana(), id, {.id = bob().user});
        receipts.mark_read(bob(), id, {say(ana(), id, "bob reads").id});
        say(ana(), id, "bob does not read");
        CHECK(unread(bob(), id) == 1);
        CHECK(found() == "");
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
        const ListVersion seen = conversations.list(bob()).version;
        const ListVersion seen_messages = messages.list(bob(), id).version;
        const std::string report = found();
        CHECK(report.starts_with(id.to_string()));
        CHECK(report.find(wrong) != std::string::npos);
        const CheckReport repaired = crm().repair();
        CHECK_FALSE(repaired.miscounts.empty());
        CHECK(conversations.list_if_changed(bob(), seen).has_value());
        CHECK(messages.list_if_changed(bob(), seen_messages, id).has_value());
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
        const Message late = say(ana(), id, "late");
        pass();
        const TidyReport report = crm().tidy();
        CHECK(report == TidyReport{.events = 4});
        CHECK(crm().tidy() == TidyReport{});
        // A sent message is its own event, and stays.
        CHECK(log(bob(), id) == "events:lost\n2 message:new 1 x\n3 message:new 2 (deleted)\n"
                                "4 message:new 3 x\n5 message:new 4 x\n6 message:new 5 x\n"
                                "events:lost\n10 message:new 6 x\n11 message:new 7 late\n");
        CHECK(shown(crm().events_since(bob(), id, 5, 2)) ==
              "6 message:new 5 x\nevents:lost\n10 message:new 6 x\n");
        CHECK(shown(crm().events_since(bob(), id, 5, 1)) == "6 message:new 5 x\n");
        CHECK(log(bob(), id, 9) == "10 message:new 6 x\n11 message:new 7 late\n");
        CHECK(log(bob(), id, 11) == "");
        CHECK(found() == "");
        receipts.mark_read(bob(), id, {late.id});
        CHECK(log(bob(), id, 10) == "11 message:new 7 late\n12 messages:read usr_bob 1\n");
        // Numbers go on where they were, even when nothing else is left.
        pass(week);
        pass();
        CHECK(crm().tidy().events == 1);
        CHECK(log(bob(), id, 12) == "");
        CHECK(log(bob(), id, 11) == "events:lost\n");
        CHECK(log(bob(), id, 10) == "11 message:new 7 late\nevents:lost\n");
        CHECK(found() == "");
        CHECK(crm().repair().miscounts.empty());
        say(ana(), id, "later");
        CHECK(log(bob(), id, 12) == "13 message:new 8 later\n");
        CHECK(everything(bob(), id).ends_with("7 late, 8 later"));
    }

    TEST_CASE_FIXTURE(Counted, "events of every tenant have their time") {
        group(other_ana(), {"usr_bob"});
        pass(week);
        pass();
        CHECK(crm().tidy() == TidyReport{.events = 2});
    }

    TEST_CASE_FIXTURE(Counted, "rounds that are out of time reach every tenant in the end") {
        for (const char* tenant : {"beta", "gamma", "delta"})
            group(person("usr_ana", tenant), {"usr_bob"});
        Tidying tidying{*store, patience, std::chrono::milliseconds{0}};
        const auto erased_in_each_round = [&] {
            pass(week);
            std::string erased;
            for (int round = 0; round < 100; ++round) {
                const TidyReport report = tidying.round({.events = clock().now()});
                if (report.events > 0) erased += fmt::format("{} ", report.events);
                if (!report.more) return erased;
            }
            return erased + "and has not ended";
        };
        CHECK(erased_in_each_round() == "1 1 1 1 ");
        members.add(ana(), id, {.id = cleo().user});
        members.remove(ana(), id, cleo().user);
        CHECK(erased_in_each_round() == "2 ");
    }

    TEST_CASE_FIXTURE(Counted, "a tenant that can't be tidied keeps no other from it") {
        group(person("usr_ana", "beta"), {"usr_bob"});
        group(person("usr_ana", "gamma"), {"usr_bob"});
        pass(week);
        DownForOne down{*store};
        Tidying tidying{down, patience, patience};
        down.tenant = TenantId{"beta"};
        CHECK(refusal([&] { tidying.round({.events = clock().now()}); }) == "unavailable");
        CHECK(tidying.round({.events = clock().now()}) == TidyReport{.events = 1});
        down.tenant = std::nullopt;
        CHECK(tidying.round({.events = clock().now()}) == TidyReport{.events = 1});
        CHECK(tidying.round({.events = clock().now()}) == TidyReport{});
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
        CHECK(found() == "");
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
