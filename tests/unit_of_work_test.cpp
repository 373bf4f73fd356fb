#include <lvng/crm/crm.hpp>
#include <lvng/crm/sqlite.hpp>
#include <lvng/crm/testing.hpp>

#include "support/people.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using namespace lvng::crm;
using namespace lvng::crm::test;
using namespace lvng::crm::testing;

namespace {

/// What a store that fails now and then does next.
struct Faults {
    int failing_begins = 0;
    int failing_commits = 0;
    Error::More how{.retryable = true};
    int begins = 0;
};

class FaultyTransaction final : public StoreTransaction {
public:
    FaultyTransaction(std::unique_ptr<StoreTransaction> inner, Faults& faults)
        : inner_{std::move(inner)}, faults_{&faults} {}

    ContactRepository& contacts() override { return inner_->contacts(); }
    ConversationRepository& conversations() override { return inner_->conversations(); }
    MessageRepository& messages() override { return inner_->messages(); }
    EventLog& events() override { return inner_->events(); }
    UserRepository& users() override { return inner_->users(); }
    ApiKeyRepository& api_keys() override { return inner_->api_keys(); }
    ReplayRepository& replays() override { return inner_->replays(); }
    UpkeepRepository& upkeep() override { return inner_->upkeep(); }
    void note_tenant() override { inner_->note_tenant(); }
    void commit() override {
        if (faults_->failing_commits-- > 0)
            throw Error{ErrorCode::unavailable, "gone", faults_->how};
        inner_->commit();
    }
    void rollback() override { inner_->rollback(); }
    void savepoint() override { inner_->savepoint(); }
    void release_savepoint() override { inner_->release_savepoint(); }
    void rollback_to_savepoint() override { inner_->rollback_to_savepoint(); }
    void* native_handle() override { return inner_->native_handle(); }

private:
    std::unique_ptr<StoreTransaction> inner_;
    Faults* faults_;
};

class FaultyStore final : public Store {
public:
    explicit FaultyStore(Faults& faults) : faults_{&faults} {}

    std::unique_ptr<StoreTransaction> begin(const Principal& who, Access access,
                                            Deadline deadline) override {
        ++faults_->begins;
        if (faults_->failing_begins-- > 0)
            throw Error{ErrorCode::unavailable, "gone", faults_->how};
        return std::make_unique<FaultyTransaction>(inner_->begin(who, access, deadline), *faults_);
    }
    std::vector<TenantId> tenants(Deadline deadline) override { return inner_->tenants(deadline); }
    StoreHealth health(Deadline deadline) override { return inner_->health(deadline); }

private:
    std::unique_ptr<Store> inner_ = sqlite_store({.path = ":memory:"});
    Faults* faults_;
};

struct Faulty {
    Faults faults;
    Crm crm{std::make_unique<FaultyStore>(faults)};
};

}  // namespace

