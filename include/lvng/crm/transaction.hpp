#pragma once

#include <lvng/crm/contacts/contacts.hpp>
#include <lvng/crm/conversations/conversations.hpp>
#include <lvng/crm/conversations/members.hpp>
#include <lvng/crm/conversations/messages.hpp>
#include <lvng/crm/conversations/receipts.hpp>
#include <lvng/crm/export.hpp>
#include <lvng/crm/users.hpp>

#include <exception>
#include <functional>
#include <memory>

namespace lvng::crm::inline v0 {

/// Several calls as one: all of them are done, or none. Made by `Crm::transact`, valid inside it.
///
/// A call that throws has changed nothing and leaves the transaction usable, unless the store
/// itself failed: then the commit fails as well. Calls must be for the principal that the
/// transaction was opened for, else `invalid`. One thread at a time.
class LVNG_CRM_EXPORT Transaction {
public:
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    [[nodiscard]] Contacts& contacts() noexcept;
    [[nodiscard]] Conversations& conversations() noexcept;
    [[nodiscard]] Members& members() noexcept;
    [[nodiscard]] Messages& messages() noexcept;
    [[nodiscard]] Receipts& receipts() noexcept;
    [[nodiscard]] Users& users() noexcept;

    /// Runs `effect` after the commit, in the order given; never when the transaction rolls
    /// back. It must not throw.
    void after_commit(std::function<void()> effect);

    /// The database's own handle (`sqlite3*` on SQLite), for the host's own tables in the same
    /// transaction. The host must not commit, roll back or close on it, nor keep it. Where a
    /// statement on it fails and ends the whole transaction (a full disk), what the host runs on
    /// it afterwards is no part of one: let the failure out. Throws `unavailable` where the
    /// transaction can't begin.
    [[nodiscard]] void* native_handle();

private:
    friend class Crm;
    struct State;
    explicit Transaction(State& state) noexcept;
    State* state_;
};

/// One of the transactions of `Crm::transact_each`.
struct TransactionWork {
    Principal who{};
    std::function<void(Transaction&)> work{};
    std::exception_ptr failure{};  ///< what `Crm::transact` would throw; null: it is committed
};

}  // namespace lvng::crm::inline v0
