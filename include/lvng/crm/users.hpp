#pragma once

#include <lvng/crm/export.hpp>
#include <lvng/crm/principal.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace lvng::crm::inline v0 {

class Scope;
class KnownUsers;

/// Somebody the directory has seen.
struct User {
    UserId id{};
    std::string name{};   ///< empty where no token ever named it
    std::string email{};  ///< empty where no token ever named it

    bool operator==(const User&) const = default;
};

/// The directory of a tenant: who has ever presented a credential, and what they are called.
/// Identity itself lives elsewhere. Safe to share.
class LVNG_CRM_EXPORT Users {
public:
    /// Notes the caller's name and e-mail. Writes only what has changed: a repeat in the same
    /// process costs a look-up in memory. An empty name or e-mail leaves the known one alone.
    /// Ends within the time given, else within `Options::timeout`. Throws `unavailable`.
    void remember(const Principal& who,
                  std::optional<std::chrono::milliseconds> within = std::nullopt);

    /// Whether this process has noted them so already, so that `remember` has nothing to do.
    [[nodiscard]] bool knows(const Principal& who) const;

    /// Somebody of the caller's tenant, or nothing. Throws `unavailable`.
    [[nodiscard]] std::optional<User> find(const Principal& who, const UserId& id) const;

private:
    friend class Crm;
    friend class Transaction;
    Users(Scope& scope, KnownUsers& known) : scope_{&scope}, known_{&known} {}

    Scope* scope_;
    KnownUsers* known_;
};

}  // namespace lvng::crm::inline v0
