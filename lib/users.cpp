#include <lvng/crm/users.hpp>

#include "known_users.hpp"
#include "unit_of_work.hpp"

namespace lvng::crm::inline v0 {
namespace {

/// Whether saving `who` would change nothing.
bool says_nothing_new(const std::optional<User>& known, const Principal& who) {
    return known && (who.name.empty() || who.name == known->name) &&
           (who.email.empty() || who.email == known->email);
}

}  // namespace

void Users::remember(const Principal& who, std::optional<std::chrono::milliseconds> within) {
    if (known_->knows(who)) return;
    std::optional<Deadline> until;
    if (within) until = std::chrono::steady_clock::now() + *within;
    // Read first: after a restart every user comes again, and a write waits for its turn.
    const std::optional<User> known = in_transaction(
        *scope_, who, Access::glance,
        [&](StoreTransaction& tx) { return tx.users().find(who.user); }, WorkThread::any, until);
    if (!says_nothing_new(known, who)) {
        in_transaction(
            *scope_, who, Access::write,
            [&](StoreTransaction& tx) {
                tx.users().save({who.user, who.name, who.email});
            },
            WorkThread::any, until);
    }
    scope_->after_commit([known = known_, who] { known->note(who); });
}

std::optional<User> Users::find(const Principal& who, const UserId& id) const {
    return in_transaction(*scope_, who, Access::glance,
                          [&](StoreTransaction& tx) { return tx.users().find(id); });
}

}  // namespace lvng::crm::inline v0
