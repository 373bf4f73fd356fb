#pragma once

#include <lvng/crm/api_keys.hpp>
#include <lvng/crm/contacts/contacts.hpp>
#include <lvng/crm/conversations/conversations.hpp>
#include <lvng/crm/conversations/members.hpp>
#include <lvng/crm/conversations/messages.hpp>
#include <lvng/crm/conversations/receipts.hpp>
#include <lvng/crm/events.hpp>
#include <lvng/crm/export.hpp>
#include <lvng/crm/once.hpp>
#include <lvng/crm/ports/environment.hpp>
#include <lvng/crm/ports/store.hpp>
#include <lvng/crm/principal.hpp>
#include <lvng/crm/transaction.hpp>
#include <lvng/crm/upkeep.hpp>
#include <lvng/crm/users.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

namespace lvng::crm::inline v0 {

/// What a host may change about a `Crm`.
struct Options {
    /// Every call ends by then, with `unavailable` where the store did not answer. Only a disk
    /// that keeps SQLite's own file operations waiting is waited for. `check`, `repair` and `tidy`
    /// are many transactions, and this is for each.
    std::chrono::milliseconds timeout{5000};
    /// How telephone numbers without a country code are read: two letters (ISO 3166-1), or
    /// empty: they are compared digit by digit.
    std::string phone_region{};
    /// So many messages in a row by twins and agents, then `Messages::send` refuses theirs with
    /// `conflict` until somebody else writes; 0: no bound. The setting `agent_run_limit` of a
    /// conversation wins. Counted is a message whose type, or whose sender, is twin or agent.
    std::int64_t agent_run_limit = 0;
    /// How long `events_since` can look back; then `tidy` erases the event. A sent message is its
    /// own event and stays.
    std::chrono::milliseconds event_retention{std::chrono::hours{7 * 24}};
    /// How long `Crm::once` knows a key again; then `tidy` erases the answer.
    std::chrono::milliseconds replay_retention{std::chrono::hours{24}};
    std::unique_ptr<Clock> clock{};  ///< absent: the system's
    std::unique_ptr<IdGenerator>
        ids{};  ///< absent: UUIDs version 7 from the kernel's random numbers
};

/// Start here: a store in, features out.
///
/// Owns what it is given. Starts no thread. Safe to share; must outlive every call on it and
/// every reference to its features.
class LVNG_CRM_EXPORT Crm {
public:
    /// Throws `invalid` for a `phone_region` that no telephone network has.
    explicit Crm(std::unique_ptr<Store> store, Options options = {});
    ~Crm();
    Crm(const Crm&) = delete;
    Crm& operator=(const Crm&) = delete;

    [[nodiscard]] Contacts& contacts() noexcept;
    [[nodiscard]] Conversations& conversations() noexcept;
    [[nodiscard]] Members& members() noexcept;
    [[nodiscard]] Messages& messages() noexcept;
    [[nodiscard]] Receipts& receipts() noexcept;
    [[nodiscard]] Users& users() noexcept;
    [[nodiscard]] ApiKeys& api_keys() noexcept;

    /// Runs `work(Transaction&)` and commits; what it throws rolls everything back and comes
    /// out. Returns what `work` returns.
    ///
    /// `work` may run again after a deadlock or a connection lost before the commit, so it must
    /// not have effects of its own outside the transaction. It holds the write turn while it
    /// runs: it must be short and must not wait for other threads. Calls on this `Crm` itself
    /// from inside `work` are refused with `conflict`: use the transaction.
    template <class Work>
    auto transact(const Principal& who, Work&& work) {
        using Result = std::invoke_result_t<Work&, Transaction&>;
        if constexpr (std::is_void_v<Result>) {
            transact_erased(who, [&](Transaction& tx) { work(tx); });
        } else {
            std::optional<Result> result;
            transact_erased(who, [&](Transaction& tx) { result.emplace(work(tx)); });
            return std::move(*result);
        }
    }

