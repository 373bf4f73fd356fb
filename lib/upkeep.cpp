#include "upkeep.hpp"

#include "conversations/rules/recount.hpp"
#include "retry.hpp"

#include <lvng/crm/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

namespace lvng::crm::inline v0 {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::int64_t listed_at_once = 1'000;
constexpr std::int64_t messages_at_once = 1'000;  // with the receipts of all members
constexpr std::int64_t books_at_once = 50;
constexpr std::int64_t erased_at_once = 2'000;
// A conversation may be of any length. The statements are short nevertheless: a server may end
// each of them much sooner.
constexpr std::chrono::minutes time_to_count{1};

/// Transactions for the whole of a tenant.
class Transactions {
public:
    Transactions(Store& store, milliseconds timeout) : store_{&store}, timeout_{timeout} {}

    [[nodiscard]] std::vector<TenantId> tenants() const { return store_->tenants(deadline()); }

    /// `work(UpkeepRepository&)` in one of them, with its result.
    template <class Work>
    auto run(const TenantId& tenant, Access access, Work work) const {
        return transact(*store_, {.tenant = tenant}, access, timeout_,
                        [&](StoreTransaction& tx) { return work(tx.upkeep()); });
    }

private:
    [[nodiscard]] Deadline deadline() const { return steady_clock::now() + timeout_; }

    Store* store_;
    milliseconds timeout_;
};

// ---- recounting ---------------------------------------------------------------------------------

/// A conversation as it is recorded, and as it should be.
struct Comparison {
    rules::RecordedConversation recorded{};
    rules::RecordedConversation counted{};
};

/// Nothing where the conversation is gone.
std::optional<Comparison> compare(UpkeepRepository& upkeep, const ConversationId& id) {
    const std::optional<ConversationCounters> counters = upkeep.counters(id);
    if (!counters) return std::nullopt;
    Comparison comparison{.recorded = {.counters = *counters, .members = upkeep.members(id)}};
    rules::Recount recount{comparison.recorded};
    std::vector<CountedMessage> messages;
    do {
        const std::int64_t after = messages.empty() ? 0 : messages.back().number;
        messages = upkeep.messages(id, after, messages_at_once);
        if (messages.empty()) break;
        for (const CountedMessage& message : messages) recount.add(message);
        for (const CountedReceipts& receipts : upkeep.receipts(id, after, messages.back().number)) {
            recount.add(receipts);
        }
    } while (std::ssize(messages) == messages_at_once);
    comparison.counted = recount.finish(upkeep.last_event(id));
    return comparison;
}

void write_down(UpkeepRepository& upkeep, const ConversationId& id, const Comparison& comparison) {
    const auto& [recorded, counted] = comparison;
    if (recorded == counted) return;
    // No event tells of it, yet lists must not seem unchanged.
    ConversationCounters counters = counted.counters;
    counters.event_at = Timestamp{counters.event_at.milliseconds() + 1};
    upkeep.save(id, counters);
    for (std::size_t at = 0; at < counted.members.size(); ++at) {
        const HeldMember& member = counted.members[at];
        if (member != recorded.members[at]) upkeep.save_seen(id, member.id, member.seen_count);
    }
}

class Recounting {
public:
    Recounting(Store& store, milliseconds timeout, bool repair)
        : transactions_{store, std::max<milliseconds>(timeout, time_to_count)}, repair_{repair} {}

    CheckReport run() {
        for (const TenantId& tenant : transactions_.tenants()) {
            recount_conversations(tenant);
            recount_books(tenant);
        }
        return std::move(report_);
    }

private:
    void recount_conversations(const TenantId& tenant) {
        std::vector<ConversationId> ids;
        do {
            const ConversationId after = ids.empty() ? ConversationId{} : ids.back();
            ids = transactions_.run(tenant, Access::read, [&](UpkeepRepository& upkeep) {
                return upkeep.conversations(after, listed_at_once);
            });
            for (const ConversationId& id : ids) recount_conversation(tenant, id);
        } while (!ids.empty());
    }

