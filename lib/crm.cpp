#include <lvng/crm/crm.hpp>

#include "contacts/contact_writing.hpp"
#include "conversations/conversation_writing.hpp"
#include "conversations/held_change.hpp"
#include "defaults.hpp"
#include "event_stream.hpp"
#include "known_users.hpp"
#include "running_keys.hpp"
#include "text/field_rules.hpp"
#include "text/phone.hpp"
#include "unit_of_work.hpp"
#include "upkeep.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace lvng::crm::inline v0 {
namespace {

constexpr std::int64_t most_events = 1000;

Timestamp earlier(Timestamp time, std::chrono::milliseconds by) {
    return Timestamp{time.milliseconds() - by.count()};
}

bool is_key(std::string_view text) {
    return !text.empty() && text.size() <= RepeatableRequest::longest_key &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

void refuse_bad(const RepeatableRequest& request) {
    std::vector<FieldError> fields;
    for (const auto& [name, text] :
         {std::pair{"key", &request.key}, {"fingerprint", &request.fingerprint}}) {
        if (!is_key(*text)) fields.push_back({name, "must be 1 to 255 visible ASCII characters"});
    }
    text::refuse(std::move(fields));
}

/// `ReplayRepository::claim`, which notes in `held` whether another transaction kept the key.
bool claim(ReplayRepository& replays, const RepeatableRequest& request, Timestamp now,
           Timestamp oldest, bool& held) {
    try {
        const bool is_ours = replays.claim(request, now, oldest);
        held = false;
        return is_ours;
    } catch (const Error& error) {
        if (error.code() != ErrorCode::conflict) throw;
        held = true;
        throw still_running();
    }
}

}  // namespace

struct Crm::Parts {
    Parts(std::unique_ptr<Store> given_store, Options options)
        : timeout{options.timeout}, event_retention{options.event_retention},
          replay_retention{options.replay_retention}, store{std::move(given_store)},
          clock{options.clock ? std::move(options.clock) : system_clock()},
          ids{options.ids ? std::move(options.ids) : random_ids()},
          writing{*clock, *ids, std::move(options.phone_region)},
          conversation_writing{*clock, *ids, options.agent_run_limit},
          scope{*store, stream, timeout}, tidying{*store, timeout}, contacts{scope, writing},
          conversations{scope, conversation_writing}, members{scope, conversation_writing},
          messages{scope, conversation_writing}, receipts{scope, conversation_writing},
          users{scope, known_users}, api_keys{*store, timeout} {}

    std::chrono::milliseconds timeout;
    std::chrono::milliseconds event_retention;
    std::chrono::milliseconds replay_retention;
    std::unique_ptr<Store> store;
    std::unique_ptr<Clock> clock;
    std::unique_ptr<IdGenerator> ids;
    ContactWriting writing;
    ConversationWriting conversation_writing;
    KnownUsers known_users;
    RunningKeys running_keys;
    EventStream stream;
    OpeningScope scope;
    Tidying tidying;
    Contacts contacts;
    Conversations conversations;
    Members members;
    Messages messages;
    Receipts receipts;
    Users users;
    ApiKeys api_keys;
};

struct Transaction::State {
    State(StoreTransaction& tx, std::vector<Event>& events, const Principal& who, Crm::Parts& parts)
        : store_tx{tx}, scope{tx, events, who}, contacts{scope, parts.writing},
          conversations{scope, parts.conversation_writing},
          members{scope, parts.conversation_writing}, messages{scope, parts.conversation_writing},
          receipts{scope, parts.conversation_writing}, users{scope, parts.known_users} {}

    StoreTransaction& store_tx;
    JoiningScope scope;
    Contacts contacts;
    Conversations conversations;
    Members members;
    Messages messages;
    Receipts receipts;
    Users users;
};

Transaction::Transaction(State& state) noexcept : state_{&state} {}
Contacts& Transaction::contacts() noexcept {
    return state_->contacts;
}
Conversations& Transaction::conversations() noexcept {
    return state_->conversations;
}
Members& Transaction::members() noexcept {
    return state_->members;
}
Messages& Transaction::messages() noexcept {
    return state_->messages;
}
Receipts& Transaction::receipts() noexcept {
    return state_->receipts;
}
Users& Transaction::users() noexcept {
    return state_->users;
}
void Transaction::after_commit(std::function<void()> effect) {
    state_->scope.after_commit(std::move(effect));
}
void* Transaction::native_handle() {
    return state_->store_tx.native_handle();
}

Crm::Crm(std::unique_ptr<Store> store, Options options) {
    if (!options.phone_region.empty() && !text::is_phone_region(options.phone_region)) {
        throw invalid_fields({{"phone_region", "must be a region of two capital letters"}});
    }
    parts_ = std::make_unique<Parts>(std::move(store), std::move(options));
}

Crm::~Crm() = default;

Contacts& Crm::contacts() noexcept {
    return parts_->contacts;
}
Conversations& Crm::conversations() noexcept {
    return parts_->conversations;
}
Members& Crm::members() noexcept {
    return parts_->members;
}
Messages& Crm::messages() noexcept {
    return parts_->messages;
}
Receipts& Crm::receipts() noexcept {
    return parts_->receipts;
}
Users& Crm::users() noexcept {
    return parts_->users;
}
ApiKeys& Crm::api_keys() noexcept {
    return parts_->api_keys;
}

/// A host's work on a transaction of its own, with what is to happen after the commit.
class Crm::HostWork {
public:
    HostWork(Parts& parts, const Principal& who, const std::function<void(Transaction&)>& work)
        : parts_{&parts}, who_{&who}, work_{&work} {}

