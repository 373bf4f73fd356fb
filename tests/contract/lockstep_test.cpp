#include "contract/lockstep.hpp"
#include "contract/seen_lists.hpp"
#include "support/people.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <string>
#include <vector>

using namespace lvng::crm;
using namespace lvng::crm::test;

namespace {

std::string shown(const std::vector<Contact>& contacts) {
    std::string out;
    for (const Contact& contact : contacts)
        out += fmt::format("{} v{}\n", to_json(contact), contact.version);
    return out;
}

/// Makes the next call from random numbers. The pools are small, so that calls meet: taken
/// e-mails, equal names, contacts of others.
class Sequence : Chance {
public:
    using Chance::Chance;

    Step next() {
        const Principal who = pick(std::array{ana(), bob(), other_ana()});
        switch (number(12)) {
        case 0:
        case 1:
        case 2:
        case 3:
            return create(who);
        case 4:
        case 5:
            return update(who);
        case 6:
            return remove(who, id());
        case 7:
            return get(who, id());
        case 8:
        case 9:
            return list(who);
        case 10:
            return look_up(who);
        default:
            return together(who);
        }
    }

    [[nodiscard]] const SeenLists& seen() const { return seen_; }

private:
    // Ids count from 1 on every store alike.
    ContactId id() {
        const int at = 1 + number(std::max(1, created_));
        return ContactId{fmt::format("00000000-0000-7000-8000-{:012x}", at)};
    }
    std::string text() {
        static const std::vector<std::string> texts{
            "Jane",        "JANE",    "jane smith", "Z\u00f6e",   "Zo\u0308e", "\ufdfa\ufdfa",
            "Stra\u00dfe", "STRASSE", "100% _\\",   "\U0001F600", " Ab ",      "",
            "\t"};
        return pick(texts);
    }
    std::string email() {
        return fmt::format("{}{}@{}", chance(50) ? "P" : "p", number(12),
                           pick(std::array{"x.org", "X.ORG", "b\u00fccher.example",
                                           "xn--bcher-kva.example", "localhost"}));
    }
    std::string phone() {
        return pick(std::vector<std::string>{"+1 202 555 0147", "+12025550147", "555-0147",
                                             "5550147", "none"});
    }
    std::vector<std::string> tags() {
        std::vector<std::string> tags;
        for (int n = number(4); n > 0; --n)
            tags.push_back(pick(std::vector<std::string>{"client", "CLIENT", "vip", " vip ",
                                                         "stra\u00dfe", "", "a,b"}));
        return tags;
    }

    NewContact draft() {
        NewContact draft{.name = text(), .notes = text()};
        if (chance(60)) draft.email = email();
        if (chance(40)) draft.phone = phone();
        if (chance(50)) draft.company = text();
        if (chance(20)) draft.title = text();
        draft.tags = tags();
        draft.source = pick(std::array{ContactSource::manual, ContactSource::meeting});
        return draft;
    }

    ContactChanges changes() {
        ContactChanges changes;
        if (chance(30)) changes.name = text();
        if (chance(40))
            changes.email = chance(20) ? Change<std::string>{clear} : Change<std::string>{email()};
        if (chance(30))
            changes.phone = chance(20) ? Change<std::string>{clear} : Change<std::string>{phone()};
        if (chance(30)) changes.company = text();
        if (chance(30)) changes.tags = tags();
        if (chance(30)) changes.notes = text();
        return changes;
    }

    Step create(const Principal& who) {
        ++created_;
        return
            [who, draft = draft()](Crm& crm) { return shown({crm.contacts().create(who, draft)}); };
    }
    Step update(const Principal& who) {
        return [who, id = id(), changes = changes()](Crm& crm) {
            return shown({crm.contacts().update(who, id, changes)});
        };
    }
    static Step remove(const Principal& who, const ContactId& id) {
        return [who, id](Crm& crm) {
            crm.contacts().remove(who, id);
            return std::string{"removed"};
        };
    }
    static Step get(const Principal& who, const ContactId& id) {
        return [who, id](Crm& crm) { return shown({crm.contacts().get(who, id)}); };
    }
    Step list(const Principal& who) {
        ContactFilter filter;
        if (chance(40)) filter.search = text();
        if (chance(20)) filter.company = text();
        if (chance(20)) filter.tags = tags();
        if (chance(20)) filter.source = ContactSource::meeting;
        const Page page{.limit = 1 + number(20), .offset = number(30)};
        return [who, filter, page, &seen = seen_](Crm& crm) {
            const Listing<Contact> first = crm.contacts().list(who);
            seen.look(crm, owner_key(who), first.version,
                      fmt::format("{} in all\n{}", first.total, shown(first.items)),
                      [&](const ListVersion& known) {
                          return crm.contacts().list_if_changed(who, known).has_value();
                      });
            const Listing<Contact> list = crm.contacts().list(who, filter, page);
            std::string out = fmt::format("{} in all\n{}", list.total, shown(list.items));
            crm.contacts().each(who, filter, [&](const Contact& contact) {
                out += contact.id.to_string() + ' ';
                return true;
            });
            return out;
        };
    }
    Step look_up(const Principal& who) {
        return [who, email = email(), phone = phone()](Crm& crm) {
            const auto by_email = crm.contacts().with_email(who, email);
            return shown(crm.contacts().with_phone(who, phone)) +
                   (by_email ? to_json(*by_email) : "nobody");
        };
    }
    /// Some calls as one, a refused one among them passed over, at times all undone.
    Step together(const Principal& who) {
        created_ += 2;
        return [who, first = draft(), second = draft(), id = id(), changes = changes(),
                fails = chance(30)](Crm& crm) {
            return crm.transact(who, [&](Transaction& tx) {
                std::string out = answer([&] { return shown({tx.contacts().create(who, first)}); });
                out += answer([&] { return shown({tx.contacts().update(who, id, changes)}); });
                out += answer([&] { return shown({tx.contacts().create(who, second)}); });
                out += std::to_string(tx.contacts().list(who).total);
                if (fails) throw Error{ErrorCode::cancelled, out};
                return out;
            });
        };
    }

    int created_ = 0;
    SeenLists seen_;
};

}  // namespace

TEST_SUITE("contract.lockstep") {

    TEST_CASE("every store gives the same answers to the same long sequence of calls") {
        Lockstep stores;
        Sequence sequence{Chance::seed()};
        for (int call = 0; call < 2000; ++call) stores.run(sequence.next());
        CHECK(sequence.seen().unchanged() > 10);
    }
}
