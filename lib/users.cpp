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

std::optional<User> find_user(Scope& scope, const Principal& who, const UserId& id,
                              std::optional<Deadline> until = std::nullopt) {
    return in_transaction(
        scope, who, Access::glance, [&](StoreTransaction& tx) { return tx.users().find(id); },
        WorkThread::any, until);
}

}  // namespace

bool Users::knows(const Principal& who) const {
    return known_->knows(who);
}

void Users::remember(const Principal& who, std::optional<std::chrono::milliseconds> within) {
    if (knows(who)) return;
    std::optional<Deadline> until;
    if (within) until = std::chrono::steady_clock::now() + *within;
    // Read first: after a restart every user comes again, and a write waits for its turn.
    if (!says_nothing_new(find_user(*scope_, who, who.user, until), who)) {
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
    return find_user(*scope_, who, id);
}

}  // namespace lvng::crm::inline v0
