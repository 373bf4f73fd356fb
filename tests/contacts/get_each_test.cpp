#include "support/people.hpp"
#include "support/store_under_test.hpp"

#include <lvng/crm/crm.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <exception>
#include <string>
#include <vector>

using namespace lvng::crm;
using namespace lvng::crm::test;

namespace {

struct Books : CrmUnderTest {
    std::vector<ContactRequest> requests;

    ContactId add(const Principal& who, const std::string& name) {
        return crm().contacts().create(who, {.name = name}).id;
    }
    void ask(const Principal& who, const ContactId& id) {
        requests.push_back({.who = who, .id = id});
    }

    /// A name or a refusal for each.
    std::string outcomes() {
        std::string out;
        for (const ContactRequest& request : requests) {
            const std::string refused = refusal([&] {
                if (request.failure) std::rethrow_exception(request.failure);
            });
            CHECK(request.contact.has_value() == (refused == "nothing"));
            out += (request.contact ? request.contact->name : refused) + ' ';
        }
        return out;
    }
    std::string get_each() {
        crm().contacts().get_each(requests);
        return outcomes();
    }
};

}  // namespace

TEST_SUITE("contacts.get_each") {

    TEST_CASE_FIXTURE(Books, "each has the outcome of its own") {
        const ContactId hers = add(ana(), "Jane");
        const ContactId his = add(bob(), "John");
        const ContactId others = add(other_ana(), "Joan");
        ask(ana(), hers);
        ask(bob(), his);
        ask(bob(), hers);
        ask(other_ana(), others);
        ask(other_ana(), hers);
        ask(ana(), ContactId{Uuid{}});
        ask(ana(), hers);
        CHECK(get_each() == "Jane John not_found Joan not_found not_found Jane ");
        CHECK(requests[0].contact == crm().contacts().get(ana(), hers));
    }

    TEST_CASE_FIXTURE(Books, "what was asked before leaves nothing behind") {
        const ContactId hers = add(ana(), "Jane");
        ask(ana(), hers);
        ask(ana(), ContactId{Uuid{}});
        CHECK(get_each() == "Jane not_found ");
        requests[1].id = hers;
        crm().contacts().remove(ana(), hers);
        CHECK(get_each() == "not_found not_found ");
        requests.clear();
        CHECK(get_each() == "");
    }

    TEST_CASE_FIXTURE(Books, "as many as anybody likes") {
        std::string wanted;
        for (int n = 0; n < 200; ++n) {
            const Principal who = n % 3 == 0 ? ana() : bob();
            const std::string name = fmt::format("P{}", n);
            ask(who, add(who, name));
            wanted += name + ' ';
        }
        CHECK(get_each() == wanted);
    }

    TEST_CASE_FIXTURE(Books, "a principal that is none refuses the call") {
        ask(ana(), add(ana(), "Jane"));
        ask({.tenant = TenantId{"acme"}}, ContactId{Uuid{}});
        CHECK(refusal([&] { crm().contacts().get_each(requests); }) == "invalid user_id");
        CHECK_FALSE(requests[0].contact);
    }

    TEST_CASE_FIXTURE(Books, "inside a transaction it sees what that has done") {
        const ContactId his = add(bob(), "John");
        crm().transact(ana(), [&](Transaction& tx) {
            ask(ana(), tx.contacts().create(ana(), {.name = "Jane"}).id);
            ask(ana(), his);
            ask(bob(), his);
            tx.contacts().get_each(requests);
            CHECK(outcomes() == "Jane not_found invalid ");
            CHECK(refusal([&] { crm().contacts().get_each(requests); }) == "conflict");
        });
    }
}
