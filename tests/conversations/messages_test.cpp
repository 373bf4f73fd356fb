#include "conversations/talk.hpp"

#include <doctest/doctest.h>

#include <functional>

using namespace lvng::crm;
using namespace lvng::crm::test;

namespace {

std::string repeated(const std::string& text, std::size_t times) {
    std::string out;
    for (std::size_t n = 0; n < times; ++n) out += text;
    return out;
}

/// `3 c, 2 b more, cursor 2, total 3`: everything that a page says.
std::string shown(const MessagePage& page) {
    std::string out = test::shown(page.messages);
    if (page.has_more) out += " more";
    const auto number = [&](const MessageId& id) {
        for (const Message& message : page.messages)
            if (message.id == id) return std::to_string(message.number);
        return std::string{"elsewhere"};
    };
    if (page.cursor) out += " cursor " + number(*page.cursor);
    if (page.newer_cursor) out += " newer " + number(*page.newer_cursor);
    return out + fmt::format(" total {}", page.total);
}

struct Chat : Talk {
    ConversationId id = group(ana(), {"usr_bob"});

    std::string send(const NewMessage& draft) {
        return refusal([&] { messages.send(ana(), id, draft); });
    }
    std::string edit(const Principal& who, const MessageId& message,
                     const MessageChanges& changes) {
        return refusal([&] { messages.edit(who, id, message, changes); });
    }
    std::string remove(const Principal& who, const MessageId& message) {
        return refusal([&] { messages.remove(who, id, message); });
    }
    std::string page(const MessageQuery& query) { return shown(messages.list(bob(), id, query)); }
    std::string refused(const MessageQuery& query) {
        return refusal([&] { static_cast<void>(messages.list(bob(), id, query)); });
    }
    /// Messages `a`, `b`, … by Ana.
    std::vector<MessageId> letters(int count) {
        std::vector<MessageId> ids;
        for (int n = 0; n < count; ++n)
            ids.push_back(say(ana(), id, std::string(1, static_cast<char>('a' + n))).id);
        return ids;
    }
};

}  // namespace

