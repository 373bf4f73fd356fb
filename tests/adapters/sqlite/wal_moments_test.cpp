#include "support/chance.hpp"
#include "support/other_process.hpp"
#include "support/people.hpp"
#include "support/sqlite_desk.hpp"

#include <lvng/crm/crm.hpp>
#include <lvng/crm/sqlite.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <fcntl.h>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

using namespace lvng::crm;
using namespace lvng::crm::test;

namespace {

StoreMoment moment_of(const Crm& crm) {
    const std::optional<StoreMoment> now = crm.moment();
    REQUIRE(now);
    return *now;
}

/// A book with one contact.
struct OneContact : Desk {
    std::unique_ptr<Crm> crm = open();
    ContactId id =
        crm->contacts().create(ana(), {.name = "Jane", .email = std::string{"jane@x.org"}}).id;

    [[nodiscard]] std::string name() const { return crm->contacts().get(ana(), id).name; }
    void rename(const std::string& name) const {
        crm->contacts().update(ana(), id, {.name = name});
    }
    [[nodiscard]] StoreMoment moment() const { return moment_of(*crm); }
};

/// What a process does that was not there before: renames the contact that it finds by e-mail.
void rename_elsewhere(const std::string& path) {
    Crm crm{sqlite_store({.path = path})};
    crm.contacts().update(ana(), crm.contacts().with_email(ana(), "jane@x.org").value().id,
                          {.name = "Renamed elsewhere"});
}

/// What a process leaves that is killed while it writes the header of the WAL-index: two copies
/// that differ.
void spoil_header(const std::string& path) {
    constexpr off_t change_counter_of_second_copy = 48 + 8;
    const int shared = ::open((path + "-shm").c_str(), O_RDWR | O_CLOEXEC);
    std::array<unsigned char, 1> byte{};
    if (::pread(shared, byte.data(), 1, change_counter_of_second_copy) != 1) throw 1;
    ++byte[0];
    if (::pwrite(shared, byte.data(), 1, change_counter_of_second_copy) != 1) throw 1;
}

/// Contacts as they were read last, with the moment before: while that is the same, nothing may be
/// different.
class SeenContacts {
public:
    void look(const Crm& crm, const std::string& name, const std::string& said,
              const std::optional<StoreMoment>& before) {
        Seen& seen = seen_[name];
        INFO(name);
        REQUIRE(before);
        // Nobody else is here, so it still holds.
        REQUIRE(crm.moment() == before);
        if (seen.moment == before) {
            ++unchanged_;
            REQUIRE(said == seen.said);
        }
        seen = {before, said};
    }

    [[nodiscard]] int unchanged() const { return unchanged_; }

private:
    struct Seen {
        std::optional<StoreMoment> moment{};
        std::string said{};
    };

    std::map<std::string, Seen> seen_;
    int unchanged_ = 0;
};

/// Changes of two books, by this store and by another program, some of them undone, and what else
/// is done to the log.
class Changes : Chance {
public:
    Changes(Crm& crm, OtherProgram& other, std::uint32_t seed)
        : Chance{seed}, crm_{&crm}, other_{&other} {}

    void make_one() {
        const Principal who = pick(people);
        switch (number(9)) {
        case 0:
            contacts_.push_back(crm_->contacts().create(who, {.name = name()}).id);
            break;
        case 1:
        case 2:
            refusal([&] { crm_->contacts().update(who, any(), {.name = name()}); });
            break;
        case 3:
            refusal([&] { crm_->contacts().remove(who, any()); });
            break;
        case 4:
            undo(who);
            break;
        case 5:
            other_->run(fmt::format("update lvng_contacts set name = '{}', version = version + 1"
                                    " where user_id = '{}'",
                                    name(), who.user.to_string()));
            break;
        case 6:
            other_->run("begin; delete from lvng_contacts; rollback");
            break;
        case 7:
            other_->run("pragma wal_checkpoint(" +
                        pick(std::vector<std::string>{"passive", "full", "restart", "truncate"}) +
                        ")");
            break;
        default:
            static_cast<void>(crm_->contacts().list(who));
        }
    }

    void look(SeenContacts& seen) const {
        for (const Principal& who : people) {
            for (const ContactId& id : contacts_) {
                const std::optional<StoreMoment> before = crm_->moment();
                std::string said;
                const std::string refused =
                    refusal([&] { said = to_json(crm_->contacts().get(who, id)); });
                seen.look(*crm_, who.user.to_string() + ' ' + id.to_string(), refused + said,
                          before);
            }
        }
    }

private:
    static inline const std::array<Principal, 2> people{ana(), bob()};

    std::string name() { return fmt::format("N{}", number(1000)); }
    ContactId any() { return contacts_.empty() ? ContactId{} : pick(contacts_); }
    void undo(const Principal& who) {
        refusal([&] {
            crm_->transact(who, [&](Transaction& tx) {
                tx.contacts().create(who, {.name = name()});
                throw Error{ErrorCode::cancelled, "stop"};
            });
        });
    }

    Crm* crm_;
    OtherProgram* other_;
    std::vector<ContactId> contacts_;
};

}  // namespace

