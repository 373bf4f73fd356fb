#include "commands/arguments.hpp"
#include "commands/commands.hpp"

#include "wiring.hpp"

#include <lvng/crm/auth.hpp>
#include <lvng/crm/error.hpp>

#include <fmt/format.h>

#include <array>

namespace lvng::server {
namespace {

constexpr std::array<CommandOption, 6> options{
    CommandOption{"user", "U", "whose token it is; needed"},
    CommandOption{"tenant", "T", "their organisation (default: the token names none)"},
    CommandOption{"email", "E", "their e-mail address"},
    CommandOption{"name", "N", "what they are called"},
    CommandOption{"role", "R", "their role"},
    CommandOption{"ttl", "DURATION", "how long the token holds (default: 1h)"},
};

int token(const Invocation& invocation) {
    const Settings settings =
        read_settings(invocation.environment, invocation.setting_flags).settings;
    if (!accepts(settings.jwt, crm::JwtAlgorithm::hs256))
        throw UsageError{"LVNG_JWT_ALGORITHMS must name HS256: the tokens of this command are "
                         "signed with it"};
    if (settings.jwt.secret.empty() && settings.sqlite_path == ":memory:")
        throw UsageError{"LVNG_JWT_SECRET must be set: a store in memory keeps no secret"};
    const crm::Timestamp now = SystemClock{}.now();
    crm::TokenClaims claims{
        .user = checked_id<crm::UserId>(invocation, "user"),
        .email = invocation.option("email"),
        .name = invocation.option("name"),
        .role = invocation.option("role"),
        .issued_at = now,
        .expires_at = crm::Timestamp{now.milliseconds() +
                                     checked_life(invocation.option("ttl", "1h")).count()},
    };
    if (invocation.is_on("tenant")) claims.tenant = checked_id<crm::TenantId>(invocation, "tenant");
    const crm::JwtOptions jwt = jwt_options(settings);
    fmt::print("{}\n", crm::sign_token(claims, jwt.secret, jwt.claims));
    return 0;
}

}  // namespace

Command token_command() {
    return {.name = "token",
            .summary = "prints one signed development token and nothing else",
            .options = options,
            .run = token};
}

}  // namespace lvng::server