TEST_SUITE("conversations.messages") {

    TEST_CASE_FIXTURE(Chat, "a message comes back as it was sent") {
        pass();
        const Message sent = messages.send(
            ana(), id, {.content = " two\nlines ", .metadata = json(R"({"a": [1, 2]})")});
        CHECK(messages.list(bob(), id).messages == std::vector{sent});
        CHECK(sent.conversation_id == id);
        CHECK(sent.number == 1);
        CHECK(sent.user_id == ana().user);
        CHECK(sent.content == " two\nlines ");
        CHECK(sent.type == MessageType::user);
        CHECK(sent.parent_message_id == std::nullopt);
        CHECK(sent.metadata.text() == R"({"a":[1,2]})");
        CHECK(sent.created_at == clock().now());
        CHECK(sent.updated_at == clock().now());
        CHECK(sent.edited_at == std::nullopt);
        CHECK(sent.deleted_at == std::nullopt);
    }

    TEST_CASE_FIXTURE(Chat,
                      "every conversation numbers its messages from 1, a refusal takes none") {
        const ConversationId other = group(bob(), {"usr_ana"});
        CHECK(say(ana(), id, "a").number == 1);
        CHECK(say(bob(), other, "b").number == 1);
        CHECK(send({.content = " "}) == "invalid content");
        CHECK(refusal([&] {
                  messages.send(bob(), id, {.content = "x", .type = MessageType::system});
              }) == "forbidden");
        CHECK(say(bob(), id, "c").number == 2);
    }

    TEST_CASE_FIXTURE(Chat, "every bad field of a message is named at once") {
        const auto metadata = [](std::size_t bytes) {
            return json(fmt::format(R"({{"a": "{}"}})", std::string(bytes - 8, 'x')));
        };
        CHECK(send({.content = "", .metadata = metadata(16'385)}) == "invalid content metadata");
        CHECK(bad_fields(NewMessage{.content = "\u3000\n"}).size() == 1);
        for (const std::string& bad :
             {std::string{}, std::string{" \n\t"}, std::string{"\u2003"}, std::string("a\0b", 3),
              std::string{"\xc3("}, repeated("\U0001F600", 40'001)}) {
            CHECK(send({.content = bad}) == "invalid content");
        }
        CHECK(send({.content = repeated("\U0001F600", 40'000), .metadata = metadata(16'384)}) ==
              "nothing");
        CHECK(send({.content = "a\x01\n"}) == "nothing");
    }

    TEST_CASE_FIXTURE(Chat, "the type of a message is its sender's unless it is given") {
        members.add(ana(), id, {.id = UserId{"twn_t"}, .type = MemberType::twin});
        members.add(ana(), id, {.id = UserId{"agt_a"}, .type = MemberType::agent});
        CHECK(say(person("twn_t"), id, "x").type == MessageType::twin);
        CHECK(say(person("agt_a"), id, "x").type == MessageType::agent);
        const auto send_as = [&](const Principal& who, MessageType type) {
            return messages.send(who, id, {.content = "x", .type = type}).type;
        };
        CHECK(send_as(bob(), MessageType::twin) == MessageType::twin);
        CHECK(send_as(person("twn_t"), MessageType::user) == MessageType::user);
        CHECK(send_as(ana(), MessageType::system) == MessageType::system);
        CHECK(refusal([&] { send_as(bob(), MessageType::system); }) == "forbidden");
    }

    TEST_CASE_FIXTURE(Chat, "a message answers one of the same conversation, a tombstone too") {
        const ConversationId other = group(ana(), {"usr_bob"});
        const MessageId elsewhere = say(ana(), other, "elsewhere").id;
        const MessageId here = say(bob(), id, "here").id;
        CHECK(send({.content = "x", .parent_message_id = elsewhere}) == "not_found");
        CHECK(send({.content = "x",
                    .parent_message_id = MessageId{"msg_00000000-0000-7000-8000-0000000000ff"}}) ==
              "not_found");
        CHECK(messages.send(ana(), id, {.content = "x", .parent_message_id = here})
                  .parent_message_id == here);
        messages.remove(bob(), id, here);
        CHECK(send({.content = "x", .parent_message_id = here}) == "nothing");
        CHECK(messages.list(bob(), id).messages.at(0).parent_message_id == here);
    }

    TEST_CASE_FIXTURE(Chat, "pages go from the newest to the oldest and back") {
        const auto ids = letters(5);
        CHECK(page({}) == "5 e, 4 d, 3 c, 2 b, 1 a total 5");
        CHECK(page({.limit = 5}) == "5 e, 4 d, 3 c, 2 b, 1 a total 5");
        CHECK(page({.limit = 2}) == "5 e, 4 d more cursor 4 total 5");
        CHECK(page({.limit = 2, .cursor = ids[3]}) == "3 c, 2 b more cursor 2 total 5");
        CHECK(page({.limit = 2, .cursor = ids[1]}) == "1 a total 5");
        CHECK(page({.limit = 2, .cursor = ids[0]}) == " total 5");
        CHECK(page({.limit = 2, .direction = PageDirection::newer}) ==
              "1 a, 2 b more cursor 2 total 5");
        CHECK(page({.limit = 3, .cursor = ids[1], .direction = PageDirection::newer}) ==
              "3 c, 4 d, 5 e total 5");
        CHECK(page({.limit = 3, .cursor = ids[4], .direction = PageDirection::newer}) ==
              " total 5");
    }

    TEST_CASE_FIXTURE(Chat, "an empty conversation has one empty page") {
        CHECK(page({}) == " total 0");
        CHECK(page({.direction = PageDirection::newer}) == " total 0");
        CHECK(page({.search = "a"}) == " total 0");
    }

    TEST_CASE_FIXTURE(Chat, "a page is read again after any change, by whichever member") {
        const Message one = say(ana(), id, "one");
        ListVersion known;
        const auto has_changed = [&](const MessageQuery& query = {}) {
            const bool changed = messages.list_if_changed(bob(), known, id, query).has_value();
            known = messages.list(ana(), id, query).version;
            return changed;
        };
        CHECK(has_changed());
        CHECK_FALSE(has_changed());
        CHECK_FALSE(has_changed({.around = one.id}));
        CHECK_FALSE(has_changed({.search = "o"}));
        say(bob(), id, "two");
        CHECK(has_changed({.search = "o"}));
        messages.edit(ana(), id, one.id, {.metadata = json(R"({"a":1})")});
        CHECK(has_changed());
        messages.remove(ana(), id, one.id);
        CHECK(has_changed());
        messages.remove(ana(), id, one.id);  // once more
        CHECK_FALSE(has_changed());
    }

    TEST_CASE_FIXTURE(Chat, "knowing how a list was opens it to nobody") {
        const ListVersion now = messages.list(ana(), id).version;
        CHECK(refusal([&] { static_cast<void>(messages.list_if_changed(stranger(), now, id)); }) ==
              "not_found");
        CHECK(refusal([&] {
                  static_cast<void>(messages.list_if_changed(ana(), now, id, {.limit = 0}));
              }) == "invalid limit");
        leave(bob(), id);
        CHECK(refusal([&] { static_cast<void>(messages.list_if_changed(bob(), now, id)); }) ==
              "not_found");
    }

    TEST_CASE_FIXTURE(Chat, "a cursor stays good while messages come and go, its own too") {
        const auto ids = letters(5);
        const MessagePage first = messages.list(bob(), id, {.limit = 2});
        REQUIRE(first.cursor == ids[3]);
        messages.remove(ana(), id, ids[3]);
        messages.remove(ana(), id, ids[1]);
        say(bob(), id, "f");
        CHECK(page({.limit = 2, .cursor = first.cursor}) ==
              "3 c, 2 (deleted) more cursor 2 total 4");
        CHECK(page({.limit = 9, .cursor = first.cursor, .direction = PageDirection::newer}) ==
              "5 e, 6 f total 4");
    }

    TEST_CASE_FIXTURE(Chat, "a page has 1 to 200 messages") {
        for (const std::int64_t bad : {0L, -1L, 201L})
            CHECK(refused({.limit = bad}) == "invalid limit");
        CHECK(refused({.limit = 200}) == "nothing");
        for (int n = 0; n < 201; ++n) say(ana(), id, "x");
        const MessagePage full = messages.list(bob(), id, {.limit = 200});
        CHECK(full.messages.size() == 200);
        CHECK(full.has_more);
        CHECK(messages.list(bob(), id, {.limit = 200, .cursor = full.cursor}).messages.size() == 1);
        CHECK(messages.list(bob(), id).messages.size() == 50);
    }

    TEST_CASE_FIXTURE(Chat, "a cursor of another conversation or of none is refused") {
        const ConversationId other = group(ana(), {"usr_bob"});
        const MessageId elsewhere = say(ana(), other, "elsewhere").id;
        letters(2);
        for (const MessageId& bad :
             {elsewhere, MessageId{"msg_00000000-0000-7000-8000-0000000000ff"}}) {
            CHECK(refused({.cursor = bad}) == "invalid cursor");
            CHECK(refused({.cursor = bad, .direction = PageDirection::newer}) == "invalid cursor");
            CHECK(refused({.cursor = bad, .search = "a"}) == "invalid cursor");
            CHECK(refused({.around = bad}) == "invalid around");
        }
    }

    TEST_CASE_FIXTURE(Chat, "a page around a message has half of itself on each side") {
        const auto ids = letters(9);
        CHECK(page({.limit = 3, .around = ids[4]}) ==
              "6 f, 5 e, 4 d more cursor 4 newer 6 total 9");
        CHECK(page({.limit = 1, .around = ids[4]}) == "5 e more cursor 5 newer 5 total 9");
        messages.remove(ana(), id, ids[4]);
        CHECK(page({.limit = 5, .around = ids[4]}) ==
              "7 g, 6 f, 5 (deleted), 4 d, 3 c more cursor 3 newer 7 total 8");
        CHECK(page({.limit = 200, .around = ids[4]}) ==
              "9 i, 8 h, 7 g, 6 f, 5 (deleted), 4 d, 3 c, 2 b, 1 a total 8");
    }

    TEST_CASE_FIXTURE(Chat, "a page around a message goes on in both directions without a gap") {
        const auto ids = letters(20);
        for (const MessageId& middle : ids) {
            for (const std::int64_t limit : {1, 2, 3, 4, 7}) {
                MessagePage around = messages.list(bob(), id, {.limit = limit, .around = middle});
                CHECK(around.has_more == around.cursor.has_value());
                std::vector<std::int64_t> numbers;
                for (auto at = around.messages.rbegin(); at != around.messages.rend(); ++at)
                    numbers.push_back(at->number);
                for (auto older = around.cursor; older;) {
                    const MessagePage next =
                        messages.list(bob(), id, {.limit = 3, .cursor = older});
                    for (const Message& message : next.messages)
                        numbers.insert(numbers.begin(), message.number);
                    older = next.cursor;
                }
                for (auto newer = around.newer_cursor; newer;) {
                    const MessagePage next = messages.list(
                        bob(), id,
                        {.limit = 3, .cursor = newer, .direction = PageDirection::newer});
                    for (const Message& message : next.messages) numbers.push_back(message.number);
                    newer = next.cursor;
                }
                REQUIRE(numbers.size() == 20);
                for (std::size_t n = 0; n < 20; ++n)
                    REQUIRE(numbers[n] == static_cast<std::int64_t>(n + 1));
            }
        }
    }

    TEST_CASE_FIXTURE(Chat, "around goes with no cursor, no direction and no search") {
        const auto ids = letters(3);
        for (const MessageQuery& bad :
             {MessageQuery{.cursor = ids[0], .around = ids[1]},
              MessageQuery{.direction = PageDirection::newer, .around = ids[1]},
              MessageQuery{.around = ids[1], .search = "a"}}) {
            CHECK(refused(bad).starts_with("invalid"));
        }
        CHECK(refused({.around = ids[1], .search = " "}) == "nothing");
    }

    TEST_CASE_FIXTURE(Chat, "a search finds parts of contents without case and in any spelling") {
        say(ana(), id, "Stra\u00dfe nach Z\u00fcrich");
        say(bob(), id, "100% _\\ done");
        say(ana(), id, "STRASSE");
        const Message gone = say(ana(), id, "strasse, deleted");
        messages.remove(ana(), id, gone.id);
        CHECK(page({.search = "strasse"}) == "3 STRASSE, 1 Stra\u00dfe nach Z\u00fcrich total 2");
        CHECK(page({.direction = PageDirection::newer, .search = "zu\u0308RICH"}) ==
              "1 Stra\u00dfe nach Z\u00fcrich total 1");
        CHECK(page({.search = "% _\\ D"}) == "2 100% _\\ done total 1");
        CHECK(page({.search = "%"}) == "2 100% _\\ done total 1");
        CHECK(page({.search = "nothing like it"}) == " total 0");
        CHECK(page({.search = " \t"}) == page({}));
        CHECK(refused({.search = "\xc3("}) == "invalid search");
    }

    TEST_CASE_FIXTURE(Chat, "a search is paged like everything else, its total is what it found") {
        const auto ids = letters(3);
        for (int n = 0; n < 4; ++n) {
            say(ana(), id, "needle");
            say(ana(), id, "hay");
        }
        CHECK(page({.limit = 2, .search = "needle"}) ==
              "10 needle, 8 needle more cursor 8 total 4");
        const MessagePage first = messages.list(bob(), id, {.limit = 2, .search = "needle"});
        messages.remove(ana(), id, *first.cursor);
        CHECK(page({.limit = 2, .cursor = first.cursor, .search = "needle"}) ==
              "6 needle, 4 needle total 3");
        // Any message of the conversation is a place to start from.
        CHECK(page({.limit = 2,
                    .cursor = ids[0],
                    .direction = PageDirection::newer,
                    .search = "needle"}) == "4 needle, 6 needle more cursor 6 total 3");
    }

    TEST_CASE_FIXTURE(Chat, "a sender edits content and metadata") {
        const Message sent =
            messages.send(ana(), id, {.content = "Tyop", .metadata = json(R"({"a":1})")});
        pass();
        const Message edited = messages.edit(ana(), id, sent.id, {.content = " Typo "});
        Message expected = sent;
        expected.content = " Typo ";
        expected.updated_at = clock().now();
        expected.edited_at = clock().now();
        CHECK(edited == expected);
        CHECK(messages.list(bob(), id).messages == std::vector{edited});
        CHECK(page({.search = "typo"}) == "1  Typo  total 1");
        CHECK(page({.search = "tyop"}) == " total 0");
        pass();
        CHECK(messages.edit(ana(), id, sent.id, {.metadata = clear}).metadata.text() == "{}");
        CHECK(messages.edit(ana(), id, sent.id, {.metadata = json(R"({"b":2})")}).metadata.text() ==
              R"({"b":2})");
        CHECK(messages.list(bob(), id).messages[0].edited_at == clock().now());
        CHECK(page({.search = "typo"}) == "1  Typo  total 1");
    }

    TEST_CASE_FIXTURE(Chat, "an edit of nothing is none") {
        const Message sent = say(ana(), id, "same");
        const std::string events = log(ana(), id);
        pass();
        CHECK(messages.edit(ana(), id, sent.id, {}) == sent);
        CHECK(messages.edit(ana(), id, sent.id, {.content = "same", .metadata = clear}) == sent);
        CHECK(messages.list(bob(), id).messages == std::vector{sent});
        CHECK(log(ana(), id) == events);
    }

    TEST_CASE_FIXTURE(Chat, "an edit is refused by its fields, by its sender and by a tombstone") {
        const Message sent = say(bob(), id, "mine");
        const ConversationId other = group(bob(), {"usr_ana"});
        CHECK(edit(bob(), sent.id, {.content = clear}) == "invalid content");
        CHECK(edit(bob(), sent.id, {.content = " "}) == "invalid content");
        CHECK(edit(bob(), sent.id,
                   {.content = repeated("x", 40'001),
                    .metadata = json(R"({"a":")" + std::string(16'384, 'x') + R"("})")}) ==
              "invalid content metadata");
        CHECK(edit(ana(), sent.id, {.content = "yours"}) == "forbidden");
        CHECK(edit(ana(), sent.id, {}) == "forbidden");
        CHECK(edit(bob(), MessageId{"msg_00000000-0000-7000-8000-0000000000ff"},
                   {.content = "x"}) == "not_found");
        CHECK(refusal([&] { messages.edit(bob(), other, sent.id, {.content = "x"}); }) ==
              "not_found");
        messages.remove(bob(), id, sent.id);
        CHECK(edit(bob(), sent.id, {.content = "back"}) == "conflict");
        CHECK(everything(ana(), id) == "1 (deleted)");
    }

    TEST_CASE_FIXTURE(Chat, "a deleted message leaves a tombstone in its place") {
        const Message sent =
            messages.send(bob(), id, {.content = "gone", .metadata = json(R"({"a":1})")});
        const Message edited = messages.edit(bob(), id, sent.id, {.content = "gone soon"});
        say(ana(), id, "stays");
        pass();
        messages.remove(bob(), id, sent.id);
        Message tombstone = edited;
        tombstone.content = "";
        tombstone.metadata = {};
        tombstone.updated_at = clock().now();
        tombstone.deleted_at = clock().now();
        CHECK(messages.list(ana(), id).messages.at(1) == tombstone);
        CHECK(page({}) == "2 stays, 1 (deleted) total 1");
        CHECK(say(ana(), id, "next").number == 3);
        // Again changes nothing.
        const std::string events = log(ana(), id);
        pass();
        CHECK(remove(bob(), sent.id) == "nothing");
        CHECK(remove(ana(), sent.id) == "nothing");
        CHECK(messages.list(ana(), id).messages.at(2) == tombstone);
        CHECK(log(ana(), id) == events);
    }

    TEST_CASE_FIXTURE(Chat, "an admin deletes anybody's message, a member their own") {
        const Message hers = say(ana(), id, "hers");
        const Message his = say(bob(), id, "his");
        CHECK(remove(bob(), hers.id) == "forbidden");
        CHECK(remove(ana(), his.id) == "nothing");
        CHECK(remove(ana(), MessageId{"msg_00000000-0000-7000-8000-0000000000ff"}) == "not_found");
        const ConversationId other = group(ana(), {"usr_bob"});
        CHECK(refusal([&] { messages.remove(ana(), other, hers.id); }) == "not_found");
        CHECK(everything(bob(), id) == "1 hers, 2 (deleted)");
        messages.remove(ana(), id, hers.id);
        CHECK(remove(bob(), hers.id) == "forbidden");
    }

    TEST_CASE_FIXTURE(Chat, "who left can't touch their messages, and can after coming back") {
        const Message his = say(bob(), id, "his");
        leave(bob(), id);
        CHECK(edit(bob(), his.id, {.content = "x"}) == "not_found");
        CHECK(remove(bob(), his.id) == "not_found");
        members.add(ana(), id, {.id = bob().user});
        CHECK(edit(bob(), his.id, {.content = "his own"}) == "nothing");
        CHECK(remove(bob(), his.id) == "nothing");
    }
}

TEST_SUITE("conversations.agents") {

    TEST_CASE_FIXTURE(Chat, "without a bound twins and agents go on") {
        members.add(ana(), id, {.id = UserId{"agt_a"}, .type = MemberType::agent});
        for (int n = 0; n < 50; ++n) say(person("agt_a"), id, "x");
        CHECK(messages.list(ana(), id).total == 50);
    }

    TEST_CASE_FIXTURE(Chat, "beyond the bound twins and agents wait for somebody else") {
        const Principal twin = person("twn_t");
        const Principal agent = person("agt_a");
        members.add(ana(), id, {.id = twin.user, .type = MemberType::twin});
        members.add(ana(), id, {.id = agent.user, .type = MemberType::agent});
        conversations.update(ana(), id, {.settings = json(R"({"agent_run_limit": 3})")});
        const auto send_as = [&](const Principal& who, std::optional<MessageType> type = {}) {
            return refusal([&] { messages.send(who, id, {.content = "x", .type = type}); });
        };
        CHECK(send_as(twin) == "nothing");
        CHECK(send_as(agent, MessageType::user) == "nothing");
        CHECK(send_as(ana(), MessageType::twin) == "nothing");
        CHECK(send_as(twin) == "conflict");
        CHECK(send_as(agent, MessageType::user) == "conflict");
        CHECK(send_as(ana(), MessageType::agent) == "conflict");
        // Neither a deletion nor an edit makes room.
        for (const Message& message : messages.list(ana(), id).messages)
            messages.remove(ana(), id, message.id);
        CHECK(send_as(twin) == "conflict");
        CHECK(send_as(ana(), MessageType::system) == "nothing");
        CHECK(send_as(twin) == "nothing");
        CHECK(send_as(bob()) == "nothing");
        for (int n = 0; n < 3; ++n) CHECK(send_as(agent) == "nothing");
        CHECK(send_as(agent) == "conflict");
        // Without the setting there is no bound, with 0 neither.
        conversations.update(ana(), id, {.settings = json(R"({"agent_run_limit": 0})")});
        CHECK(send_as(agent) == "nothing");
        conversations.update(ana(), id, {.settings = json(R"({"agent_run_limit": 5})")});
        CHECK(send_as(agent) == "nothing");
        CHECK(send_as(agent) == "conflict");
        conversations.update(ana(), id, {.settings = clear});
        CHECK(send_as(agent) == "nothing");
    }

    TEST_CASE("the bound of the host holds where the settings say nothing") {
        Crm crm{fresh_store(), {.timeout = std::chrono::seconds{30}, .agent_run_limit = 2}};
        const Principal agent = person("agt_a");
        const auto room = [&](std::string_view settings) {
            return crm.conversations()
                .create(agent, {.members = {{.id = ana().user},
                                            {.id = agent.user, .type = MemberType::agent}},
                                .settings = json(settings)})
                .conversation.id;
        };
        /// How many messages in a row the agent gets through, of five.
        const auto run = [&](const ConversationId& where) {
            int sent = 0;
            for (int n = 0; n < 5; ++n)
                sent += refusal([&] { crm.messages().send(agent, where, {.content = "x"}); }) ==
                                "nothing"
                            ? 1
                            : 0;
            return sent;
        };
        CHECK(run(room("{}")) == 2);
        CHECK(run(room(R"({"agent_run_limit": 4})")) == 4);
        CHECK(run(room(R"({"agent_run_limit": 0})")) == 5);
        CHECK(run(room(R"({"agent_run_limit": null})")) == 2);
    }
}
