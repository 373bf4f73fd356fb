#include "support/people.hpp"
#include "support/store_under_test.hpp"

#include <lvng/crm/transaction.hpp>

#include <doctest/doctest.h>

#include <array>
#include <random>
#include <string>
#include <vector>

using namespace lvng::crm;
using namespace lvng::crm::test;

namespace {

struct SearchedBook : CrmUnderTest {
    Contacts& contacts = crm().contacts();
    std::mt19937 random{11};
    std::vector<ContactId> ids;

    std::size_t below(std::size_t end) { return random() % end; }
    std::string word() {
        constexpr std::array words{"ada", "bob", "cleo", "dan"};
        return words[below(words.size())];
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

    void change(Contacts& where) {
        const std::size_t at = ids.empty() ? 0 : below(ids.size());
        switch (ids.empty() ? 0 : below(4)) {
        case 0:
        case 1:
            ids.push_back(where
                              .create(ana(), {.name = word() + ' ' + word(),
                                              .company = word(),
                                              .tags = {word()},
                                              .source = below(2) == 0 ? ContactSource::manual
                                                                      : ContactSource::meeting})
                              .id);
            break;
        case 2:
            where.update(ana(), ids[at], {.name = word() + ' ' + word(), .company = word()});
            break;
        default:
            where.remove(ana(), ids[at]);
            ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(at));
        }
    }
};

}  // namespace

TEST_SUITE("contacts.searches") {

    TEST_CASE_FIXTURE(SearchedBook, "a search asked again and again tells of every change") {
        for (int round = 0; round < 60; ++round) {
            change(contacts);
            compare();
        }
    }

    TEST_CASE_FIXTURE(SearchedBook, "a search in a transaction sees its changes, others do not") {
        for (int number = 0; number < 5; ++number) change(contacts);
        compare();
        const std::vector<ContactId> before = ids;
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
