#include "conversations/talk.hpp"
#include "support/people.hpp"
#include "support/store_under_test.hpp"

#include <lvng/crm/crm.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

using namespace lvng::crm;
using namespace lvng::crm::test;

namespace {

Condition<Contact> has_version(std::int64_t version) {
    return [version](const Contact& contact) { return contact.version == version; };
}

Condition<ConversationDetail> has_members(std::size_t count) {
    return [count](const ConversationDetail& detail) { return detail.members.size() == count; };
}

}  // namespace

TEST_SUITE("conditions") {

    TEST_CASE_FIXTURE(CrmUnderTest, "a contact is changed and deleted only as it was seen") {
        Contacts& contacts = crm().contacts();
        const ContactId id = contacts.create(ana(), {.name = "Jane"}).id;
        CHECK(contacts.update(ana(), id, {.title = "CTO"}, has_version(1)).version == 2);
        CHECK(refusal([&] { contacts.update(ana(), id, {.title = "CEO"}, has_version(1)); }) ==
              "precondition_failed");
        CHECK(refusal([&] { contacts.remove(ana(), id, has_version(1)); }) ==
              "precondition_failed");
        CHECK(contacts.get(ana(), id).title == "CTO");
        contacts.remove(ana(), id, has_version(2));
        CHECK(refusal([&] { contacts.remove(ana(), id, has_version(2)); }) == "not_found");
        CHECK(refusal([&] { contacts.update(ana(), id, {}, has_version(2)); }) == "not_found");
    }

    TEST_CASE_FIXTURE(CrmUnderTest, "a condition comes before a taken e-mail address") {
        Contacts& contacts = crm().contacts();
        contacts.create(ana(), {.name = "Jane", .email = "jane@x.org"});
        const ContactId id = contacts.create(ana(), {.name = "John"}).id;
        CHECK(refusal([&] {
                  contacts.update(ana(), id, {.email = "jane@x.org"}, has_version(7));
              }) == "precondition_failed");
    }

    TEST_CASE_FIXTURE(CrmUnderTest, "a conversation is shown with its members to a condition") {
        Conversations& rooms = crm().conversations();
        const ConversationId id =
            rooms.create(ana(), {.members = {{.id = bob().user}}}).conversation.id;
        CHECK(rooms.update(ana(), id, {.name = "Room"}, has_members(2)).name == "Room");
        crm().members().add(ana(), id, {.id = UserId{"usr_cid"}});
        CHECK(refusal([&] { rooms.update(ana(), id, {.name = "x"}, has_members(2)); }) ==
              "precondition_failed");
        CHECK(refusal([&] { rooms.update(bob(), id, {.name = "x"}, has_members(2)); }) ==
              "forbidden");
        CHECK(refusal([&] { rooms.remove(ana(), id, has_members(2)); }) == "precondition_failed");
        CHECK(refusal([&] { rooms.remove(bob(), id, has_members(2)); }) == "precondition_failed");
        CHECK(refusal([&] { rooms.remove(other_ana(), id, has_members(3)); }) == "not_found");
        CHECK(rooms.get(ana(), id).conversation.name == "Room");
        CHECK(rooms.remove(bob(), id, has_members(3)) == ConversationEnd::left);
        CHECK(rooms.remove(ana(), id, has_members(2)) == ConversationEnd::deleted);
    }

    TEST_CASE("of simultaneous changes of what all have seen one is made") {
        Crm crm{fresh_store(), {.timeout = std::chrono::seconds{60}}};
        const ContactId id = crm.contacts().create(ana(), {.name = "Jane"}).id;
        for (std::int64_t round = 1; round <= 20; ++round) {
            std::vector<std::string> told(8);
            {
                std::vector<std::jthread> threads;
                for (std::size_t racer = 0; racer < told.size(); ++racer) {
                    threads.emplace_back([&, racer] {
                        told[racer] = refusal([&] {
                            crm.contacts().update(ana(), id,
                                                  {.title = fmt::format("{} {}", round, racer)},
                                                  has_version(round));
                        });
                    });
                }
            }
            REQUIRE(std::count(told.begin(), told.end(), "nothing") == 1);
            REQUIRE(std::count(told.begin(), told.end(), "precondition_failed") == 7);
        }
        CHECK(crm.contacts().get(ana(), id).version == 21);
    }
}
