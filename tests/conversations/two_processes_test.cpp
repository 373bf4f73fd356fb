#include "conversations/talk.hpp"
#include "support/shared_store.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <utility>
#include <vector>

using namespace lvng::crm;
using namespace lvng::crm::test;

namespace {

/// Two processes at one store. People talk through the first one.
struct TwoProcesses {
    std::shared_ptr<Store> store = fresh_store();
    Talk here{std::make_unique<SharedStore>(store)};
    Talk there{std::make_unique<SharedStore>(store)};
    ConversationId id = here.group(ana(), {"usr_bob"});
    Subscription his = listening(bob());

    Subscription listening(const Principal& who) {
        return here.crm().subscribe({.tenant = who.tenant, .user = who.user});
    }
};

}  // namespace

TEST_SUITE("conversations.events_of_two_processes") {

    TEST_CASE_FIXTURE(TwoProcesses, "who was removed through another process hears nothing more") {
        here.say(ana(), id, "for him");
        there.members.remove(ana(), id, bob().user);
        here.say(ana(), id, "not for him");
        here.say(ana(), id, "nor this");
        CHECK(shown(his.take()) == "2 message:new 1 for him\n"
                                   "events:lost\n");
        his = listening(bob());
        CHECK(refusal([&] { here.log(bob(), id); }) == "not_found");
        here.say(ana(), id, "nor that");
        CHECK(shown(his.take()) == "");
    }

    TEST_CASE_FIXTURE(TwoProcesses,
                      "a new subscription and the log have what another process did") {
        there.members.add(ana(), id, {.id = cleo().user});
        here.say(ana(), id, "one");
        CHECK(shown(his.take()) == "events:lost\n");
        his = listening(bob());
        here.say(ana(), id, "two");
        CHECK(here.log(bob(), id, 1) == "2 member:added usr_cleo user by usr_ana\n"
                                        "3 message:new 1 one\n"
                                        "4 message:new 2 two\n");
        here.say(ana(), id, "three");
        CHECK(shown(his.take()) == "4 message:new 2 two\n"
                                   "5 message:new 3 three\n");
    }

    TEST_CASE_FIXTURE(TwoProcesses,
                      "who was added through another process hears from the next start") {
        Subscription hers = listening(cleo());
        there.members.add(ana(), id, {.id = cleo().user});
        here.say(ana(), id, "one");
        CHECK(shown(hers.take()) == "");
        hers = listening(cleo());
        here.say(ana(), id, "two");
        CHECK(shown(hers.take()) == "4 message:new 2 two\n");
    }

    TEST_CASE_FIXTURE(TwoProcesses,
                      "a whole tenant's subscription hears what its process commits") {
        Subscription whole = here.crm().subscribe({.tenant = TenantId{"acme"}});
        there.members.remove(ana(), id, bob().user);
        here.say(ana(), id, "one");
        CHECK(shown(whole.take()) == "3 message:new 1 one\n");
    }
}
