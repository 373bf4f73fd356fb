#include "adapters/sql/users.hpp"

#include <array>

namespace lvng::crm::sql {

void SqlUsers::save(const User& user) {
    const std::array<Value, 4> values{who_->tenant.to_string(), user.id.to_string(), user.name,
                                      user.email};
    session_->defer("insert into lvng_users (tenant_id, user_id, name, email)"
                    " values ($1, $2, $3, $4)"
                    " on conflict (tenant_id, user_id) do update set"
                    " name = case when excluded.name = '' then lvng_users.name"
                    " else excluded.name end,"
                    " email = case when excluded.email = '' then lvng_users.email"
                    " else excluded.email end",
                    values);
}

std::optional<User> SqlUsers::find(const UserId& id) {
    const std::array<Value, 2> values{who_->tenant.to_string(), id.to_string()};
    Rows rows{session_->query(
        "select name, email from lvng_users where tenant_id = $1 and user_id = $2", values)};
    if (!rows.next()) return std::nullopt;
    return User{id, std::string{rows.text(0)}, std::string{rows.text(1)}};
}

}  // namespace lvng::crm::sql
