#include "conversations/talk.hpp"

#include <doctest/doctest.h>

using namespace lvng::crm;
using namespace lvng::crm::test;

namespace {

struct Table : Talk {
    bool add(const Principal& by, const ConversationId& where, const std::string& who,
             MemberType type = MemberType::user) {
        return members.add(by, where, {.id = UserId{who}, .type = type});
    }
    std::string remove(const Principal& by, const ConversationId& where, const std::string& who) {
        return refusal([&] { members.remove(by, where, UserId{who}); });
    }
};

}  // namespace

TEST_SUITE("conversations.members") {

    TEST_CASE_FIXTURE(Table, "any member takes somebody in") {
        const ConversationId id = group(ana(), {"usr_bob"});
        pass();
        CHECK(add(bob(), id, "twn_t", MemberType::twin));
        CHECK(people(ana(), id) == "usr_ana admin user, usr_bob member user, twn_t member twin");
        CHECK(members.list(ana(), id).back().joined_at == clock().now());
        CHECK(look(ana(), id).member_count == 3);
        CHECK(log(ana(), id, 1) == "2 member:added twn_t twin by usr_bob\n");
        // Twins may act themselves.
        say(person("twn_t"), id, "hello");
        CHECK(add(person("twn_t"), id, "usr_cleo"));
    }

    TEST_CASE_FIXTURE(Table, "adding somebody who is there changes nothing, not even the type") {
        const ConversationId id = group(ana(), {"usr_bob"});
        pass();
        CHECK_FALSE(add(ana(), id, "usr_bob", MemberType::agent));
        CHECK_FALSE(add(bob(), id, "usr_bob"));
        CHECK(people(ana(), id) == "usr_ana admin user, usr_bob member user");
        CHECK(look(ana(), id).member_count == 2);
        CHECK(log(ana(), id) == "1 conversation:created usr_ana usr_bob\n");
    }

    TEST_CASE_FIXTURE(Table, "nobody is added to a direct conversation") {
        const ConversationId id = direct(ana(), bob());
        CHECK(refusal([&] { add(ana(), id, "usr_cleo"); }) == "conflict");
        CHECK_FALSE(add(ana(), id, "usr_bob"));
        leave(bob(), id);
        CHECK(refusal([&] { add(ana(), id, "usr_bob"); }) == "conflict");
        CHECK(people(ana(), id) == "usr_ana admin user");
    }

    TEST_CASE_FIXTURE(Table, "a conversation has 1001 members at most") {
        std::vector<NewMember> many;
        for (int n = 0; n < 1000; ++n) many.push_back({.id = UserId{fmt::format("usr_{}", n)}});
        const ConversationId id = conversations.create(ana(), {.members = many}).conversation.id;
        CHECK(refusal([&] { add(ana(), id, "usr_more"); }) == "conflict");
        CHECK_FALSE(add(ana(), id, "usr_7"));
        CHECK(remove(ana(), id, "usr_7") == "nothing");
        CHECK(add(ana(), id, "usr_more"));
        CHECK(look(ana(), id).member_count == 1001);
    }

    TEST_CASE_FIXTURE(Table, "members are in the order of their joining, ties by id, with names") {
        crm().users().remember(
            {.tenant = TenantId{"acme"}, .user = UserId{"usr_bob"}, .name = "Bob Kim"});
        crm().users().remember(
            {.tenant = TenantId{"globex"}, .user = UserId{"usr_ana"}, .name = "Another Ana"});
        const ConversationId id = group(ana(), {"usr_zoe", "usr_bob"});
        pass();
        add(ana(), id, "usr_b");
        pass();
        add(ana(), id, "usr_a");
        const auto named = [](const std::vector<Member>& list) {
            std::string out;
            for (const Member& member : list) out += member.display_name + ',';
            return out;
        };
        CHECK(named(members.list(bob(), id)) == "usr_ana,Bob Kim,usr_zoe,usr_b,usr_a,");
        CHECK(conversations.get(bob(), id).members == members.list(bob(), id));
        crm().users().remember({.tenant = TenantId{"acme"}, .user = UserId{"usr_a"}, .name = "Al"});
        CHECK(named(members.list(bob(), id)) == "usr_ana,Bob Kim,usr_zoe,usr_b,Al,");
    }

    TEST_CASE_FIXTURE(Table, "admins remove anybody, members only themselves") {
        const ConversationId id = group(ana(), {"usr_bob", "usr_cleo"});
        CHECK(remove(bob(), id, "usr_cleo") == "forbidden");
        CHECK(remove(bob(), id, "usr_ana") == "forbidden");
        CHECK(remove(bob(), id, "usr_stranger") == "forbidden");
        CHECK(remove(ana(), id, "usr_stranger") == "not_found");
        CHECK(people(ana(), id) == "usr_ana admin user, usr_bob member user, usr_cleo member user");
        CHECK(remove(ana(), id, "usr_bob") == "nothing");
        CHECK(remove(ana(), id, "usr_bob") == "not_found");
        CHECK(remove(cleo(), id, "usr_cleo") == "nothing");
        CHECK(people(ana(), id) == "usr_ana admin user");
        CHECK(look(ana(), id).member_count == 1);
        CHECK(log(ana(), id, 1) == "2 member:removed usr_bob user by usr_ana\n"
                                   "3 member:removed usr_cleo user by usr_cleo\n");
    }

    TEST_CASE_FIXTURE(Table, "when the admin goes the longest-standing user follows") {
        const ConversationId id = group(ana(), {"usr_cleo", "usr_bob"});
        pass();
        SUBCASE("ties go by id") {
            leave(ana(), id);
            CHECK(people(bob(), id) == "usr_bob admin user, usr_cleo member user");
            conversations.update(bob(), id, {.name = "Bob's"});
        }
        SUBCASE("who came back stands behind those who stayed") {
            leave(bob(), id);
            add(ana(), id, "usr_bob");
            leave(ana(), id);
            CHECK(people(bob(), id) == "usr_cleo admin user, usr_bob member user");
        }
        SUBCASE("one who only was admin has no rank any more") {
            leave(ana(), id);
            pass();
            add(bob(), id, "usr_ana");
            CHECK(people(ana(), id) ==
                  "usr_bob admin user, usr_cleo member user, usr_ana member user");
            CHECK(remove(ana(), id, "usr_cleo") == "forbidden");
        }
    }

    TEST_CASE_FIXTURE(Table, "twins and agents follow only where no user is left") {
        const ConversationId id =
            conversations
                .create(ana(), {.members = {{.id = UserId{"agt_a"}, .type = MemberType::agent}}})
                .conversation.id;
        pass();
        add(ana(), id, "twn_t", MemberType::twin);
        pass();
        add(ana(), id, "usr_zoe");
        leave(ana(), id);
        CHECK(people(person("usr_zoe"), id) ==
              "agt_a member agent, twn_t member twin, usr_zoe admin user");
        leave(person("usr_zoe"), id);
        CHECK(people(person("twn_t"), id) == "agt_a admin agent, twn_t member twin");
        CHECK(remove(person("agt_a"), id, "twn_t") == "nothing");
    }

    TEST_CASE_FIXTURE(Table, "a twin that made the conversation is its admin until it goes") {
        const Principal twin = person("twn_t");
        const ConversationId id =
            conversations
                .create(twin, {.members = {{.id = twin.user, .type = MemberType::twin},
                                           {.id = ana().user}}})
                .conversation.id;
        CHECK(people(ana(), id) == "twn_t admin twin, usr_ana member user");
        leave(twin, id);
        CHECK(people(ana(), id) == "usr_ana admin user");
    }

    TEST_CASE_FIXTURE(Table, "when the last member goes the conversation is deleted") {
        const ConversationId id = group(ana(), {"usr_bob"});
        const MessageId hello = say(ana(), id, "hello").id;
        leave(ana(), id);
        leave(bob(), id);
        CHECK(refusal([&] { look(bob(), id); }) == "not_found");
        CHECK(refusal([&] {
                  conversations.create(bob(),
                                       {.members = users({"usr_ana"}), .parent_message_id = hello});
              }) == "not_found");
    }

    TEST_CASE_FIXTURE(Table, "who comes back is a member with the type they had") {
        const ConversationId id = group(ana(), {"usr_bob"});
        add(ana(), id, "twn_t", MemberType::twin);
        const Principal twin = person("twn_t");
        say(ana(), id, "one");
        SUBCASE("after leaving") {
            leave(twin, id);
        }
        SUBCASE("after being removed") {
            members.remove(ana(), id, twin.user);
        }
        SUBCASE("after leaving by a deletion") {
            conversations.remove(twin, id);
        }
        say(ana(), id, "two");
        CHECK(refusal([&] { look(twin, id); }) == "not_found");
        pass();
        CHECK(add(bob(), id, "twn_t", MemberType::user));
        CHECK(people(twin, id) == "usr_ana admin user, usr_bob member user, twn_t member twin");
        CHECK(members.list(twin, id).back().joined_at == clock().now());
        CHECK(unread(twin, id) == 0);
        CHECK(everything(twin, id) == "1 one, 2 two");
        say(ana(), id, "three");
        CHECK(unread(twin, id) == 1);
        CHECK(shown(crm().events_since(twin, id, 6)) == "7 message:new 3 three\n");
    }

    TEST_CASE_FIXTURE(Table, "whoever joins late sees what was said before and has read it") {
        const ConversationId id = group(ana(), {"usr_bob"});
        const Message one = say(ana(), id, "one");
        say(ana(), id, "two");
        add(ana(), id, "usr_cleo");
        CHECK(everything(cleo(), id) == "1 one, 2 two");
        CHECK(unread(cleo(), id) == 0);
        // A deletion of what was never unread for her takes nothing from what will be.
        messages.remove(ana(), id, one.id);
        CHECK(unread(cleo(), id) == 0);
        CHECK(unread(bob(), id) == 1);
        const Message three = say(ana(), id, "three");
        CHECK(unread(cleo(), id) == 1);
        messages.remove(ana(), id, three.id);
        CHECK(unread(cleo(), id) == 0);
    }
}
