#include "upkeep.hpp"

#include "conversations/rules/recount.hpp"
#include "retried.hpp"

#include <lvng/crm/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace lvng::crm::inline v0 {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::int64_t listed_at_once = 1'000;
constexpr std::int64_t erased_at_once = 2'000;
constexpr std::chrono::seconds round_length{1};

/// Short transactions for the whole of a tenant.
class Transactions {
public:
    Transactions(Store& store, milliseconds timeout) : store_{&store}, timeout_{timeout} {}

    [[nodiscard]] std::vector<TenantId> tenants() const { return store_->tenants(deadline()); }

    /// `work(UpkeepRepository&)` in one of them, with its result.
    template <class Work>
    auto run(const TenantId& tenant, Access access, Work work) const {
        return retried(*store_, {.tenant = tenant}, access, timeout_,
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
    comparison.counted = rules::recount(comparison.recorded, {.messages = upkeep.messages(id),
                                                              .receipts = upkeep.receipts(id),
                                                              .last_event = upkeep.last_event(id)});
    return comparison;
}

void write_down(UpkeepRepository& upkeep, const ConversationId& id, const Comparison& comparison) {
    const auto& [recorded, counted] = comparison;
    if (recorded.counters != counted.counters) upkeep.save(id, counted.counters);
    for (std::size_t at = 0; at < counted.members.size(); ++at) {
        const HeldMember& member = counted.members[at];
        if (member != recorded.members[at]) upkeep.save_seen(id, member.id, member.seen_count);
    }
}

class Recounting {
public:
    Recounting(Store& store, milliseconds timeout, bool repair)
        : transactions_{store, timeout}, repair_{repair} {}

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
            ids = transactions_.run(tenant, Access::glance, [&](UpkeepRepository& upkeep) {
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
            books = transactions_.run(tenant, Access::glance, [&](UpkeepRepository& upkeep) {
                return upkeep.books(after.to_string(), listed_at_once);
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

TidyReport tidy(Store& store, milliseconds timeout, Timestamp events_before) {
    const Transactions transactions{store, timeout};
    const auto end = steady_clock::now() + round_length;
    TidyReport report;
    for (const TenantId& tenant : transactions.tenants()) {
        for (bool done = false; !done;) {
            // A round that has erased nothing yet goes on, or many tenants with nothing to erase
            // would keep it from ever reaching the last.
            const bool erased = report.events + report.remains > 0;
            report.more = erased && steady_clock::now() >= end;
            if (report.more) return report;
            const auto [events, remains] =
                transactions.run(tenant, Access::write, [&](UpkeepRepository& upkeep) {
                    return std::pair{upkeep.erase_events(events_before, erased_at_once),
                                     upkeep.erase_remains(erased_at_once)};
                });
            report.events += events;
            report.remains += remains;
            done = events < erased_at_once && remains == 0;
        }
    }
    return report;
}

}  // namespace lvng::crm::inline v0
