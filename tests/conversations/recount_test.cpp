#include "conversations/rules/recount.hpp"
#include "support/people.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace lvng::crm;
using namespace lvng::crm::rules;
using namespace lvng::crm::test;

namespace {

const UserId ana_id = ana().user;
const UserId bob_id = bob().user;

/// A conversation of ana and bob: ana has written 1, 2 and 3, of which bob has read 1, and 3 is
/// deleted.
struct Counted {
    RecordedConversation recorded{
        .counters = {.member_count = 2, .last_number = 3, .message_count = 2, .last_event = 6},
        .members = {{.id = ana_id, .seen_count = 2}, {.id = bob_id, .seen_count = 1}}};
    std::vector<CountedMessage> messages{{.number = 1, .sender = ana_id},
                                         {.number = 2, .sender = ana_id},
                                         {.number = 3, .sender = ana_id, .deleted = true}};
    std::vector<CountedReceipts> receipts{{.reader = bob_id, .count = 1}};
    std::int64_t last_event = 6;

    [[nodiscard]] RecordedConversation counted() const {
        Recount recount{recorded};
        for (const CountedMessage& message : messages) recount.add(message);
        for (const CountedReceipts& of_one : receipts) recount.add(of_one);
        return recount.finish(last_event);
    }
    [[nodiscard]] std::string found() const {
        std::string out;
        for (const Miscount& miscount :
             differences(ana().tenant, ConversationId{}, recorded, counted())) {
            CHECK(miscount.tenant == ana().tenant);
            out += fmt::format("{}: {} {}\n", miscount.what, miscount.recorded, miscount.counted);
        }
        return out;
    }
};

constexpr std::string_view named = "conv_00000000-0000-0000-0000-000000000000 ";

}  // namespace

TEST_SUITE("conversations.recount") {

    TEST_CASE_FIXTURE(Counted, "a conversation that was counted right stays as it is") {
        CHECK(counted().counters == recorded.counters);
        CHECK(counted().members == recorded.members);
        CHECK(found() == "");
    }

    TEST_CASE_FIXTURE(Counted, "every wrong number is named with what it should be") {
        recorded.counters = {.member_count = 5,
                             .last_number = 2,
                             .message_count = 7,
                             .agent_run = 4,
                             .last_event = 1,
                             .event_at = Timestamp{9}};
        recorded.members[0].seen_count = 7;
        std::string expected;
        for (const std::string_view line :
             {"member_count: 5 2", "last_number: 2 3", "message_count: 7 2", "agent_run: 4 0",
              "last_event: 1 6", "unread of usr_bob: 6 1"})
            expected += fmt::format("{}{}\n", named, line);
        CHECK(found() == expected);
        // Ana's unread was right by two errors that made up for each other.
        CHECK(counted().members[0].seen_count == 2);
        CHECK(counted().counters.event_at == Timestamp{9});
    }

    TEST_CASE_FIXTURE(Counted, "last numbers never become lower") {
        recorded.counters.last_number = 8;
        recorded.counters.last_event = 20;
        CHECK(found() == "");
        messages.clear();
        receipts.clear();
        last_event = 0;
        CHECK(counted().counters.last_number == 8);
        CHECK(counted().counters.last_event == 20);
        CHECK(counted().counters.message_count == 0);
    }

    TEST_CASE_FIXTURE(Counted, "live messages up to joining are seen, own ones among them once") {
        messages.push_back({.number = 4, .sender = bob_id});
        messages.push_back({.number = 6, .sender = bob_id});
        const auto seen_by_one_who_joined_at = [&](std::int64_t number) {
            recorded.members[1].joined_number = number;
            receipts.clear();
            return counted().members[1].seen_count;
        };
        CHECK(seen_by_one_who_joined_at(0) == 2);  // 4 and 6
        CHECK(seen_by_one_who_joined_at(1) == 3);  // 1, 4 and 6
        CHECK(seen_by_one_who_joined_at(2) == 4);
        CHECK(seen_by_one_who_joined_at(3) == 4);  // 3 is deleted
        CHECK(seen_by_one_who_joined_at(4) == 4);
        CHECK(seen_by_one_who_joined_at(5) == 4);  // 5 is lost
        CHECK(seen_by_one_who_joined_at(6) == 4);
        CHECK(seen_by_one_who_joined_at(9) == 4);
    }

    TEST_CASE_FIXTURE(Counted, "members who joined at different times each have their own count") {
        // Not in the order of joining.
        recorded.members = {{.id = UserId{"usr_late"}, .joined_number = 2},
                            {.id = ana_id},
                            {.id = UserId{"usr_last"}, .joined_number = 3},
                            {.id = bob_id, .joined_number = 1},
                            {.id = UserId{"usr_too"}, .joined_number = 2}};
        messages.push_back({.number = 4, .sender = UserId{"usr_late"}});
        receipts.push_back({.reader = UserId{"usr_too"}, .count = 1});
        std::string seen;
        for (const HeldMember& member : counted().members)
            seen += fmt::format("{} {}\n", member.id.to_string(), member.seen_count);
        CHECK(seen == "usr_late 3\nusr_ana 2\nusr_last 2\nusr_bob 2\nusr_too 3\n");
    }

    TEST_CASE_FIXTURE(Counted,
                      "what those wrote and read who have left counts for nobody's unread") {
        messages.push_back({.number = 4, .sender = UserId{"usr_gone"}});
        receipts.push_back({.reader = UserId{"usr_gone"}, .count = 1});
        CHECK(counted().counters.message_count == 3);
        CHECK(counted().members == recorded.members);
    }

    TEST_CASE_FIXTURE(Counted, "a run of agents is counted from the end, deleted messages too") {
        messages[0].by_agent = true;
        CHECK(counted().counters.agent_run == 0);
        messages[2].by_agent = true;
        CHECK(counted().counters.agent_run == 1);
        messages[1].by_agent = true;
        CHECK(counted().counters.agent_run == 3);
    }
}