    /// Makes several transactions, for one principal or many, and returns when each has its outcome
    /// in `failure`: one that fails leaves the others alone. What is said of `transact` holds for
    /// each; they may see one another, in their order, and may run on another thread that writes,
    /// so they must not take a lock that a caller of this `Crm` holds. A work may also run again
    /// because another one failed, and one that waits for somebody else's lock comes last.
    /// Throws `invalid`, `conflict` before anything is done.
    ///
    /// Where the store gains by it they share a commit: a server that has many requests at hand
    /// needs no thread that waits for each. What a work sets for its transaction on the native
    /// handle then holds for those behind it as well.
    ///
    /// `waited`: for so long their callers have waited already, which counts as time of the call.
    void transact_each(std::span<TransactionWork> works,
                       std::chrono::steady_clock::duration waited = {});
    /// Whether the store makes many transactions faster in one `transact_each` than on as many
    /// threads. Changes where others write to the same database.
    [[nodiscard]] bool gains_by_transact_each() const noexcept;

    /// Whether the store reads many contacts faster in one `Contacts::get_each` than on as many
    /// threads.
    [[nodiscard]] bool gains_by_get_each() const noexcept;

    /// Does a request once, however often it comes: runs `work` as `transact` does, and writes down
    /// what it returns in the same transaction. A repeat with the same key, at whatever moment and
    /// also after a crash, does nothing and has that answer; one that comes while the first still
    /// runs waits for it, for `Options::timeout` at the longest. The key belongs to the principal,
    /// for `Options::replay_retention`. What throws has done nothing and leaves the key free.
    ///
    /// Throws `invalid` (key, fingerprint), `replay_mismatch` (the key belongs to a request with
    /// another fingerprint), `conflict` (the first one still runs), and what `work` throws. After
    /// an `Error::outcome_unknown` the same call tells what became of it.
    OnceAnswer once(const Principal& who, const RepeatableRequest& request,
                    const std::function<std::string(Transaction&)>& work);

    /// Events that are committed from now on. Throws `invalid` (no tenant, no capacity), and with
    /// `SubscriptionOptions::user` `unavailable`.
    [[nodiscard]] Subscription subscribe(SubscriptionOptions options);

    /// How those of this object fare, ended ones included in what was lost.
    [[nodiscard]] SubscriptionCounts subscription_counts() const noexcept;

    /// The events of a conversation behind number `after`, in order, at most `limit` (1 to
    /// 1,000); between them, and not counted, `EventsLost` where the log no longer has what was
    /// there. A message or conversation in them is shown as it is now. Throws `invalid`,
    /// `not_found` (no member), `unavailable`.
    [[nodiscard]] std::vector<Event> events_since(const Principal& who,
                                                  const ConversationId& conversation,
                                                  std::int64_t after, std::int64_t limit = 1000);

    /// Recounts everything that is counted, each conversation in a transaction of its own, while
    /// others read and write. One that is long gets a minute, or `Options::timeout` where that is
    /// longer; memory is needed for its members, not for its messages. Changes nothing. Throws
    /// `unavailable`.
    [[nodiscard]] CheckReport check();
    /// The same, and counts again what differed, while nobody can write there, and writes that
    /// down. Throws `unavailable`.
    CheckReport repair();

    /// Erases what has had its time: old events and answers, the messages of deleted conversations.
    /// One round
    /// of short transactions, a second or so, and the next goes on with the tenant where this one
    /// ended; a host calls it now and then, the server does so every minute. Rounds on one `Crm`
    /// run one after the other. Throws `unavailable`; the next round then goes on behind the
    /// tenant that failed.
    TidyReport tidy();

    /// How the parts behind this object are. Answers within the time given, else within
    /// `Options::timeout`; does not throw for a store that is down.
    [[nodiscard]] StoreHealth
    health(std::optional<std::chrono::milliseconds> within = std::nullopt) const;

    /// The moment of the store: while it is the same, nothing has been committed there, by whatever
    /// thread or process. Taken before a reading call, it stands for what that call finds. A SQLite
    /// file tells it without being read, in a few nanoseconds; absent in memory, on PostgreSQL, and
    /// for the instant in which somebody commits. Knows nothing of a transaction that is open.
    [[nodiscard]] std::optional<StoreMoment> moment() const noexcept;

private:
    void transact_erased(const Principal& who, const std::function<void(Transaction&)>& work);

    friend class Transaction;
    class HostWork;
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace lvng::crm::inline v0