    void recount_conversation(const TenantId& tenant, const ConversationId& id) {
        std::optional<std::vector<Miscount>> found = look(tenant, id, Access::read);
        // Looked at first, because a writing transaction keeps senders waiting.
        if (repair_ && found && !found->empty()) found = look(tenant, id, Access::write);
        if (!found) return;
        ++report_.conversations;
        std::move(found->begin(), found->end(), std::back_inserter(report_.miscounts));
    }

    /// What differs; in a writing transaction it is repaired.
    std::optional<std::vector<Miscount>> look(const TenantId& tenant, const ConversationId& id,
                                              Access access) {
        return transactions_.run(
            tenant, access, [&](UpkeepRepository& upkeep) -> std::optional<std::vector<Miscount>> {
                const std::optional<Comparison> comparison = compare(upkeep, id);
                if (!comparison) return std::nullopt;
                if (access == Access::write) write_down(upkeep, id, *comparison);
                return rules::differences(tenant, id, comparison->recorded, comparison->counted);
            });
    }

    void recount_books(const TenantId& tenant) {
        std::vector<UpkeepRepository::BookCount> books;
        do {
            const UserId after = books.empty() ? UserId{} : books.back().user;
            books = transactions_.run(tenant, Access::read, [&](UpkeepRepository& upkeep) {
                return upkeep.books(after.to_string(), books_at_once);
            });
            for (const UpkeepRepository::BookCount& book : books) compare_book(tenant, book);
        } while (!books.empty());
    }

    void compare_book(const TenantId& tenant, const UpkeepRepository::BookCount& book) {
        ++report_.books;
        if (book.recorded == book.counted) return;
        report_.miscounts.push_back({.tenant = tenant,
                                     .what = fmt::format("book of {}", book.user.to_string()),
                                     .recorded = book.recorded,
                                     .counted = book.counted});
        if (!repair_) return;
        transactions_.run(tenant, Access::write, [&](UpkeepRepository& upkeep) {
            upkeep.recount_book(book.user);
            return true;
        });
    }

    Transactions transactions_;
    bool repair_;
    CheckReport report_;
};

}  // namespace

CheckReport recount(Store& store, milliseconds timeout, bool repair) {
    return Recounting{store, timeout, repair}.run();
}

// ---- tidying ------------------------------------------------------------------------------------

namespace {

// Looked for in a reading transaction, because there is nearly always nothing, and a writing one
// costs much more.
bool can_erase(const Transactions& transactions, const TenantId& tenant,
               const UpkeepRepository::Before& before) {
    return transactions.run(tenant, Access::glance,
                            [&](UpkeepRepository& upkeep) { return upkeep.can_erase(before); });
}

void erase_some(const Transactions& transactions, const TenantId& tenant,
                const UpkeepRepository::Before& before, TidyReport& report) {
    const TidyReport erased =
        transactions.run(tenant, Access::write, [&](UpkeepRepository& upkeep) {
            return TidyReport{.events = upkeep.erase_events(before.events, erased_at_once),
                              .replays = upkeep.erase_replays(before.replays, erased_at_once),
                              .remains = upkeep.erase_remains(erased_at_once)};
        });
    report.events += erased.events;
    report.replays += erased.replays;
    report.remains += erased.remains;
}

}  // namespace

TidyReport Tidying::round(const UpkeepRepository::Before& before) {
    const std::lock_guard turn{turn_};
    const Transactions transactions{*store_, timeout_};
    const auto end = steady_clock::now() + round_length_;
    const std::vector<TenantId> tenants = transactions.tenants();
    auto next = std::lower_bound(tenants.begin(), tenants.end(), std::exchange(next_, {}));
    TidyReport report;
    while (next != tenants.end()) {
        const TenantId& tenant = *next++;
        // Noted first: one that fails must not keep the rounds from those behind it.
        next_ = next != tenants.end() ? *next : TenantId{};
        while (can_erase(transactions, tenant, before)) {
            erase_some(transactions, tenant, before, report);
            if (steady_clock::now() < end) continue;
            next_ = tenant;
            report.more = true;
            return report;
        }
        report.more = next != tenants.end() && steady_clock::now() >= end;
        if (report.more) return report;
    }
    return report;
}

}  // namespace lvng::crm::inline v0
