#include <lvng/crm/crm.hpp>

#include "contacts/contact_writing.hpp"
#include "defaults.hpp"
#include "known_users.hpp"
#include "text/phone.hpp"
#include "unit_of_work.hpp"

namespace lvng::crm::inline v0 {

struct Crm::Parts {
    Parts(std::unique_ptr<Store> given_store, Options options)
        : timeout{options.timeout}, store{std::move(given_store)},
          clock{options.clock ? std::move(options.clock) : system_clock()},
          ids{options.ids ? std::move(options.ids) : random_ids()},
          writing{*clock, *ids, std::move(options.phone_region)}, scope{*store, timeout},
          contacts{scope, writing}, users{scope, known_users} {}

    std::chrono::milliseconds timeout;
    std::unique_ptr<Store> store;
    std::unique_ptr<Clock> clock;
    std::unique_ptr<IdGenerator> ids;
    ContactWriting writing;
    KnownUsers known_users;
    OpeningScope scope;
    Contacts contacts;
    Users users;
};

struct Transaction::State {
    State(StoreTransaction& tx, const Principal& who, const ContactWriting& writing,
          KnownUsers& known_users)
        : store_tx{tx}, scope{tx, who}, contacts{scope, writing}, users{scope, known_users} {}

    StoreTransaction& store_tx;
    JoiningScope scope;
    Contacts contacts;
    Users users;
};

Transaction::Transaction(State& state) noexcept : state_{&state} {}
Contacts& Transaction::contacts() noexcept {
    return state_->contacts;
}
Users& Transaction::users() noexcept {
    return state_->users;
}
void Transaction::after_commit(std::function<void()> effect) {
    state_->scope.after_commit(std::move(effect));
}
void* Transaction::native_handle() noexcept {
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
Users& Crm::users() noexcept {
    return parts_->users;
}

void Crm::transact_erased(const Principal& who, const std::function<void(Transaction&)>& work) {
    std::vector<std::function<void()>> effects;
    in_transaction(parts_->scope, who, Access::write, [&](StoreTransaction& tx) {
        Transaction::State state{tx, who, parts_->writing, parts_->known_users};
        Transaction transaction{state};
        work(transaction);
        effects = state.scope.take_effects();
    });
    for (const std::function<void()>& effect : effects) effect();
}

StoreHealth Crm::health() const {
    return parts_->store->health(std::chrono::steady_clock::now() + parts_->timeout);
}

}  // namespace lvng::crm::inline v0
