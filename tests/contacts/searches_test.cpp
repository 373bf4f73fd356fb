#include "support/chance.hpp"
#include "support/people.hpp"
#include "support/store_under_test.hpp"

#include <lvng/crm/transaction.hpp>

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

using namespace lvng::crm;
using namespace lvng::crm::test;

namespace {

struct SearchedBook : CrmUnderTest {
    Contacts& contacts = crm().contacts();
    Chance chance{Chance::seed()};
    std::vector<ContactId> ids;

    std::string word() {
        return chance.pick(std::array<std::string, 4>{"ada", "bob", "cleo", "dan"});
    }

    /// What a walk through the whole book finds, which remembers nothing.
    std::string walked(const ContactFilter& filter) {
        std::string out;
        contacts.each(ana(), filter, [&](const Contact& contact) {
            out += contact.name + ',';
            return true;
        });
        return out;
    }
    std::string listed(const ContactFilter& filter) {
        std::string out;
        const Listing<Contact> list = contacts.list(ana(), filter, {.limit = 200});
        for (const Contact& contact : list.items) out += contact.name + ',';
        CHECK(list.total == static_cast<std::int64_t>(list.items.size()));
        return out;
    }
    /// Asked more than once: the first times the store does not think it worth remembering.
    void compare() {
        for (const ContactFilter& filter :
             {ContactFilter{.search = "ad"}, ContactFilter{.company = "bob"},
              ContactFilter{.search = "o", .tags = {"cleo"}},
              ContactFilter{.source = ContactSource::meeting}}) {
            const std::string wanted = walked(filter);
            for (int time = 0; time < 3; ++time) REQUIRE(listed(filter) == wanted);
        }
    }

    NewContact draft() {
        return {.name = word() + ' ' + word(),
                .company = word(),
                .tags = {word()},
                .source = chance.chance(50) ? ContactSource::manual : ContactSource::meeting};
    }
    void change() {
        if (ids.empty() || chance.chance(50)) {
            ids.push_back(contacts.create(ana(), draft()).id);
            return;
        }
        const auto at = ids.begin() + chance.number(static_cast<int>(ids.size()));
        if (chance.chance(50)) {
            contacts.update(ana(), *at, {.name = word() + ' ' + word(), .company = word()});
        } else {
            contacts.remove(ana(), *at);
            ids.erase(at);
        }
    }
};

}  // namespace

TEST_SUITE("contacts.searches") {

    TEST_CASE_FIXTURE(SearchedBook, "a search asked again and again tells of every change") {
        for (int round = 0; round < 60; ++round) {
            change();
            compare();
        }
    }

    TEST_CASE_FIXTURE(SearchedBook, "a search in a transaction sees its changes, others do not") {
        for (int number = 0; number < 5; ++number) change();
        compare();
        const std::string wanted = walked({.search = "o"});
        CHECK(refusal([&] {
                  crm().transact(ana(), [&](Transaction& tx) {
                      tx.contacts().create(ana(), {.name = "otto"});
                      for (int time = 0; time < 3; ++time) {
                          const auto list = tx.contacts().list(ana(), {.search = "otto"});
                          CHECK(list.total == 1);
                      }
                      throw Error{ErrorCode::conflict, "not after all"};
                  });
              }) == "conflict");
        for (int time = 0; time < 3; ++time) CHECK(listed({.search = "o"}) == wanted);
        compare();
    }

    TEST_CASE_FIXTURE(SearchedBook, "a search that is known has its pages, and their total") {
        for (int number = 10; number < 35; ++number) {
            contacts.create(ana(), {.name = "ada " + std::to_string(number)});
        }
        for (int time = 0; time < 3; ++time) {
            const Listing<Contact> page =
                contacts.list(ana(), {.search = "ada"}, {.limit = 5, .offset = 20});
            REQUIRE(page.items.size() == 5);
            CHECK(page.items.front().name == "ada 30");
            CHECK(page.items.back().name == "ada 34");
            CHECK(page.total == 25);
            CHECK(contacts.list(ana(), {.search = "ada"}, {.limit = 5, .offset = 25}).total == 25);
        }
    }
}