TEST_SUITE("unit_of_work") {

    TEST_CASE_FIXTURE(TestCrm, "several calls are done together") {
        const std::int64_t total = crm().transact(ana(), [&](Transaction& tx) {
            tx.contacts().create(ana(), {.name = "A"});
            tx.contacts().create(ana(), {.name = "B"});
            return tx.contacts().list(ana()).total;
        });
        CHECK(total == 2);
        CHECK(crm().contacts().list(ana()).total == 2);
    }

    TEST_CASE_FIXTURE(TestCrm, "what the work throws undoes everything and comes out") {
        CHECK_THROWS_AS(crm().transact(ana(),
                                       [&](Transaction& tx) {
                                           tx.contacts().create(ana(),
                                                                {.name = "A", .email = "a@x.org"});
                                           throw std::runtime_error{"no"};
                                       }),
                        std::runtime_error);
        CHECK(crm().contacts().list(ana()).total == 0);
        CHECK_FALSE(crm().contacts().with_email(ana(), "a@x.org"));
    }

    TEST_CASE_FIXTURE(
        TestCrm, "a call that fails inside a transaction leaves nothing, and the others go on") {
        crm().transact(ana(), [&](Transaction& tx) {
            const Contact a = tx.contacts().create(ana(), {.name = "A", .email = "a@x.org"});
            CHECK(refusal([&] {
                      tx.contacts().create(ana(), {.name = "Twin", .email = "A@x.org"});
                  }) == "already_exists email");
            CHECK(refusal([&] { tx.contacts().remove(ana(), ContactId{Uuid{}}); }) == "not_found");
            tx.contacts().update(ana(), a.id, {.title = "T"});
        });
        const auto items = crm().contacts().list(ana()).items;
        REQUIRE(items.size() == 1);
        CHECK(items[0].title == "T");
    }

    TEST_CASE_FIXTURE(TestCrm, "a transaction acts for the one it was opened for") {
        crm().transact(ana(), [&](Transaction& tx) {
            CHECK(refusal([&] { tx.contacts().create(bob(), {.name = "A"}); }) == "invalid");
            CHECK(refusal([&] { static_cast<void>(tx.contacts().list(other_ana())); }) ==
                  "invalid");
        });
    }

    TEST_CASE_FIXTURE(TestCrm,
                      "a call on the Crm from inside its transaction is refused, not stuck") {
        crm().transact(ana(), [&](Transaction&) {
            CHECK(refusal([&] { crm().contacts().create(ana(), {.name = "A"}); }) == "conflict");
            CHECK(refusal([&] { static_cast<void>(crm().contacts().list(ana())); }) == "conflict");
        });
        CHECK(refusal([&] { crm().contacts().create(ana(), {.name = "A"}); }) == "nothing");
    }

    TEST_CASE_FIXTURE(TestCrm, "effects run after the commit, in order, and not after a rollback") {
        std::vector<std::string> seen;
        crm().transact(ana(), [&](Transaction& tx) {
            tx.contacts().create(ana(), {.name = "A"});
            tx.after_commit([&] {
                seen.push_back("first of " + std::to_string(crm().contacts().list(ana()).total));
            });
            tx.after_commit([&] { seen.push_back("second"); });
            CHECK(seen.empty());
        });
        CHECK(refusal([&] {
                  crm().transact(ana(), [&](Transaction& tx) {
                      tx.after_commit([&] { seen.push_back("never"); });
                      tx.contacts().remove(ana(), ContactId{Uuid{}});
                  });
              }) == "not_found");
        CHECK(seen == std::vector<std::string>{"first of 1", "second"});
    }

    TEST_CASE_FIXTURE(Faulty, "a store that is away for a moment is asked again") {
        faults.failing_begins = 2;
        CHECK(refusal([&] { crm.contacts().create(ana(), {.name = "A"}); }) == "nothing");
        CHECK(faults.begins == 3);
        CHECK(crm.contacts().list(ana()).total == 1);
    }

    TEST_CASE_FIXTURE(Faulty, "works that find the store away are tried again together") {
        constexpr int works = 50;
        faults.failing_begins = 3 * works;
        std::vector<TransactionWork> all;
        all.reserve(works);
        for (int i = 0; i < works; ++i) {
            all.push_back({.who = ana(), .work = [](Transaction& tx) {
                               tx.contacts().create(ana(), {.name = "A"});
                           }});
        }
        crm.transact_each(all);
        for (const TransactionWork& work : all) CHECK_FALSE(work.failure);
        CHECK(faults.begins == 4 * works);
        CHECK(crm.contacts().list(ana()).total == works);
    }

    TEST_CASE_FIXTURE(Faulty, "contacts that find the store away are asked for again together") {
        const ContactId id = crm.contacts().create(ana(), {.name = "A"}).id;
        constexpr int count = 10;
        std::vector<ContactRequest> requests(count, {.who = ana(), .id = id});
        faults = {.failing_begins = 2 * count + 1};
        crm.contacts().get_each(requests);
        for (const ContactRequest& request : requests) CHECK(request.contact.value().name == "A");
        CHECK(faults.begins == 3 * count + 1);  // those that were found not once more

        faults = {.failing_begins = 1000};
        crm.contacts().get_each(requests);
        for (const ContactRequest& request : requests) {
            CHECK_FALSE(request.contact);
            CHECK(refusal([&] { std::rethrow_exception(request.failure); }) == "unavailable");
        }
        CHECK(faults.begins == 6 * count);
        faults = {.failing_begins = 1, .how = {}};
        crm.contacts().get_each(requests);
        CHECK(requests[0].failure);
        CHECK(requests[1].contact);
    }

    TEST_CASE_FIXTURE(Faulty,
                      "a commit that surely did nothing runs the work again, from the start") {
        faults.failing_commits = 1;
        int runs = 0;
        std::vector<int> effects;
        crm.transact(ana(), [&](Transaction& tx) {
            const int run = ++runs;
            tx.contacts().create(ana(), {.name = "A"});
            tx.after_commit([&, run] { effects.push_back(run); });
        });
        CHECK(runs == 2);
        CHECK(effects == std::vector<int>{2});
        CHECK(crm.contacts().list(ana()).total == 1);
    }

    TEST_CASE_FIXTURE(Faulty, "a commit in doubt is never repeated") {
        faults.failing_commits = 1;
        faults.how = {.outcome_unknown = true};
        int runs = 0;
        try {
            crm.transact(ana(), [&](Transaction&) { ++runs; });
            FAIL("the lost commit was not reported");
        } catch (const Error& error) {
            CHECK(error.outcome_unknown());
        }
        CHECK(runs == 1);
    }

    TEST_CASE_FIXTURE(Faulty,
                      "of works done together, those that surely did nothing are repeated") {
        std::vector<TransactionWork> works(3);
        int runs = 0;
        for (TransactionWork& work : works) {
            work = {.who = ana(), .work = [&](Transaction& tx) {
                        ++runs;
                        tx.contacts().create(ana(), {.name = "A"});
                    }};
        }
        faults.failing_commits = 2;
        crm.transact_each(works);
        CHECK(runs == 5);
        CHECK(crm.contacts().list(ana()).total == 3);
        for (const TransactionWork& work : works) CHECK_FALSE(work.failure);

        faults.failing_commits = 1;
        faults.how = {.outcome_unknown = true};
        runs = 0;
        crm.transact_each(works);
        CHECK(runs == 3);
        CHECK(works[0].failure);
        CHECK_FALSE(works[1].failure);
        CHECK(crm.contacts().list(ana()).total == 5);
    }

    TEST_CASE("a store that stays away ends the call by its deadline") {
        Faults faults{.failing_begins = 1000};
        Crm crm{std::make_unique<FaultyStore>(faults),
                Options{.timeout = std::chrono::milliseconds{20}}};
        CHECK(refusal([&] { crm.contacts().create(ana(), {.name = "A"}); }) == "unavailable");
        CHECK(faults.begins < 20);
    }

    TEST_CASE("a region without telephone numbers is refused") {
        CHECK(refusal([&] {
                  Crm crm{sqlite_store({.path = ":memory:"}), Options{.phone_region = "XX"}};
              }) == "invalid phone_region");
        CHECK(refusal([&] {
                  Crm crm{sqlite_store({.path = ":memory:"}), Options{.phone_region = "DE"}};
              }) == "nothing");
    }
}

