#pragma once

#include "adapters/sql/session.hpp"

#include <lvng/crm/ports/repositories.hpp>
#include <lvng/crm/principal.hpp>

namespace lvng::crm::sql {

/// The directory in the table `lvng_users`.
class SqlUsers final : public UserRepository {
public:
    /// Both must outlive it.
    SqlUsers(Session& session, const Principal& who) : session_{&session}, who_{&who} {}

    void save(const User& user) override;
    std::optional<User> find(const UserId& id) override;

private:
    Session* session_;
    const Principal* who_;
};

}  // namespace lvng::crm::sql
