#include "conversations/talk.hpp"

#include <doctest/doctest.h>

#include <optional>

using namespace lvng::crm;
using namespace lvng::crm::test;

namespace {

struct Listening : Talk {
    Subscription whole = crm().subscribe({.tenant = TenantId{"acme"}});

    Subscription as(const Principal& who) {
        return crm().subscribe({.tenant = who.tenant, .user = who.user});
    }
};

/// Thrown out of a transaction to undo it.
struct Undone {};

}  // namespace

TEST_SUITE("conversations.events") {

    TEST_CASE_FIXTURE(Listening,
                      "every change is one event, numbered from 1, in queue and log alike") {
        const ConversationId id = group(ana(), {"usr_bob"}, "One");
        pass();
        conversations.update(ana(), id, {.name = "Two"});
        const Message hello = say(ana(), id, "hello");
        receipts.mark_read(bob(), id, {hello.id});
        members.add(bob(), id, {.id = UserId{"twn_t"}, .type = MemberType::twin});
        members.remove(ana(), id, UserId{"twn_t"});
        messages.edit(ana(), id, hello.id, {.content = "hallo"});
        const std::vector<Event> heard = whole.take();
        CHECK(shown(heard) == "1 conversation:created usr_ana usr_bob\n"
                              "2 conversation:updated Two\n"
                              "3 message:new 1 hello\n"
                              "4 messages:read usr_bob 1\n"
                              "5 member:added twn_t twin by usr_bob\n"
                              "6 member:removed twn_t twin by usr_ana\n"
                              "7 message:updated 1 hallo\n");
        for (const Event& event : heard) {
            CHECK(place_of(event)->tenant == ana().tenant);
            CHECK(place_of(event)->conversation == id);
        }
        CHECK(place_of(heard[0])->at < place_of(heard[1])->at);
        CHECK(place_of(heard[1])->at == clock().now());
        // The log has the same, each object as it is now.
        CHECK(log(bob(), id) == "1 conversation:created usr_ana usr_bob\n"
                                "2 conversation:updated Two\n"
                                "3 message:new 1 hallo\n"
                                "4 messages:read usr_bob 1\n"
                                "5 member:added twn_t twin by usr_bob\n"
                                "6 member:removed twn_t twin by usr_ana\n"
                                "7 message:updated 1 hallo\n");
        messages.remove(ana(), id, hello.id);
        CHECK(shown(whole.take()) == "8 message:deleted 1 (deleted)\n");
        CHECK(shown(crm().events_since(ana(), id, 7)) == "8 message:deleted 1 (deleted)\n");
        conversations.remove(ana(), id);
        CHECK(shown(whole.take()) == "9 conversation:deleted usr_ana usr_bob\n");
    }

    TEST_CASE_FIXTURE(Listening, "a message in an event is whole") {
        const ConversationId id = group(ana(), {"usr_bob"});
        const Message sent =
            messages.send(ana(), id, {.content = "x", .metadata = json(R"({"a":1})")});
        const std::vector<Event> heard = whole.take();
        CHECK(std::get<ConversationCreated>(heard.at(0)).conversation.id == id);
        CHECK(std::get<MessageSent>(heard.at(1)).message == sent);
        CHECK(crm().events_since(bob(), id, 1) == std::vector{heard.at(1)});
    }

    TEST_CASE_FIXTURE(Listening, "the last to leave are heard, and the end of the conversation") {
        const ConversationId id = group(ana(), {"usr_bob"});
        leave(ana(), id);
        leave(bob(), id);
        const std::string heard = shown(whole.take());
        CHECK(heard.starts_with("1 conversation:created usr_ana usr_bob\n"
                                "2 member:removed usr_ana user by usr_ana\n"));
        CHECK(heard.find("conversation:deleted") != std::string::npos);
        CHECK(heard.find("lost") == std::string::npos);
    }

    TEST_CASE_FIXTURE(Listening, "a tenant does not hear of another one") {
        group(other_ana(), {"usr_bob"});
        const Subscription other = crm().subscribe({.tenant = TenantId{"globex"}});
        group(ana(), {"usr_bob"});
        CHECK(shown(whole.take()) == "1 conversation:created usr_ana usr_bob\n");
        CHECK(shown(whole.take()) == "");
    }

    TEST_CASE_FIXTURE(Listening, "a refused call is no event and takes no number") {
        const ConversationId id = group(ana(), {"usr_bob"});
        CHECK(refusal([&] { conversations.update(bob(), id, {.name = "x"}); }) == "forbidden");
        CHECK(refusal([&] { say(ana(), id, " "); }) == "invalid content");
        CHECK(refusal([&] { members.remove(ana(), id, cleo().user); }) == "not_found");
        say(ana(), id, "hello");
        CHECK(shown(whole.take()) == "1 conversation:created usr_ana usr_bob\n"
                                     "2 message:new 1 hello\n");
    }

    TEST_CASE_FIXTURE(Listening, "a transaction is heard as a whole after its commit") {
        const ConversationId id = group(ana(), {"usr_bob"});
        static_cast<void>(whole.take());
        crm().transact(ana(), [&](Transaction& tx) {
            const Message one = tx.messages().send(ana(), id, {.content = "one"});
            tx.messages().edit(ana(), id, one.id, {.content = "two"});
            CHECK(refusal([&] { tx.messages().send(ana(), id, {.content = ""}); }) ==
                  "invalid content");
            const ConversationId other =
                tx.conversations().create(ana(), {.members = users({"usr_bob"})}).conversation.id;
            tx.members().add(ana(), other, {.id = cleo().user});
            tx.receipts().mark_read(ana(), id, {one.id});
            CHECK(tx.messages().list(ana(), id).total == 1);
            CHECK(shown(whole.take()) == "");
        });
        CHECK(shown(whole.take()) == "2 message:new 1 one\n"
                                     "3 message:updated 1 two\n"
                                     "1 conversation:created usr_ana usr_bob\n"
                                     "2 member:added usr_cleo user by usr_ana\n");
    }

    TEST_CASE_FIXTURE(Listening, "what was rolled back is no event and took no number") {
        const ConversationId id = group(ana(), {"usr_bob"});
        const Conversation before = look(ana(), id);
        static_cast<void>(whole.take());
        pass();
        std::optional<ConversationId> other;
        CHECK_THROWS_AS(crm().transact(ana(),
                                       [&](Transaction& tx) {
                                           tx.messages().send(ana(), id, {.content = "one"});
                                           tx.messages().send(ana(), id, {.content = "two"});
                                           other =
                                               tx.conversations()
                                                   .create(ana(), {.members = users({"usr_bob"})})
                                                   .conversation.id;
                                           throw Undone{};
                                       }),
                        Undone);
        CHECK(shown(whole.take()) == "");
        CHECK(look(ana(), id) == before);
        CHECK(refusal([&] { look(ana(), *other); }) == "not_found");
        CHECK(unread(bob(), id) == 0);
        CHECK(say(ana(), id, "three").number == 1);
        CHECK(shown(whole.take()) == "2 message:new 1 three\n");
        CHECK(crm().check().miscounts.empty());
    }

    TEST_CASE_FIXTURE(Listening,
                      "a transaction is for one principal and keeps the crm itself away") {
        const ConversationId id = group(ana(), {"usr_bob"});
        crm().transact(ana(), [&](Transaction& tx) {
            CHECK(refusal([&] {
                      tx.messages().send(bob(), id, {.content = "x"});
                  }).starts_with("invalid"));
            CHECK(refusal([&] { say(ana(), id, "x"); }) == "conflict");
        });
    }

    TEST_CASE_FIXTURE(Listening, "a user hears of a conversation from joining until removal") {
        Subscription hers = as(cleo());
        const ConversationId id = group(ana(), {"usr_bob"});
        say(ana(), id, "before");
        CHECK(shown(hers.take()) == "");
        members.add(ana(), id, {.id = cleo().user});
        say(ana(), id, "for her");
        members.remove(ana(), id, cleo().user);
        say(ana(), id, "after");
        CHECK(shown(hers.take()) == "3 member:added usr_cleo user by usr_ana\n"
                                    "4 message:new 2 for her\n"
                                    "5 member:removed usr_cleo user by usr_ana\n");
        members.add(ana(), id, {.id = cleo().user});
        say(ana(), id, "again");
        conversations.remove(ana(), id);
        CHECK(shown(hers.take()) == "7 member:added usr_cleo user by usr_ana\n"
                                    "8 message:new 4 again\n"
                                    "9 conversation:deleted usr_ana usr_bob usr_cleo\n");
    }

    TEST_CASE_FIXTURE(Listening,
                      "a user hears of what they are in already and of what begins with them") {
        const ConversationId old = group(ana(), {"usr_bob"});
        Subscription his = as(bob());
        say(ana(), old, "old");
        const ConversationId fresh = group(ana(), {"usr_bob"});
        say(ana(), fresh, "new");
        group(ana(), {"usr_cleo"});
        CHECK(shown(his.take()) == "2 message:new 1 old\n"
                                   "1 conversation:created usr_ana usr_bob\n"
                                   "2 message:new 1 new\n");
    }

    TEST_CASE_FIXTURE(Listening, "a user hears of their coming back to a direct conversation") {
        const ConversationId id = direct(ana(), bob());
        leave(bob(), id);
        Subscription his = as(bob());
        say(ana(), id, "alone");
        direct(ana(), bob());
        say(ana(), id, "together");
        CHECK(shown(his.take()) == "4 member:added usr_bob user by usr_ana\n"
                                   "5 message:new 2 together\n");
    }

    TEST_CASE_FIXTURE(Listening, "a member who joins and goes in one transaction hears of both") {
        Subscription hers = as(cleo());
        const ConversationId id = group(ana(), {"usr_bob"});
        crm().transact(ana(), [&](Transaction& tx) {
            tx.messages().send(ana(), id, {.content = "one"});
            tx.members().add(ana(), id, {.id = cleo().user});
            tx.messages().send(ana(), id, {.content = "two"});
            tx.members().remove(ana(), id, cleo().user);
            tx.messages().send(ana(), id, {.content = "three"});
        });
        CHECK(shown(hers.take()) == "3 member:added usr_cleo user by usr_ana\n"
                                    "4 message:new 2 two\n"
                                    "5 member:removed usr_cleo user by usr_ana\n");
    }

    TEST_CASE_FIXTURE(Listening, "a full queue keeps what it has and says that events are lost") {
        const ConversationId id = group(ana(), {"usr_bob"});
        int woken = 0;
        Subscription small = crm().subscribe(
            {.tenant = TenantId{"acme"}, .capacity = 3, .on_ready = [&] { ++woken; }});
        for (int n = 0; n < 10; ++n) say(ana(), id, std::to_string(n));
        CHECK(woken == 1);
        CHECK(shown(small.take()) == "2 message:new 1 0\n"
                                     "3 message:new 2 1\n"
                                     "4 message:new 3 2\n"
                                     "events:lost\n");
        CHECK(shown(small.take()) == "");
        CHECK(crm().events_since(ana(), id, 4).size() == 7);
        say(ana(), id, "ten");
        CHECK(woken == 2);
        CHECK(shown(small.take()) == "12 message:new 11 ten\n");
        CHECK(whole.take().size() == 12);
    }

    TEST_CASE_FIXTURE(Listening, "open subscriptions and losses are counted") {
        const ConversationId id = group(ana(), {"usr_bob"});
        const SubscriptionCounts before = crm().subscription_counts();
        {
            Subscription small = crm().subscribe({.tenant = TenantId{"acme"}, .capacity = 1});
            CHECK(crm().subscription_counts().open == before.open + 1);
            for (int n = 0; n < 3; ++n) say(ana(), id, std::to_string(n));
            CHECK(crm().subscription_counts().losses == before.losses);
            CHECK(small.take().size() == 2);
            CHECK(small.take().empty());
        }
        CHECK(crm().subscription_counts() ==
              SubscriptionCounts{.open = before.open, .losses = before.losses + 1});
    }

    TEST_CASE_FIXTURE(Listening, "a subscription may outlive its crm and end before it") {
        std::optional<Subscription> short_lived = crm().subscribe({.tenant = TenantId{"acme"}});
        short_lived.reset();
        group(ana(), {"usr_bob"});
        std::optional<Subscription> long_lived;
        {
            CrmUnderTest other;
            long_lived = other.crm().subscribe({.tenant = TenantId{"acme"}});
            other.crm().conversations().create(ana(), {.members = users({"usr_bob"})});
        }
        CHECK(shown(long_lived->take()) == "1 conversation:created usr_ana usr_bob\n");
        CHECK(shown(long_lived->wait(std::chrono::milliseconds{0})) == "");
    }

    TEST_CASE_FIXTURE(Listening, "a subscription without tenant or capacity is refused") {
        CHECK(refusal([&] { static_cast<void>(crm().subscribe({})); }).starts_with("invalid"));
        CHECK(refusal([&] {
                  static_cast<void>(crm().subscribe({.tenant = TenantId{"acme"}, .capacity = 0}));
              }).starts_with("invalid"));
    }

    TEST_CASE_FIXTURE(Listening, "the log is read in parts") {
        const ConversationId id = group(ana(), {"usr_bob"});
        for (int n = 0; n < 5; ++n) say(ana(), id, std::to_string(n));
        CHECK(shown(crm().events_since(bob(), id, 2, 2)) == "3 message:new 2 1\n"
                                                            "4 message:new 3 2\n");
        CHECK(crm().events_since(bob(), id, 0, 1000).size() == 6);
        CHECK(crm().events_since(bob(), id, 6).empty());
        for (const std::int64_t limit : {0L, 1001L})
            CHECK(refusal([&] {
                      static_cast<void>(crm().events_since(bob(), id, 0, limit));
                  }).starts_with("invalid"));
        CHECK(refusal([&] {
                  static_cast<void>(crm().events_since(bob(), id, -1));
              }).starts_with("invalid"));
    }
}