    void operator()(StoreTransaction& tx, std::vector<Event>& events) {
        Transaction::State state{tx, events, *who_, *parts_};
        Transaction transaction{state};
        (*work_)(transaction);
        effects_ = state.scope.take_effects();
    }

    void run_effects() {
        for (const std::function<void()>& effect : effects_) effect();
    }

private:
    Parts* parts_;
    const Principal* who_;
    const std::function<void(Transaction&)>* work_;
    std::vector<std::function<void()>> effects_;
};

void Crm::transact_erased(const Principal& who, const std::function<void(Transaction&)>& work) {
    HostWork host_work{*parts_, who, work};
    in_transaction(parts_->scope, who, Access::write, host_work, WorkThread::own);
    host_work.run_effects();
}

void Crm::transact_each(std::span<TransactionWork> works,
                        std::chrono::steady_clock::duration waited) {
    std::vector<HostWork> host_works;
    host_works.reserve(works.size());
    std::vector<SharedWork> shared;
    shared.reserve(works.size());
    for (const TransactionWork& given : works) {
        HostWork& host_work = host_works.emplace_back(*parts_, given.who, given.work);
        shared.push_back({.who = &given.who, .work = Work{host_work}});
    }
    parts_->scope.write_each(shared, parts_->scope.deadline() - waited);
    for (std::size_t i = 0; i < works.size(); ++i) works[i].failure = shared[i].failure;
    for (std::size_t i = 0; i < works.size(); ++i) {
        if (!works[i].failure) host_works[i].run_effects();
    }
}

bool Crm::gains_by_transact_each() const noexcept {
    return parts_->store->gains_by_write_each();
}

bool Crm::gains_by_get_each() const noexcept {
    return parts_->store->gains_by_find_each();
}

OnceAnswer Crm::once(const Principal& who, const RepeatableRequest& request,
                     const std::function<std::string(Transaction&)>& work) {
    refuse_bad(request);
    parts_->scope.refuse_inside();
    const RunningKeys::Turn turn{parts_->running_keys, who, request.key,
                                 std::chrono::steady_clock::now() + parts_->timeout};
    // By another request, of whatever process, when the key was last to be had.
    bool held = turn.waited();
    try {
        return transact(who, [&](Transaction& tx) {
            ReplayRepository& replays = tx.state_->store_tx.replays();
            const Timestamp now = parts_->clock->now();
            const bool is_ours =
                claim(replays, request, now, earlier(now, parts_->replay_retention), held);
            if (is_ours) {
                OnceAnswer done{.answer = work(tx)};
                replays.save(request.key, done.answer);
                return done;
            }
            RecordedAnswer recorded = replays.find(request.key).value();
            if (recorded.fingerprint != request.fingerprint) {
                throw Error{ErrorCode::replay_mismatch, "the key belongs to another request"};
            }
            return OnceAnswer{.answer = std::move(recorded.answer), .replayed = true};
        });
    } catch (const Error& error) {
        // The last attempt to get the key may end with our deadline and not with the store's.
        const bool out_of_time = error.code() == ErrorCode::unavailable && !error.retryable();
        if (held && out_of_time) throw still_running();
        throw;
    }
}

Subscription Crm::subscribe(SubscriptionOptions options) {
    const TenantId tenant = options.tenant;
    const std::optional<UserId> user = options.user;
    Subscription subscription{parts_->stream.open(std::move(options))};
    if (user) {
        // After the opening, so that whatever is missing here comes through the queue.
        subscription.queue_->start(
            in_transaction(parts_->scope, {.tenant = tenant, .user = *user}, Access::glance,
                           [](StoreTransaction& tx) { return tx.conversations().memberships(); }));
    }
    return subscription;
}

SubscriptionCounts Crm::subscription_counts() const noexcept {
    return parts_->stream.counts();
}

std::vector<Event> Crm::events_since(const Principal& who, const ConversationId& conversation,
                                     std::int64_t after, std::int64_t limit) {
    std::vector<FieldError> fields;
    if (after < 0) fields.push_back({"after", "must be at least 0"});
    if (limit < 1 || limit > most_events) {
        fields.push_back({"limit", fmt::format("must be from 1 to {}", most_events)});
    }
    text::refuse(std::move(fields));
    return in_transaction(parts_->scope, who, Access::read, [&](StoreTransaction& tx) {
        auto events = tx.events().since(conversation, after, limit);
        if (!events) throw unknown_conversation();
        return *std::move(events);
    });
}

CheckReport Crm::check() {
    parts_->scope.refuse_inside();
    return recount(*parts_->store, parts_->timeout, false);
}
CheckReport Crm::repair() {
    parts_->scope.refuse_inside();
    return recount(*parts_->store, parts_->timeout, true);
}
TidyReport Crm::tidy() {
    parts_->scope.refuse_inside();
    const Timestamp now = parts_->clock->now();
    return parts_->tidying.round({.events = earlier(now, parts_->event_retention),
                                  .replays = earlier(now, parts_->replay_retention)});
}

StoreHealth Crm::health(std::optional<std::chrono::milliseconds> within) const {
    return parts_->store->health(std::chrono::steady_clock::now() +
                                 within.value_or(parts_->timeout));
}

std::optional<StoreMoment> Crm::moment() const noexcept {
    return parts_->store->moment();
}

}  // namespace lvng::crm::inline v0
