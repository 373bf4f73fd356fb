#include "conversations/talk.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace lvng::crm;
using namespace lvng::crm::test;

namespace {

std::string repeated(const std::string& text, std::size_t times) {
    std::string out;
    for (std::size_t n = 0; n < times; ++n) out += text;
    return out;
}

struct Room : Talk {
    std::string create(const NewConversation& draft) {
        return refusal([&] { conversations.create(ana(), draft); });
    }
    std::string update(const ConversationId& id, const ConversationChanges& changes) {
        return refusal([&] { conversations.update(ana(), id, changes); });
    }
};

}  // namespace

TEST_SUITE("conversations.conversations") {

    TEST_CASE_FIXTURE(Room, "a conversation comes back as it was created") {
        const OpenedConversation opened =
            conversations.create(ana(), {.type = ConversationType::project,
                                         .members = users({"usr_bob", "usr_cleo"}),
                                         .name = " Alpha ",
                                         .description = " two\nlines ",
                                         .project_id = ProjectId{"proj_1"},
                                         .settings = json(R"({"color": "red"})")});
        CHECK(opened.created);
        CHECK(look(ana(), opened.conversation.id) == opened.conversation);
        CHECK(look(bob(), opened.conversation.id) == opened.conversation);
        CHECK(opened.conversation.name == "Alpha");
        CHECK(opened.conversation.description == " two\nlines ");
        CHECK(opened.conversation.settings.text() == R"({"color":"red"})");
        CHECK(opened.conversation.member_count == 3);
        CHECK(opened.conversation.created_by == ana().user);
        CHECK(opened.conversation.created_at == clock().now());
        CHECK(opened.conversation.updated_at == clock().now());
        CHECK_FALSE(opened.conversation.is_archived);
        CHECK(people(bob(), opened.conversation.id) ==
              "usr_ana admin user, usr_bob member user, usr_cleo member user");
    }

    TEST_CASE_FIXTURE(Room, "a blank name is absent and so is everything that was not given") {
        const Conversation made = look(ana(), group(ana(), {"usr_bob"}, "\u3000"));
        CHECK(made.name == std::nullopt);
        CHECK(made.description == std::nullopt);
        CHECK(made.project_id == std::nullopt);
        CHECK(made.parent_message_id == std::nullopt);
        CHECK(made.settings.text() == "{}");
    }

    TEST_CASE_FIXTURE(Room, "every bad field of a new conversation is named at once") {
        const NewConversation bad{.members = {{.id = ana().user}},
                                  .name = "a\nb",
                                  .description = std::string("a\0b", 3),
                                  .settings = json(R"({"agent_run_limit": -1})")};
        CHECK(create(bad) == "invalid member_ids name description settings");
        CHECK(bad_fields(bad, ana().user).size() == 4);
        CHECK(list(ana()) == "0");
    }

    TEST_CASE_FIXTURE(Room, "limits count code points and compact bytes, one more is refused") {
        const auto bob_too = users({"usr_bob"});
        const std::string wide = "\u00e9";
        CHECK(create({.members = bob_too, .name = repeated(wide, 200)}) == "nothing");
        CHECK(create({.members = bob_too, .name = ' ' + repeated(wide, 200)}) == "nothing");
        CHECK(create({.members = bob_too, .name = repeated(wide, 201)}) == "invalid name");
        CHECK(create({.members = bob_too, .description = repeated(wide, 2'000)}) == "nothing");
        CHECK(create({.members = bob_too, .description = repeated(wide, 2'001)}) ==
              "invalid description");
        const auto settings = [](std::size_t bytes) {
            return json(fmt::format(R"({{"a": "{}"}})", std::string(bytes - 8, 'x')));
        };
        CHECK(settings(16'384).text().size() == 16'384);
        CHECK(create({.members = bob_too, .settings = settings(16'384)}) == "nothing");
        CHECK(create({.members = bob_too, .settings = settings(16'385)}) == "invalid settings");
        CHECK(create({.members = bob_too, .name = "\xc3(", .description = "\xc3("}) ==
              "invalid name description");
    }

    TEST_CASE_FIXTURE(Room, "the bound on agents in the settings is a whole number from 0") {
        const auto with = [&](const std::string& limit) {
            return create({.members = users({"usr_bob"}),
                           .settings = json(R"({"agent_run_limit": )" + limit + "}")});
        };
        CHECK(with("0") == "nothing");
        CHECK(with("7") == "nothing");
        CHECK(with("1000000000") == "nothing");
        for (const char* bad : {"1000000001", "-1", "1.5", "\"3\"", "true", "[]"})
            CHECK(with(bad) == "invalid settings");
    }

    TEST_CASE_FIXTURE(Room, "members are counted without the caller and without repeats") {
        CHECK(create({.members = {}}) == "invalid member_ids");
        CHECK(create({.members = users({"usr_ana", "usr_ana"})}) == "invalid member_ids");
        std::vector<NewMember> many{{.id = ana().user}};
        for (int n = 0; n < 1000; ++n) many.push_back({.id = UserId{fmt::format("usr_{}", n)}});
        many.push_back(many.back());
        const Conversation full = conversations.create(ana(), {.members = many}).conversation;
        CHECK(full.member_count == 1001);
        CHECK(members.list(ana(), full.id).size() == 1001);
        many.push_back({.id = UserId{"usr_more"}});
        CHECK(create({.members = many}) == "invalid member_ids");
    }

    TEST_CASE_FIXTURE(Room,
                      "of a repeated member the first type counts, and the caller may say theirs") {
        const ConversationId id =
            conversations
                .create(ana(), {.members = {{.id = UserId{"twn_t"}, .type = MemberType::twin},
                                            {.id = UserId{"twn_t"}, .type = MemberType::agent},
                                            {.id = ana().user, .type = MemberType::agent},
                                            {.id = bob().user}}})
                .conversation.id;
        CHECK(people(ana(), id) == "twn_t member twin, usr_ana admin agent, usr_bob member user");
    }

    TEST_CASE_FIXTURE(Room, "a direct conversation has exactly one other member") {
        CHECK(create({.type = ConversationType::direct}) == "invalid member_ids");
        CHECK(create({.type = ConversationType::direct, .members = users({"usr_ana"})}) ==
              "invalid member_ids");
        CHECK(create({.type = ConversationType::direct,
                      .members = users({"usr_bob", "usr_cleo"})}) == "invalid member_ids");
        CHECK(create({.type = ConversationType::direct,
                      .members = users({"usr_ana", "usr_bob", "usr_bob"})}) == "nothing");
    }

    TEST_CASE_FIXTURE(Room, "a second direct conversation of a pair is the first, as it is") {
        const OpenedConversation first = conversations.create(
            ana(),
            {.type = ConversationType::direct, .members = users({"usr_bob"}), .name = "First"});
        CHECK(first.created);
        pass();
        const NewConversation again{.type = ConversationType::direct,
                                    .members = {{.id = ana().user, .type = MemberType::twin}},
                                    .name = "Second",
                                    .settings = json(R"({"a":1})")};
        const OpenedConversation second = conversations.create(bob(), again);
        CHECK_FALSE(second.created);
        CHECK(second.conversation == first.conversation);
        CHECK(people(bob(), first.conversation.id) == "usr_ana admin user, usr_bob member user");
        CHECK(log(ana(), first.conversation.id) == "1 conversation:created usr_ana usr_bob\n");
        // Validated it is all the same.
        NewConversation bad = again;
        bad.name = "a\nb";
        CHECK(refusal([&] { conversations.create(bob(), bad); }) == "invalid name");
    }

    TEST_CASE_FIXTURE(Room, "a project or a parent makes a direct conversation of its own") {
        const ConversationId first = direct(ana(), bob());
        const Message hello = say(ana(), first, "hello");
        const NewConversation draft{.type = ConversationType::direct,
                                    .members = users({"usr_bob"})};
        NewConversation in_project = draft;
        in_project.project_id = ProjectId{"proj_1"};
        NewConversation beside = draft;
        beside.parent_message_id = hello.id;
        std::set<ConversationId> ids{first};
        for (const NewConversation& other : {in_project, in_project, beside, beside}) {
            const OpenedConversation opened = conversations.create(ana(), other);
            CHECK(opened.created);
            ids.insert(opened.conversation.id);
        }
        CHECK(ids.size() == 5);
        CHECK(direct(bob(), ana()) == first);
    }

    TEST_CASE_FIXTURE(Room, "the same pair in another organisation has a conversation of its own") {
        const ConversationId here = direct(ana(), bob());
        const ConversationId there = direct(other_ana(), bob());
        CHECK(here != there);
        CHECK(refusal([&] { look(other_ana(), here); }) == "not_found");
        CHECK(list(other_ana()) == "-,1");
    }

    TEST_CASE_FIXTURE(Room,
                      "a side that had left a direct conversation is a member again as of now") {
        const ConversationId id =
            conversations
                .create(ana(), {.type = ConversationType::direct,
                                .members = {{.id = bob().user, .type = MemberType::twin}}})
                .conversation.id;
        say(ana(), id, "before");
        leave(bob(), id);
        say(ana(), id, "meanwhile");
        pass();
        SUBCASE("by the other side") {
            CHECK(direct(ana(), bob()) == id);
        }
        SUBCASE("by its own call") {
            CHECK(direct(bob(), ana()) == id);
        }
        CHECK(people(bob(), id) == "usr_ana admin user, usr_bob member twin");
        CHECK(members.list(bob(), id)[1].joined_at == clock().now());
        CHECK(unread(bob(), id) == 0);
        CHECK(everything(bob(), id) == "1 before, 2 meanwhile");
        say(ana(), id, "after");
        CHECK(unread(bob(), id) == 1);
        CHECK(look(ana(), id).member_count == 2);
    }

    TEST_CASE_FIXTURE(Room, "the creator who left a direct conversation comes back as a member") {
        const ConversationId id = direct(ana(), bob());
        leave(ana(), id);
        CHECK(people(bob(), id) == "usr_bob admin user");
        pass();
        CHECK(direct(ana(), bob()) == id);
        CHECK(people(bob(), id) == "usr_bob admin user, usr_ana member user");
        CHECK(log(ana(), id) == "1 conversation:created usr_ana usr_bob\n"
                                "2 member:removed usr_ana user by usr_ana\n"
                                "3 member:added usr_ana user by usr_ana\n");
    }

    TEST_CASE_FIXTURE(Room, "a pair whose direct conversation is gone makes a new one") {
        const ConversationId first = direct(ana(), bob());
        SUBCASE("deleted") {
            CHECK(conversations.remove(ana(), first) == ConversationEnd::deleted);
        }
        SUBCASE("left by both") {
            leave(ana(), first);
            leave(bob(), first);
        }
        const OpenedConversation second = conversations.create(
            bob(), {.type = ConversationType::direct, .members = users({"usr_ana"})});
        CHECK(second.created);
        CHECK(second.conversation.id != first);
        CHECK(people(ana(), second.conversation.id) == "usr_ana member user, usr_bob admin user");
    }

    TEST_CASE_FIXTURE(Room, "the parent of a conversation is a message that the creator can see") {
        const ConversationId theirs = group(bob(), {"usr_cleo"});
        const ConversationId ours = group(ana(), {"usr_bob"});
        const MessageId unseen = say(bob(), theirs, "between us").id;
        const MessageId seen = say(bob(), ours, "for all").id;
        const auto beside = [&](const MessageId& parent) {
            return create({.members = users({"usr_cleo"}), .parent_message_id = parent});
        };
        CHECK(beside(unseen) == "not_found");
        CHECK(beside(MessageId{"msg_00000000-0000-7000-8000-0000000000ff"}) == "not_found");
        CHECK(beside(seen) == "nothing");
        messages.remove(bob(), ours, seen);
        CHECK(beside(seen) == "nothing");
        leave(ana(), ours);
        CHECK(beside(seen) == "not_found");
    }

    TEST_CASE_FIXTURE(Room, "whoever is no member finds nothing and changes nothing") {
        const ConversationId id = group(ana(), {"usr_bob"}, "Ours");
        const Message hello = say(ana(), id, "hello");
        leave(bob(), id);
        const Conversation before = look(ana(), id);
        const std::string events = log(ana(), id);
        pass();
        for (const Principal& who : {stranger(), bob(), other_ana()}) {
            const std::vector<std::function<void()>> calls{
                [&] { look(who, id); },
                [&] { conversations.update(who, id, {.name = "Mine"}); },
                [&] { conversations.remove(who, id); },
                [&] { members.add(who, id, {.id = who.user}); },
                [&] { members.remove(who, id, ana().user); },
                [&] { members.remove(who, id, who.user); },
                [&] { static_cast<void>(members.list(who, id)); },
                [&] { say(who, id, "hi"); },
                [&] { static_cast<void>(messages.list(who, id)); },
                [&] { messages.edit(who, id, hello.id, {.content = "x"}); },
                [&] { messages.remove(who, id, hello.id); },
                [&] { receipts.mark_read(who, id, {hello.id}); },
                [&] { static_cast<void>(crm().events_since(who, id, 0)); }};
            for (const auto& call : calls) CHECK(refusal(call) == "not_found");
            CHECK(list(who) == "0");
        }
        CHECK(look(ana(), id) == before);
        CHECK(log(ana(), id) == events);
        CHECK(everything(ana(), id) == "1 hello");
    }

    TEST_CASE_FIXTURE(Room, "a principal without tenant or user is refused") {
        const ConversationId id = group(ana(), {"usr_bob"});
        for (const Principal& who :
             {Principal{.tenant = TenantId{"acme"}}, Principal{.user = UserId{"usr_ana"}}}) {
            CHECK(refusal([&] { group(who, {"usr_bob"}); }).starts_with("invalid"));
            CHECK(refusal([&] { look(who, id); }).starts_with("invalid"));
            CHECK(refusal([&] { say(who, id, "hi"); }).starts_with("invalid"));
            CHECK(
                refusal([&] { static_cast<void>(members.list(who, id)); }).starts_with("invalid"));
            CHECK(refusal([&] {
                      receipts.mark_read(who, id, {MessageId{}});
                  }).starts_with("invalid"));
        }
    }

    TEST_CASE_FIXTURE(Room, "an admin changes what was given and nothing else") {
        const ConversationId id = group(ana(), {"usr_bob"}, "Old");
        pass();
        const Conversation changed =
            conversations.update(ana(), id, {.name = " New ", .settings = json(R"({"a": 1})")});
        CHECK(changed.name == "New");
        CHECK(changed.settings.text() == R"({"a":1})");
        CHECK(changed.description == std::nullopt);
        CHECK(changed.updated_at == clock().now());
        CHECK(changed.created_at < changed.updated_at);
        CHECK(look(bob(), id) == changed);
        conversations.update(ana(), id, {.description = " d ", .settings = json(R"({"b": 2})")});
        CHECK(look(bob(), id).description == " d ");
        CHECK(look(bob(), id).settings.text() == R"({"b":2})");
        conversations.update(ana(), id, {.name = clear, .description = clear, .settings = clear});
        CHECK(look(bob(), id).name == std::nullopt);
        CHECK(look(bob(), id).description == std::nullopt);
        CHECK(look(bob(), id).settings.text() == "{}");
        CHECK(log(bob(), id) == "1 conversation:created usr_ana usr_bob\n"
                                "2 conversation:updated (no name)\n"
                                "3 conversation:updated (no name)\n"
                                "4 conversation:updated (no name)\n");
    }

    TEST_CASE_FIXTURE(Room, "a blank new name is none") {
        const ConversationId id = group(ana(), {"usr_bob"}, "Old");
        CHECK(conversations.update(ana(), id, {.name = " \t "}).name == std::nullopt);
    }

    TEST_CASE_FIXTURE(Room, "a change of nothing moves nothing") {
        const ConversationId id = group(ana(), {"usr_bob"}, "Same");
        conversations.update(ana(), id, {.settings = json(R"({"a": 1})")});
        const Conversation before = look(ana(), id);
        const std::string events = log(ana(), id);
        pass();
        CHECK(conversations.update(ana(), id, {}) == before);
        CHECK(conversations.update(ana(), id,
                                   {.name = " Same ",
                                    .description = clear,
                                    .is_archived = false,
                                    .settings = json(R"({"a":1})")}) == before);
        CHECK(look(ana(), id) == before);
        CHECK(log(ana(), id) == events);
    }

    TEST_CASE_FIXTURE(Room, "every bad field of a change is named at once") {
        const ConversationId id = group(ana(), {"usr_bob"});
        const ConversationChanges bad{.name = "a\x01",
                                      .description = std::string(2'001, 'd'),
                                      .is_archived = clear,
                                      .settings = json(R"({"agent_run_limit": "x"})")};
        CHECK(update(id, bad) == "invalid name description is_archived settings");
        CHECK(bad_fields(bad).size() == 4);
    }

    TEST_CASE_FIXTURE(Room, "a member may not change a conversation, not even nothing") {
        const ConversationId id = group(ana(), {"usr_bob"}, "Hers");
        const auto refused = [&](const ConversationChanges& changes) {
            return refusal([&] { conversations.update(bob(), id, changes); });
        };
        CHECK(refused({.name = "Mine"}) == "forbidden");
        CHECK(refused({}) == "forbidden");
        CHECK(refused({.name = "a\nb"}) == "invalid name");
        CHECK(look(ana(), id).name == "Hers");
    }

    TEST_CASE_FIXTURE(Room, "an archived conversation still takes messages and members") {
        const ConversationId id = group(ana(), {"usr_bob"});
        conversations.update(ana(), id, {.is_archived = true});
        say(bob(), id, "still here");
        CHECK(members.add(bob(), id, {.id = cleo().user}));
        CHECK(everything(cleo(), id) == "1 still here");
        CHECK(look(cleo(), id).is_archived);
    }

    TEST_CASE_FIXTURE(Room, "only changes and sent messages move the time of a conversation") {
        const ConversationId id = group(ana(), {"usr_bob"});
        pass();
        const Message hello = say(bob(), id, "hello");
        CHECK(look(ana(), id).updated_at == hello.created_at);
        pass();
        messages.edit(bob(), id, hello.id, {.content = "hallo"});
        receipts.mark_read(ana(), id, {hello.id});
        members.add(ana(), id, {.id = cleo().user});
        members.remove(ana(), id, cleo().user);
        messages.remove(bob(), id, hello.id);
        CHECK(look(ana(), id).updated_at == hello.created_at);
        conversations.update(ana(), id, {.is_archived = true});
        CHECK(look(ana(), id).updated_at == clock().now());
    }

    TEST_CASE_FIXTURE(Room, "an admin deletes a conversation with everything in it") {
        const ConversationId id = group(ana(), {"usr_bob"});
        const MessageId hello = say(bob(), id, "hello").id;
        receipts.mark_read(ana(), id, {hello});
        CHECK(conversations.remove(ana(), id) == ConversationEnd::deleted);
        for (const Principal& who : {ana(), bob()}) {
            CHECK(list(who, {.archived = true}) == "0");
            CHECK(refusal([&] { look(who, id); }) == "not_found");
            CHECK(refusal([&] { say(who, id, "x"); }) == "not_found");
            CHECK(refusal([&] { static_cast<void>(messages.list(who, id)); }) == "not_found");
            CHECK(refusal([&] { conversations.remove(who, id); }) == "not_found");
            CHECK(refusal([&] { members.add(who, id, {.id = who.user}); }) == "not_found");
        }
        // Nor can a message of it be the parent of another one.
        CHECK(create({.members = users({"usr_bob"}), .parent_message_id = hello}) == "not_found");
    }

    TEST_CASE_FIXTURE(Room, "a member who deletes a conversation leaves it") {
        const ConversationId id = group(ana(), {"usr_bob"});
        CHECK(conversations.remove(bob(), id) == ConversationEnd::left);
        CHECK(people(ana(), id) == "usr_ana admin user");
        CHECK(look(ana(), id).member_count == 1);
        CHECK(refusal([&] { look(bob(), id); }) == "not_found");
    }
}
