#include "conversations/talk.hpp"

#include <doctest/doctest.h>

using namespace lvng::crm;
using namespace lvng::crm::test;

namespace {

struct Reading : Talk {
    ConversationId id = group(ana(), {"usr_bob", "usr_cleo"});

    std::int64_t read(const Principal& who, const std::vector<MessageId>& ids) {
        return receipts.mark_read(who, id, ids);
    }
    std::vector<MessageId> send(const Principal& who, int count) {
        std::vector<MessageId> ids;
        for (int n = 0; n < count; ++n) ids.push_back(say(who, id, "x").id);
        return ids;
    }
    static MessageId nowhere(int n) {
        return MessageId{fmt::format("msg_00000000-0000-7000-8000-00000000ff{:02x}", n)};
    }
};

}  // namespace

TEST_SUITE("conversations.receipts") {

    TEST_CASE_FIXTURE(Reading, "unread are messages by others without a receipt") {
        const auto hers = send(ana(), 3);
        const auto his = send(bob(), 2);
        CHECK(unread(ana(), id) == 2);
        CHECK(unread(bob(), id) == 3);
        CHECK(unread(cleo(), id) == 5);
        CHECK(read(cleo(), {hers[1], his[0]}) == 2);
        CHECK(unread(cleo(), id) == 3);
        CHECK(unread(bob(), id) == 3);
        CHECK(read(cleo(), {hers[0], hers[1], hers[2], his[0], his[1]}) == 5);
        CHECK(unread(cleo(), id) == 0);
        send(ana(), 1);
        CHECK(unread(cleo(), id) == 1);
    }

    TEST_CASE_FIXTURE(Reading, "repeats, own, deleted and read messages are fine and count once") {
        const auto hers = send(ana(), 3);
        const auto his = send(bob(), 1);
        messages.remove(ana(), id, hers[2]);
        CHECK(read(bob(), {hers[0], hers[0], his[0], hers[2], hers[0]}) == 3);
        CHECK(unread(bob(), id) == 1);
        CHECK(read(bob(), {hers[0], his[0], hers[2]}) == 3);
        CHECK(unread(bob(), id) == 1);
        CHECK(read(bob(), {hers[0], hers[1]}) == 2);
        CHECK(unread(bob(), id) == 0);
    }

    TEST_CASE_FIXTURE(Reading, "only what was not read before is an event") {
        const auto hers = send(ana(), 3);
        const auto his = send(bob(), 1);
        CHECK(log(bob(), id, 5) == "");
        read(bob(), {his[0]});
        CHECK(log(bob(), id, 5) == "");
        read(bob(), {hers[2], hers[0], his[0], hers[0]});
        read(bob(), {hers[2], hers[0]});
        read(bob(), {hers[2], hers[1]});
        CHECK(log(bob(), id, 5) == "6 messages:read usr_bob 2\n7 messages:read usr_bob 1\n");
        const auto events = crm().events_since(ana(), id, 5);
        CHECK(std::get<MessagesRead>(events.at(0)).messages == std::vector{hers[0], hers[2]});
        CHECK(std::get<MessagesRead>(events.at(1)).messages == std::vector{hers[1]});
    }

    TEST_CASE_FIXTURE(Reading, "a call takes 1 to 500 distinct messages") {
        CHECK(refusal([&] { read(bob(), {}); }) == "invalid message_ids");
        auto ids = send(ana(), 501);
        CHECK(refusal([&] { read(bob(), ids); }) == "invalid message_ids");
        CHECK(unread(bob(), id) == 501);
        const MessageId last = ids.back();
        ids.back() = ids.front();
        CHECK(read(bob(), ids) == 500);
        CHECK(unread(bob(), id) == 1);
        CHECK(read(bob(), {last}) == 1);
        CHECK(unread(bob(), id) == 0);
    }

    TEST_CASE_FIXTURE(Reading, "one message of elsewhere and nothing is marked") {
        const ConversationId other = group(ana(), {"usr_bob"});
        const MessageId elsewhere = say(ana(), other, "x").id;
        const auto hers = send(ana(), 2);
        try {
            read(bob(), {hers[0], elsewhere, hers[1], nowhere(1)});
            FAIL("a message of elsewhere was marked");
        } catch (const Error& error) {
            CHECK(error.code() == ErrorCode::not_found);
            CHECK(error.fields() ==
                  std::vector<FieldError>{{"message_ids", elsewhere.to_string()},
                                          {"message_ids", nowhere(1).to_string()}});
        }
        CHECK(unread(bob(), id) == 2);
        CHECK(unread(bob(), other) == 1);
    }

    TEST_CASE_FIXTURE(Reading, "of many unknown messages ten are named") {
        std::vector<MessageId> ids;
        for (int n = 0; n < 30; ++n) ids.push_back(nowhere(n));
        std::string expected = "not_found";
        for (int n = 0; n < 10; ++n) expected += " message_ids";
        CHECK(refusal([&] { read(bob(), ids); }) == expected);
    }

    TEST_CASE_FIXTURE(Reading, "a deletion takes a message from those who had not read it") {
        const auto hers = send(ana(), 4);
        read(bob(), {hers[0], hers[1]});
        messages.remove(ana(), id, hers[0]);
        messages.remove(ana(), id, hers[2]);
        CHECK(unread(ana(), id) == 0);
        CHECK(unread(bob(), id) == 1);
        CHECK(unread(cleo(), id) == 2);
        // Reading a tombstone changes nothing, whichever came first.
        CHECK(read(cleo(), {hers[0], hers[2]}) == 2);
        CHECK(unread(cleo(), id) == 2);
        CHECK(unread(bob(), id) == 1);
    }

    TEST_CASE_FIXTURE(Reading,
                      "system messages are unread like any other, and edits change nothing") {
        const MessageId system =
            messages.send(ana(), id, {.content = "x", .type = MessageType::system}).id;
        CHECK(unread(bob(), id) == 1);
        CHECK(unread(ana(), id) == 0);
        read(bob(), {system});
        messages.edit(ana(), id, system, {.content = "y"});
        CHECK(unread(bob(), id) == 0);
        CHECK(unread(cleo(), id) == 1);
    }

    TEST_CASE_FIXTURE(Reading, "a receipt goes when its member goes") {
        const auto hers = send(ana(), 3);
        read(bob(), {hers[0]});
        leave(bob(), id);
        members.add(ana(), id, {.id = bob().user});
        CHECK(unread(bob(), id) == 0);
        // What was sent before is read already, so marking it is no news.
        const std::string events = log(ana(), id);
        CHECK(read(bob(), hers) == 3);
        CHECK(unread(bob(), id) == 0);
        CHECK(log(ana(), id) == events);
        send(ana(), 1);
        CHECK(unread(bob(), id) == 1);
        messages.remove(ana(), id, hers[0]);
        messages.remove(ana(), id, hers[1]);
        CHECK(unread(bob(), id) == 1);
        CHECK(unread(cleo(), id) == 2);
        CHECK(crm().check().miscounts.empty());
    }

    TEST_CASE_FIXTURE(Reading, "who sent, left and came back still does not count their own") {
        const auto his = send(bob(), 2);
        leave(bob(), id);
        members.add(ana(), id, {.id = bob().user});
        CHECK(unread(bob(), id) == 0);
        messages.remove(ana(), id, his[0]);
        CHECK(unread(bob(), id) == 0);
        const auto new_ones = send(bob(), 2);
        CHECK(unread(bob(), id) == 0);
        messages.remove(bob(), id, new_ones[0]);
        CHECK(unread(bob(), id) == 0);
        CHECK(unread(cleo(), id) == 2);
        CHECK(crm().check().miscounts.empty());
    }
}