TEST_SUITE("adapters.sqlite.wal_moments") {

    TEST_CASE_FIXTURE(OneContact, "the moment of a file stays while nothing is committed") {
        const StoreMoment before = moment();
        CHECK(before != StoreMoment{});
        CHECK(name() == "Jane");
        CHECK(crm->contacts().list(ana()).total == 1);
        CHECK(crm->health().serving);
        CHECK(refusal([&] { rename(""); }) == "invalid name");
        CHECK(OtherProgram{path}.run("select count(*) from lvng_contacts") == "1\n");
        CHECK(moment() == before);
    }

    TEST_CASE_FIXTURE(OneContact, "each commit gives the file another moment") {
        std::vector<StoreMoment> seen{moment()};
        const auto is_new = [&] {
            const StoreMoment now = moment();
            const bool is_known = std::find(seen.begin(), seen.end(), now) != seen.end();
            seen.push_back(now);
            return !is_known;
        };
        OtherProgram other{path};
        for (int round = 0; round < 50; ++round) {
            rename(fmt::format("Jane {}", round));
            REQUIRE(is_new());
            crm->transact(bob(), [](Transaction& tx) {
                tx.contacts().create(bob(), {.name = "Joe"});
                tx.contacts().create(bob(), {.name = "Jim"});
            });
            REQUIRE(is_new());
            // The log may begin anew: folding it back changes nothing that can be read.
            if (round % 3 == 1) other.run("pragma wal_checkpoint(restart)");
            if (round % 3 == 2) other.run("pragma wal_checkpoint(truncate)");
            seen.push_back(moment());
        }
        crm->contacts().remove(ana(), id);
        CHECK(is_new());
    }

    TEST_CASE_FIXTURE(OneContact, "what another program commits gives the file another moment") {
        OtherProgram other{path};
        const StoreMoment before = moment();
        CHECK(other.run("begin; update lvng_contacts set name = 'Joan'") == "");
        CHECK(moment() == before);
        CHECK(other.run("commit") == "");
        CHECK(moment() != before);
        CHECK(name() == "Joan");
    }

    TEST_CASE_FIXTURE(Desk, "what another process commits gives the file another moment") {
        OtherProcess process{[&] { rename_elsewhere(path); }};
        const auto crm = open();
        const ContactId id =
            crm->contacts().create(ana(), {.name = "Jane", .email = std::string{"jane@x.org"}}).id;
        const StoreMoment before = moment_of(*crm);
        CHECK(process.run() == 0);
        CHECK(moment_of(*crm) != before);
        CHECK(crm->contacts().get(ana(), id).name == "Renamed elsewhere");
    }

    TEST_CASE_FIXTURE(Desk, "a header that was left half written is no moment until it is mended") {
        OtherProcess process{[&] { spoil_header(path); }};
        const auto crm = open();
        const Contact jane = crm->contacts().create(ana(), {.name = "Jane"});
        const StoreMoment before = moment_of(*crm);
        CHECK(process.run() == 0);
        CHECK_FALSE(crm->moment());
        CHECK(crm->contacts().get(ana(), jane.id) == jane);
        const StoreMoment mended = moment_of(*crm);
        crm->contacts().update(ana(), jane.id, {.name = "Joan"});
        const StoreMoment changed = moment_of(*crm);
        CHECK(changed != mended);
        CHECK(changed != before);
    }

    TEST_CASE_FIXTURE(OneContact, "nobody can take the file out of WAL mode while it is open") {
        const StoreMoment before = moment();
        CHECK(OtherProgram{path}.run("pragma journal_mode = delete") == "database is locked");
        CHECK(moment() == before);
        rename("Joan");
        CHECK(moment() != before);
    }

    TEST_CASE_FIXTURE(OneContact,
                      "a file in the place of one that was moved away is not looked at") {
        CHECK(name() == "Jane");
        const StoreMoment before = moment();
        for (const char* part : {"", "-wal", "-shm"})
            std::filesystem::rename(path + part, folder.file("old.db") + part);
        CHECK(OtherProgram{path}.run("pragma journal_mode = wal; create table mine (a)") ==
              "wal\n");
        CHECK(moment() == before);
        CHECK(name() == "Jane");
    }

    TEST_CASE("a store in memory has no moment") {
        CHECK_FALSE(Crm{sqlite_store({.path = ":memory:"})}.moment());
    }

    TEST_CASE_FIXTURE(Desk, "while the moment is the same, every contact reads the same") {
        const auto crm = open();
        OtherProgram other{path};
        Changes changes{*crm, other, Chance::seed()};
        SeenContacts seen;
        for (int n = 0; n < 400; ++n) {
            changes.make_one();
            changes.look(seen);
        }
        CHECK(seen.unchanged() > 0);
    }

    TEST_CASE_FIXTURE(
        OneContact, "what was kept at a moment is never older than what was acknowledged before") {
        constexpr int changes = 2000;
        std::atomic<int> acknowledged{-1};
        std::atomic<int> from_kept{0};
        std::atomic<bool> stale{false};
        rename("0");
        acknowledged = 0;
        run_threads(4, [&](int number) {
            if (number == 0) {
                for (int n = 1; n <= changes; ++n) {
                    rename(std::to_string(n));
                    acknowledged = n;
                }
                return;
            }
            std::optional<StoreMoment> kept_at;
            int kept = 0;
            for (int least = 0; least < changes;) {
                least = acknowledged;
                const std::optional<StoreMoment> now = crm->moment();
                if (now && now == kept_at) {
                    ++from_kept;
                } else {
                    kept = std::stoi(name());
                    kept_at = now;
                }
                if (kept < least) stale = true;
            }
        });
        CHECK_FALSE(stale);
        CHECK(from_kept > 0);
    }
}
