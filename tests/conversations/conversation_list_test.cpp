#include "conversations/talk.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <thread>
#include <utility>

using namespace lvng::crm;
using namespace lvng::crm::test;

namespace {

/// A store on which something happens before a transaction begins, by somebody else.
class Meddling final : public Store {
public:
    explicit Meddling(std::unique_ptr<Store> inner) : inner_{std::move(inner)} {}

    /// Runs `act` before the transaction that follows so many others.
    void before(int others, std::function<void()> act) {
        others_ = others;
        act_ = std::move(act);
    }

    std::unique_ptr<StoreTransaction> begin(const Principal& who, Access access,
                                            Deadline deadline) override {
        if (act_ && others_-- == 0) std::jthread{std::exchange(act_, nullptr)}.join();
        return inner_->begin(who, access, deadline);
    }
    std::vector<TenantId> tenants(Deadline deadline) override { return inner_->tenants(deadline); }
    StoreHealth health(Deadline deadline) override { return inner_->health(deadline); }

private:
    std::unique_ptr<Store> inner_;
    int others_ = 0;
    std::function<void()> act_;
};

struct Meddled {
    std::unique_ptr<Meddling> fresh = std::make_unique<Meddling>(fresh_store());
    Meddling* store = fresh.get();
};

struct MeddledTalk : Meddled, Talk {
    MeddledTalk() : Talk{std::move(fresh)} {}
};

}  // namespace

TEST_SUITE("conversations.conversation_list") {

    TEST_CASE_FIXTURE(Talk, "the list has the latest first, and equal times by id") {
        const ConversationId one = group(ana(), {"usr_bob"}, "one");
        group(bob(), {"usr_ana"}, "two");
        pass();
        group(ana(), {"usr_cleo"}, "three");
        group(cleo(), {"usr_bob"}, "not hers");
        CHECK(list(ana()) == "three,one,two,3");
        pass();
        say(bob(), one, "hello");
        CHECK(list(ana()) == "one,three,two,3");
        CHECK(list(ana(), {}, {.limit = 1, .offset = 1}) == "three,3");
        CHECK(list(ana(), {}, {.limit = 100, .offset = 3}) == "3");
        CHECK(list(ana(), {}, {.limit = 1, .offset = 1'000'000'000}) == "3");
        for (const Page& page : {Page{.limit = 0}, Page{.limit = 101}, Page{.limit = -1}})
            CHECK(refusal([&] { list(ana(), {}, page); }) == "invalid limit");
        for (const std::int64_t offset : {-1L, 1'000'000'001L})
            CHECK(refusal([&] { list(ana(), {}, {.limit = 1, .offset = offset}); }) ==
                  "invalid offset");
    }

    TEST_CASE_FIXTURE(Talk, "filters of the list hold together") {
        const ConversationId quiet = group(ana(), {"usr_bob"}, "quiet");
        pass();
        const ConversationId loud = group(ana(), {"usr_bob"}, "loud");
        pass();
        const ConversationId pair = direct(ana(), bob());
        pass();
        conversations.create(
            ana(),
            {.type = ConversationType::project, .members = users({"usr_bob"}), .name = "plan"});
        say(ana(), loud, "one");
        say(ana(), pair, "two");
        CHECK(list(bob(), {.type = ConversationType::group}) == "loud,quiet,2");
        CHECK(list(bob(), {.type = ConversationType::project}) == "plan,1");
        CHECK(list(bob(), {.unread = true}) == "loud,-,2");
        CHECK(list(ana(), {.unread = true}) == "0");
        CHECK(list(bob(), {.type = ConversationType::direct, .unread = true}) == "-,1");
        conversations.update(ana(), quiet, {.is_archived = true});
        CHECK(list(bob(), {.type = ConversationType::group}) == "loud,1");
        CHECK(list(bob(), {.type = ConversationType::group, .archived = true}) == "quiet,loud,2");
        conversations.update(ana(), quiet, {.is_archived = false});
        CHECK(list(bob(), {.type = ConversationType::group}) == "quiet,loud,2");
    }

    TEST_CASE_FIXTURE(Talk, "the list shows the unread and the newest message, a tombstone too") {
        const ConversationId id = group(ana(), {"usr_bob"});
        const auto entry = [&](const Principal& who) {
            return conversations.list(who).items.at(0);
        };
        CHECK(entry(bob()).last_message == std::nullopt);
        CHECK(entry(bob()).unread_count == 0);
        say(ana(), id, "one");
        const Message two = say(ana(), id, "two");
        CHECK(entry(bob()).last_message == two);
        CHECK(entry(bob()).unread_count == 2);
        CHECK(entry(ana()).unread_count == 0);
        CHECK(entry(bob()).conversation == look(bob(), id));
        messages.remove(ana(), id, two.id);
        REQUIRE(entry(bob()).last_message);
        CHECK(entry(bob()).last_message->number == 2);
        CHECK(entry(bob()).last_message->deleted_at);
        CHECK(entry(bob()).unread_count == 1);
    }

    TEST_CASE_FIXTURE(Talk, "the list is read again after any change to what it shows") {
        const ConversationId first = group(ana(), {"usr_bob"}, "first");
        ListVersion known;
        const auto has_changed = [&] {
            const bool changed = conversations.list_if_changed(bob(), known).has_value();
            known = conversations.list(bob()).version;
            return changed;
        };
        CHECK(has_changed());
        CHECK_FALSE(has_changed());
        const Message message = say(ana(), first, "one");
        CHECK(has_changed());
        receipts.mark_read(bob(), first, {message.id});
        CHECK(has_changed());
        receipts.mark_read(bob(), first, {message.id});  // once more
        CHECK_FALSE(has_changed());
        conversations.update(ana(), first, {.name = "renamed"});
        CHECK(has_changed());
        members.add(ana(), first, {.id = cleo().user});
        CHECK(has_changed());
        const ConversationId second = group(cleo(), {"usr_bob"});
        CHECK(has_changed());
        group(cleo(), {"usr_ana"});  // without him
        CHECK_FALSE(has_changed());
        // Beyond the page it is the total that tells.
        const ListVersion one_of_two = conversations.list(bob(), {}, {.limit = 1}).version;
        conversations.remove(ana(), first);
        CHECK(conversations.list_if_changed(bob(), one_of_two, {}, {.limit = 1}).has_value());
        CHECK(has_changed());
        leave(bob(), second);
        CHECK(has_changed());
        CHECK(list(bob()) == "0");
    }

    TEST_CASE_FIXTURE(MeddledTalk, "a list is of one moment though things change meanwhile") {
        const ConversationId first = group(ana(), {"usr_bob"}, "first");
        const ConversationId second = group(ana(), {"usr_bob"}, "second");
        pass();
        std::string expected;
        SUBCASE("a message") {
            store->before(1, [&] { say(ana(), first, "just now"); });
            expected = "first 1, second 0, of 2";
        }
        SUBCASE("a deletion") {
            store->before(1, [&] { conversations.remove(ana(), second); });
            expected = "first 0, of 1";
        }
        const auto list = conversations.list(bob());
        std::string shown;
        for (const ConversationEntry& entry : list.items)
            shown += fmt::format("{} {}, ", entry.conversation.name.value(), entry.unread_count);
        CHECK(shown + fmt::format("of {}", list.total) == expected);
        CHECK_FALSE(conversations.list_if_changed(bob(), list.version));
    }
}
