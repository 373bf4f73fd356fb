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
    ConversationContents contents{
        .messages = {{.number = 1, .sender = ana_id},
                     {.number = 2, .sender = ana_id},
                     {.number = 3, .sender = ana_id, .deleted = true}},
        .receipts = {{.reader = bob_id, .number = 1}, {.reader = bob_id, .number = 3}},
        .last_event = 6};

    [[nodiscard]] RecordedConversation counted() const { return recount(recorded, contents); }
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
        contents = {};
        CHECK(counted().counters.last_number == 8);
        CHECK(counted().counters.last_event == 20);
        CHECK(counted().counters.message_count == 0);
    }

    TEST_CASE_FIXTURE(Counted, "messages from before somebody joined are none of their unread") {
        recorded.members.push_back({.id = UserId{"usr_cleo"}, .joined_number = 1, .seen_count = 1});
        recorded.counters.member_count = 3;
        contents.receipts.push_back({.reader = UserId{"usr_cleo"}, .number = 1});
        CHECK(found() == "");
        contents.receipts.push_back({.reader = UserId{"usr_cleo"}, .number = 2});
        CHECK(counted().members[2].seen_count == 2);
    }

    TEST_CASE_FIXTURE(Counted, "somebody's own messages count once, with a receipt or without") {
        contents.receipts.push_back({.reader = ana_id, .number = 1});
        CHECK(found() == "");
    }

    TEST_CASE_FIXTURE(Counted,
                      "what those wrote and read who have left counts for nobody's unread") {
        contents.messages.push_back({.number = 4, .sender = UserId{"usr_gone"}});
        contents.receipts.push_back({.reader = UserId{"usr_gone"}, .number = 1});
        CHECK(counted().counters.message_count == 3);
        CHECK(counted().members == recorded.members);
    }

    TEST_CASE_FIXTURE(Counted, "a receipt without its message counts for nothing") {
        contents.messages.erase(contents.messages.begin());
        CHECK(counted().counters.message_count == 1);
        CHECK(counted().members[0].seen_count == 1);
        CHECK(counted().members[1].seen_count == 0);
    }

    TEST_CASE_FIXTURE(Counted, "a run of agents is counted from the end, deleted messages too") {
        contents.messages[0].by_agent = true;
        CHECK(counted().counters.agent_run == 0);
        contents.messages[2].by_agent = true;
        CHECK(counted().counters.agent_run == 1);
        contents.messages[1].by_agent = true;
        CHECK(counted().counters.agent_run == 3);
    }
}
