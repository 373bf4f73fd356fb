#include "event_stream.hpp"

#include "conversations/talk.hpp"

#include <doctest/doctest.h>

using namespace lvng::crm;
using namespace lvng::crm::test;

namespace {

const ConversationId room{Uuid{}};

EventPlace at(std::int64_t number) {
    return {.tenant = ana().tenant, .conversation = room, .number = number};
}
Event renamed(std::int64_t number) {
    return ConversationUpdated{.place = at(number), .conversation = {.name = "x"}};
}
Event added(std::int64_t number, const Principal& who) {
    return MemberAdded{.place = at(number), .user = who.user, .by = ana().user};
}
Event removed(std::int64_t number, const Principal& who) {
    return MemberRemoved{.place = at(number), .user = who.user, .by = ana().user};
}

/// Bob listens, and has been in the room since before event 4.
struct Listening {
    EventStream stream;
    int woken = 0;
    std::shared_ptr<SubscriptionQueue> his = of_bob({.capacity = 8});

    std::shared_ptr<SubscriptionQueue> of_bob(SubscriptionOptions options) {
        auto queue = open(std::move(options));
        queue->start({at(3)});
        return queue;
    }
    std::shared_ptr<SubscriptionQueue> open(SubscriptionOptions options) {
        options.tenant = bob().tenant;
        options.user = bob().user;
        options.on_ready = [this] { ++woken; };
        return stream.open(std::move(options));
    }

    void commit(std::vector<Event> events) { stream.announce(std::move(events)).publish(); }
    void lose(std::vector<Event> events) { stream.announce(std::move(events)).lost(); }
    void undo(std::vector<Event> events) {
        const auto withdrawn = stream.announce(std::move(events));
    }
    std::string heard() { return shown(his->take()); }
};

}  // namespace

TEST_SUITE("event_stream") {

    TEST_CASE_FIXTURE(Listening, "a number that another process took ends a user's conversation") {
        commit({renamed(4)});
        commit({renamed(6)});
        commit({renamed(7)});
        commit({removed(8, bob())});
        CHECK(heard() == "4 conversation:updated x\n"
                         "events:lost\n");
        commit({added(9, bob())});
        commit({renamed(10)});
        CHECK(heard() == "9 member:added usr_bob user by usr_ana\n"
                         "10 conversation:updated x\n");
    }

    TEST_CASE_FIXTURE(Listening, "what is withdrawn leaves no gap") {
        undo({renamed(4), renamed(5)});
        commit({renamed(4)});
        CHECK(heard() == "4 conversation:updated x\n");
    }

    TEST_CASE_FIXTURE(Listening, "what the memberships show already is not heard") {
        commit({renamed(2), added(3, bob())});
        commit({renamed(4)});
        CHECK(heard() == "4 conversation:updated x\n");
    }

    TEST_CASE_FIXTURE(Listening, "after a commit in doubt a user hears no more of a conversation") {
        lose({renamed(4), renamed(5)});
        commit({renamed(4)});
        commit({renamed(6)});
        CHECK(heard() == "events:lost\n");
        commit({added(7, bob())});
        commit({renamed(8)});
        CHECK(heard() == "7 member:added usr_bob user by usr_ana\n"
                         "8 conversation:updated x\n");
    }

    TEST_CASE_FIXTURE(Listening, "a removal or deletion in doubt ends a user's conversation") {
        SUBCASE("removal") {
            lose({removed(4, bob())});
        }
        SUBCASE("deletion") {
            lose({ConversationDeleted{.place = at(4)}});
        }
        commit({renamed(4)});
        CHECK(heard() == "events:lost\n");
    }

    TEST_CASE_FIXTURE(Listening, "a joining in doubt begins nothing") {
        commit({removed(4, bob())});
        lose({added(5, bob())});
        commit({renamed(6)});
        CHECK(heard() == "4 member:removed usr_bob user by usr_ana\n"
                         "events:lost\n");
        commit({added(7, bob())});
        CHECK(heard() == "7 member:added usr_bob user by usr_ana\n");
    }

    TEST_CASE_FIXTURE(Listening, "a stranger hears neither events nor that any are lost") {
        commit({removed(4, bob())});
        CHECK(heard() == "4 member:removed usr_bob user by usr_ana\n");
        commit({renamed(5)});
        lose({renamed(6)});
        commit({renamed(9)});
        CHECK(heard() == "");
    }

    TEST_CASE_FIXTURE(Listening, "what comes before the start is kept as far as there is room") {
        his = open({.capacity = 2});
        for (const std::int64_t number : {3, 4, 5, 6}) commit({renamed(number)});
        his->start({at(3)});
        CHECK(heard() == "4 conversation:updated x\n"
                         "events:lost\n");
        commit({renamed(7)});
        CHECK(heard() == "events:lost\n");
    }

    TEST_CASE_FIXTURE(Listening, "each reader is woken once until it has taken") {
        const auto other = of_bob({.capacity = 1});
        commit({renamed(4)});
        commit({renamed(5), renamed(6)});
        CHECK(woken == 2);
        CHECK(heard() != "");
        commit({renamed(7)});
        CHECK(woken == 3);
        CHECK(shown(other->take()) == "4 conversation:updated x\n"
                                      "events:lost\n");
    }
}