TEST_SUITE("users") {

    TEST_CASE_FIXTURE(TestCrm, "whoever is remembered is found in their tenant, and nowhere else") {
        Principal who = ana();
        who.name = "Ana";
        who.email = "ana@acme.com";
        crm().users().remember(who);
        CHECK(crm().users().find(bob(), UserId{"usr_ana"}) ==
              User{UserId{"usr_ana"}, "Ana", "ana@acme.com"});
        CHECK_FALSE(crm().users().find(other_ana(), UserId{"usr_ana"}));
        CHECK_FALSE(crm().users().find(ana(), UserId{"usr_bob"}));
    }

    TEST_CASE_FIXTURE(TestCrm, "a new name is taken over, an absent one is not") {
        Principal who = ana();
        who.name = "Ana";
        crm().users().remember(who);
        who.name = "";
        who.email = "ana@acme.com";
        crm().users().remember(who);
        CHECK(crm().users().find(who, who.user) == User{who.user, "Ana", "ana@acme.com"});
        who.name = "Ana B";
        crm().users().remember(who);
        crm().users().remember(who);
        CHECK(crm().users().find(who, who.user) == User{who.user, "Ana B", "ana@acme.com"});
    }

    TEST_CASE_FIXTURE(TestCrm,
                      "what a rolled back transaction remembered is remembered again later") {
        Principal who = ana();
        who.name = "Ana";
        CHECK_THROWS_AS(crm().transact(who,
                                       [&](Transaction& tx) {
                                           tx.users().remember(who);
                                           throw std::runtime_error{"no"};
                                       }),
                        std::runtime_error);
        CHECK_FALSE(crm().users().find(who, who.user));
        crm().users().remember(who);
        CHECK(crm().users().find(who, who.user)->name == "Ana");
    }
}
