#include "support/people.hpp"
#include "support/store_under_test.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

using namespace lvng::crm;
using namespace lvng::crm::test;

namespace {

std::string repeated(const std::string& text, std::size_t times) {
    std::string out;
    for (std::size_t n = 0; n < times; ++n) out += text;
    return out;
}

/// Names of a page, comma separated, then its total.
std::string names(const Listing<Contact>& list) {
    std::string out;
    for (const Contact& contact : list.items) out += contact.name + ',';
    return out + std::to_string(list.total);
}

struct Book : CrmUnderTest {
    Contacts& contacts = crm().contacts();

    ContactId add(const std::string& name) { return contacts.create(ana(), {.name = name}).id; }
    std::string list(const ContactFilter& filter, const Page& page = {}) {
        return names(contacts.list(ana(), filter, page));
    }
};

}  // namespace

TEST_SUITE("contacts.contacts") {

    TEST_CASE_FIXTURE(Book, "a contact comes back as it was created") {
        const Contact made =
            contacts.create(ana(), {.name = " Jane Smith ",
                                    .email = "jane@acme.com",
                                    .phone = "+1-555-0100",
                                    .company = "Acme Corp",
                                    .title = "VP Engineering",
                                    .tags = {"client", " Engineering ", "CLIENT", " "},
                                    .notes = " two\nlines ",
                                    .source = ContactSource::meeting});
        CHECK(contacts.get(ana(), made.id) == made);
        CHECK(
            to_json(made) ==
            R"({"id":"00000000-0000-7000-8000-000000000001","user_id":"usr_ana","name":"Jane Smith",)"
            R"("email":"jane@acme.com","phone":"+1-555-0100","company":"Acme Corp",)"
            R"("title":"VP Engineering","tags":["client","Engineering"],"notes":" two\nlines ",)"
            R"("source":"meeting","other_emails":[],"other_phones":[],)"
            R"("created_at":"2026-04-01T12:00:00.000Z","updated_at":"2026-04-01T12:00:00.000Z"})");
    }

    TEST_CASE_FIXTURE(Book, "a moment ends with the next change, where a store tells one") {
        const ContactId id = add("Jane");
        const std::optional<StoreMoment> created = crm().moment();
        contacts.update(ana(), id, {.name = "Joan"});
        const std::optional<StoreMoment> updated = crm().moment();
        contacts.remove(ana(), id);
        const std::optional<StoreMoment> removed = crm().moment();
        CHECK((!created || created != updated));
        CHECK((!updated || updated != removed));
        CHECK((!created || created != removed));
    }

    TEST_CASE_FIXTURE(Book, "blank optional fields are absent") {
        const Contact made = contacts.create(
            ana(), {.name = "J", .email = " ", .phone = "\t", .company = "", .title = "\u3000"});
        CHECK(made.email == std::nullopt);
        CHECK(made.phone == std::nullopt);
        CHECK(made.company == std::nullopt);
        CHECK(made.title == std::nullopt);
    }

    TEST_CASE_FIXTURE(Book, "every bad field is named at once") {
        const NewContact bad{.name = " ",
                             .email = "no address",
                             .phone = std::string(65, '1'),
                             .company = std::string("a\x01") + "b",
                             .title = std::string(201, 't'),
                             .tags = {"a,b"},
                             .notes = std::string("a\0b", 3)};
        CHECK(refusal([&] { contacts.create(ana(), bad); }) ==
              "invalid name email phone company title tags notes");
        CHECK(bad_fields(bad).size() == 7);
        CHECK(contacts.list(ana()).total == 0);
    }

    TEST_CASE_FIXTURE(Book, "limits count code points, one more is refused") {
        const std::string wide = "\u00e9";
        CHECK(refusal([&] { contacts.create(ana(), {.name = repeated(wide, 200)}); }) == "nothing");
        CHECK(refusal([&] { contacts.create(ana(), {.name = repeated(wide, 201)}); }) ==
              "invalid name");
        CHECK(refusal([&] {
                  contacts.create(ana(), {.name = "n", .notes = repeated("\U0001F600", 20'000)});
              }) == "nothing");
        CHECK(refusal([&] {
                  contacts.create(ana(), {.name = "n", .notes = repeated("\U0001F600", 20'001)});
              }) == "invalid notes");
        std::vector<std::string> tags;
        for (int n = 0; n < 100; ++n) tags.push_back("tag" + std::to_string(n));
        CHECK(refusal([&] { contacts.create(ana(), {.name = "n", .tags = tags}); }) == "nothing");
        tags.push_back("TAG7");
        CHECK(refusal([&] { contacts.create(ana(), {.name = "n", .tags = tags}); }) == "nothing");
        tags.push_back("one more");
        CHECK(refusal([&] { contacts.create(ana(), {.name = "n", .tags = tags}); }) ==
              "invalid tags");
        CHECK(refusal([&] {
                  contacts.create(ana(), {.name = "n", .tags = {std::string(65, 't')}});
              }) == "invalid tags");
    }

    TEST_CASE_FIXTURE(Book, "text that is no UTF-8 is refused, wherever it stands") {
        const std::string bad = "\xc3(";
        CHECK(refusal([&] {
                  contacts.create(ana(), {.name = bad,
                                          .email = bad,
                                          .phone = bad,
                                          .company = bad,
                                          .title = bad,
                                          .tags = {bad},
                                          .notes = bad});
              }) == "invalid name email phone company title tags notes");
        CHECK(refusal([&] {
                  static_cast<void>(
                      contacts.list(ana(), {.search = bad, .company = bad, .tags = {bad}}));
              }) == "invalid search company tags");
        CHECK_FALSE(contacts.with_email(ana(), bad));
        CHECK(contacts.with_phone(ana(), bad).empty());
    }

    TEST_CASE_FIXTURE(
        Book,
        "an e-mail belongs to one contact of a book, without case and in any form of its domain") {
        const Contact jane =
            contacts.create(ana(), {.name = "Jane", .email = "Jane@B\u00fccher.example"});
        try {
            contacts.create(ana(), {.name = "Twin", .email = "jane@XN--BCHER-KVA.example"});
            FAIL("the e-mail was taken twice");
        } catch (const Error& error) {
            CHECK(error.code() == ErrorCode::already_exists);
            CHECK(error.related_id() == jane.id.to_string());
            CHECK(error.fields().at(0).field == "email");
        }
        CHECK(contacts.list(ana()).total == 1);
        CHECK(refusal([&] {
                  contacts.create(bob(), {.name = "Jane", .email = "jane@b\u00fccher.example"});
              }) == "nothing");
        CHECK(refusal([&] {
                  contacts.create(other_ana(),
                                  {.name = "Jane", .email = "jane@b\u00fccher.example"});
              }) == "nothing");
    }

    TEST_CASE_FIXTURE(Book, "an e-mail is free again when its contact has another, or is gone") {
        const Contact jane = contacts.create(ana(), {.name = "Jane", .email = "jane@x.org"});
        contacts.update(ana(), jane.id, {.email = "jane@y.org"});
        const Contact next = contacts.create(ana(), {.name = "Next", .email = "jane@x.org"});
        contacts.remove(ana(), next.id);
        CHECK(refusal([&] { contacts.create(ana(), {.name = "Last", .email = "JANE@x.org"}); }) ==
              "nothing");
        CHECK(contacts.with_email(ana(), " Jane@Y.ORG ")->id == jane.id);
        contacts.update(ana(), jane.id, {.email = clear});
        CHECK_FALSE(contacts.with_email(ana(), "jane@y.org"));
    }

    TEST_CASE_FIXTURE(Book, "a number is found in any spelling, and may be shared") {
        contacts.create(ana(), {.name = "B", .phone = "+1 (202) 555-0147"});
        const Contact a = contacts.create(ana(), {.name = "A", .phone = "+12025550147"});
        const auto found = contacts.with_phone(ana(), "+1-202-555-0147");
        REQUIRE(found.size() == 2);
        CHECK(found[0].name == "A");
        contacts.update(ana(), a.id, {.phone = "extension 12"});
        CHECK(contacts.with_phone(ana(), "+12025550147").size() == 1);
        CHECK(contacts.with_phone(ana(), "12").size() == 1);
        CHECK(contacts.with_phone(bob(), "+12025550147").empty());
    }

    TEST_CASE_FIXTURE(Book, "an update changes what it names and nothing else") {
        const Contact made = contacts.create(ana(), {.name = "Jane",
                                                     .email = "jane@x.org",
                                                     .company = "Acme",
                                                     .tags = {"a"},
                                                     .notes = "n"});
        clock().advance(std::chrono::milliseconds{1500});
        Contact expected = made;
        expected.title = "CTO";
        expected.company.reset();
        expected.tags = {"b"};
        expected.updated_at = Timestamp{made.updated_at.milliseconds() + 1500};
        expected.version = 2;
        CHECK(contacts.update(ana(), made.id,
                              {.company = clear,
                               .title = " CTO ",
                               .tags = std::vector<std::string>{"b", "B"}}) == expected);
        CHECK(contacts.get(ana(), made.id) == expected);
    }

    TEST_CASE_FIXTURE(Book, "an update that changes nothing moves nothing") {
        const Contact made =
            contacts.create(ana(), {.name = "Jane", .email = "jane@x.org", .tags = {"a"}});
        clock().advance(std::chrono::seconds{1});
        CHECK(contacts.update(ana(), made.id, {}) == made);
        CHECK(contacts.update(ana(), made.id,
                              {.name = " Jane ",
                               .email = "jane@x.org",
                               .phone = clear,
                               .tags = std::vector<std::string>{"a", "A"},
                               .notes = ""}) == made);
    }

    TEST_CASE_FIXTURE(Book,
                      "two updates in one millisecond, and a clock set back, still move forward") {
        const Contact made = contacts.create(ana(), {.name = "Jane"});
        const Contact first = contacts.update(ana(), made.id, {.title = "a"});
        clock().advance(std::chrono::hours{-1});
        const Contact second = contacts.update(ana(), made.id, {.title = "b"});
        CHECK(made.updated_at < first.updated_at);
        CHECK(first.updated_at < second.updated_at);
        CHECK(second.version == 3);
    }

    TEST_CASE_FIXTURE(Book, "an update is refused as a creation is, and then changes nothing") {
        contacts.create(ana(), {.name = "Bob", .email = "bob@x.org"});
        const Contact jane = contacts.create(ana(), {.name = "Jane", .email = "jane@x.org"});
        CHECK(refusal([&] {
                  contacts.update(ana(), jane.id,
                                  {.name = clear, .email = "x", .notes = std::string(20'001, 'n')});
              }) == "invalid name email notes");
        CHECK(refusal([&] {
                  contacts.update(ana(), jane.id, {.email = "BOB@x.org", .title = "T"});
              }) == "already_exists email");
        CHECK(contacts.get(ana(), jane.id) == jane);
        CHECK(contacts.with_email(ana(), "jane@x.org")->id == jane.id);
    }

    TEST_CASE_FIXTURE(Book, "a deleted contact is unknown, also to a second deletion") {
        const ContactId id = add("Jane");
        contacts.remove(ana(), id);
        CHECK(refusal([&] { contacts.remove(ana(), id); }) == "not_found");
        CHECK(refusal([&] { static_cast<void>(contacts.get(ana(), id)); }) == "not_found");
        CHECK(contacts.list(ana()).total == 0);
    }

    TEST_CASE_FIXTURE(Book,
                      "another user's contact, and another tenant's, is unknown to every call") {
        const Contact jane = contacts.create(
            ana(), {.name = "Jane", .email = "jane@x.org", .phone = "+12025550147"});
        for (const Principal& stranger : {bob(), other_ana()}) {
            CHECK(refusal([&] { static_cast<void>(contacts.get(stranger, jane.id)); }) ==
                  "not_found");
            CHECK(refusal([&] { contacts.update(stranger, jane.id, {.name = "X"}); }) ==
                  "not_found");
            CHECK(refusal([&] { contacts.remove(stranger, jane.id); }) == "not_found");
            CHECK(contacts.list(stranger).total == 0);
            CHECK(contacts.list(stranger, {.search = "jane"}).total == 0);
            CHECK_FALSE(contacts.with_email(stranger, "jane@x.org"));
            CHECK(contacts.with_phone(stranger, "+12025550147").empty());
        }
        CHECK(contacts.get(ana(), jane.id) == jane);
    }

    TEST_CASE_FIXTURE(Book, "a principal without tenant or user is refused") {
        CHECK(refusal([&] { static_cast<void>(contacts.list({})); }) ==
              "invalid tenant_id user_id");
    }

    TEST_CASE_FIXTURE(
        Book, "a list is ordered by the folded name, then the id, and pages do not overlap") {
        for (const char* name :
             {"bob", "Zo\u00eb", "alice", "BOB", "\u00c9mile", "Alice", "\uff21da"})
            add(name);
        CHECK(list({}) == "\uff21da,alice,Alice,bob,BOB,Zo\u00eb,\u00c9mile,7");
        CHECK(list({}, {.limit = 3}) == "\uff21da,alice,Alice,7");
        CHECK(list({}, {.limit = 3, .offset = 3}) == "bob,BOB,Zo\u00eb,7");
        CHECK(list({}, {.limit = 3, .offset = 6}) == "\u00c9mile,7");
        CHECK(list({}, {.limit = 3, .offset = 7}) == "7");
        CHECK(list({}, {.limit = 200, .offset = 1'000'000'000}) == "7");
    }

    TEST_CASE_FIXTURE(Book, "page limits are checked") {
        for (const Page& page : {Page{0, 0}, Page{201, 0}, Page{-1, 0}}) {
            CHECK(refusal([&] { static_cast<void>(contacts.list(ana(), {}, page)); }) ==
                  "invalid limit");
        }
        CHECK(refusal([&] {
                  static_cast<void>(contacts.list(ana(), {}, {.limit = 0, .offset = -1}));
              }) == "invalid limit offset");
        CHECK(refusal([&] {
                  static_cast<void>(contacts.list(ana(), {}, {.offset = 1'000'000'001}));
              }) == "invalid offset");
    }

    TEST_CASE_FIXTURE(Book, "a list is read again after any change to the book, and not before") {
        const auto has_changed = [&](const ListVersion& known, const ContactFilter& filter = {}) {
            return contacts.list_if_changed(ana(), known, filter).has_value();
        };
        const ListVersion empty = contacts.list(ana()).version;
        CHECK(has_changed({}));
        CHECK_FALSE(has_changed(empty));
        const ContactId id = add("a");
        CHECK(has_changed(empty));
        CHECK(names(contacts.list_if_changed(ana(), empty).value()) == "a,1");
        const ListVersion one = contacts.list(ana()).version;
        contacts.create(bob(), {.name = "of another"});
        contacts.update(ana(), id, {.name = "a"});  // as it was
        CHECK_FALSE(has_changed(one));
        CHECK_FALSE(has_changed(one, {.search = "a"}));
        contacts.update(ana(), id, {.notes = "new"});
        CHECK(has_changed(one));
        const ListVersion changed = contacts.list(ana()).version;
        contacts.remove(ana(), id);
        CHECK(has_changed(changed));
        CHECK(has_changed(empty));
    }

    TEST_CASE_FIXTURE(Book, "a bad question is refused even where nothing has changed") {
        const ListVersion now = contacts.list(ana()).version;
        CHECK(refusal([&] {
                  static_cast<void>(contacts.list_if_changed(ana(), now, {}, {.limit = 0}));
              }) == "invalid limit");
        CHECK(refusal([&] {
                  static_cast<void>(contacts.list_if_changed(ana(), now, {.search = "\xc3("}));
              }) == "invalid search");
    }

    TEST_CASE_FIXTURE(Book, "search finds parts of name, e-mail and company without case") {
        contacts.create(
            ana(),
            {.name = "Jane Stra\u00dfe", .email = "jane@acme.com", .company = "100% Acme_Corp\\"});
        contacts.create(ana(), {.name = "Bob", .email = "bob@globex.com", .company = "Globex"});
        CHECK(list({.search = "STRASSE"}) == "Jane Stra\u00dfe,1");
        CHECK(list({.search = "@ACME"}) == "Jane Stra\u00dfe,1");
        CHECK(list({.search = "0% a"}) == "Jane Stra\u00dfe,1");
        CHECK(list({.search = "e_c"}) == "Jane Stra\u00dfe,1");
        CHECK(list({.search = "\\"}) == "Jane Stra\u00dfe,1");
        CHECK(list({.search = "%"}) == "Jane Stra\u00dfe,1");
        CHECK(list({.search = ".com"}) == "Bob,Jane Stra\u00dfe,2");
        CHECK(list({.search = " bob"}) == "0");
        CHECK(list({.search = " \t\u3000 "}) == "Bob,Jane Stra\u00dfe,2");
    }

    TEST_CASE_FIXTURE(Book, "no term matches across two fields") {
        contacts.create(ana(), {.name = "Jane", .email = "bob@x.org", .company = "Acme"});
        for (const char* term :
             {"janebob", "jane\nbob", "jane bob", "orgacme", "e\nb", "\x1e", "\x1f",
              "\x1e"
              "acme\x1e"}) {
            CHECK(list({.search = term}) == "0");
        }
    }

    TEST_CASE_FIXTURE(Book, "filters combine") {
        contacts.create(ana(), {.name = "A",
                                .company = "Acme",
                                .tags = {"Client", "vip"},
                                .source = ContactSource::meeting});
        contacts.create(ana(), {.name = "B", .company = "Acme Corp", .tags = {"client"}});
        contacts.create(ana(), {.name = "C", .email = "acme@x.org", .tags = {"clients"}});
        CHECK(list({.company = "ACME"}) == "A,1");
        CHECK(list({.company = "acme corp"}) == "B,1");
        CHECK(list({.company = "acm"}) == "0");
        CHECK(list({.company = "acme@x.org"}) == "0");
        CHECK(list({.tags = {"CLIENT"}}) == "A,B,2");
        CHECK(list({.tags = {" client ", "", "VIP"}}) == "A,1");
        CHECK(list({.tags = {"client\x1f", "vip"}}) == "0");
        CHECK(list({.source = ContactSource::manual}) == "B,C,2");
        CHECK(list({.search = "acme", .tags = {"client"}, .source = ContactSource::meeting}) ==
              "A,1");
        CHECK(list({.search = "acme"}, {.limit = 1, .offset = 1}) == "B,3");
    }

    TEST_CASE_FIXTURE(Book, "more wanted tags than a contact can have find nothing") {
        add("A");
        std::vector<std::string> tags;
        for (int n = 0; n < 5000; ++n) tags.push_back("t" + std::to_string(n));
        CHECK(list({.tags = tags}) == "0");
        tags.resize(100);
        CHECK(list({.tags = tags}) == "0");
    }

    TEST_CASE_FIXTURE(
        Book, "the longest contact of letters that fold to eighteen is stored, found and listed") {
        const std::string letter = "\ufdfa";
        std::vector<std::string> tags;
        for (int n = 0; n < 100; ++n)
            tags.push_back(repeated(letter, 61) + std::to_string(100 + n));
        const Contact made = contacts.create(ana(), {.name = repeated(letter, 200),
                                                     .company = repeated(letter, 200),
                                                     .title = repeated(letter, 200),
                                                     .tags = tags,
                                                     .notes = repeated(letter, 20'000)});
        CHECK(contacts.get(ana(), made.id) == made);
        CHECK(contacts.list(ana()).items.at(0) == made);
        CHECK(contacts.list(ana(), {.search = repeated(letter, 200)}).total == 1);
        CHECK(
            contacts.list(ana(), {.company = repeated(letter, 200), .tags = {tags.back()}}).total ==
            1);
    }

    TEST_CASE_FIXTURE(
        Book, "names that are alike in their first 200 folded code points are ordered by id") {
        const std::string start = repeated("\ufdfa", 12);
        const ContactId first = add(start + "b");
        const ContactId second = add(start + "a");
        const auto items = contacts.list(ana()).items;
        CHECK(items.at(0).id == first);
        CHECK(items.at(1).id == second);
    }

    TEST_CASE_FIXTURE(Book, "each hands out every contact once, in order, and can be stopped") {
        std::set<std::string> expected;
        for (int n = 0; n < 450; ++n) {
            expected.insert("same " + std::to_string(n % 7));
            add("same " + std::to_string(n % 7));
        }
        std::vector<std::string> order;
        std::set<ContactId> ids;
        contacts.each(ana(), {.search = "same"}, [&](const Contact& contact) {
            order.push_back(contact.name);
            ids.insert(contact.id);
            // The sink runs outside any transaction.
            CHECK(contacts.get(ana(), contact.id).name == contact.name);
            return true;
        });
        CHECK(ids.size() == 450);
        CHECK(order.size() == 450);
        CHECK(std::is_sorted(order.begin(), order.end()));
        int seen = 0;
        contacts.each(ana(), {}, [&](const Contact&) { return ++seen < 201; });
        CHECK(seen == 201);
    }
}
