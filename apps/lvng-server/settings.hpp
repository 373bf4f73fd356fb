#pragma once

#include "front/trusted_proxies.hpp"
#include "http/cors.hpp"
#include "http/head_rules.hpp"
#include "http/log.hpp"
#include "http/rate_limit.hpp"

#include <lvng/crm/auth.hpp>
#include <lvng/crm/migrations.hpp>
#include <lvng/crm/sqlite.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lvng::server {

struct ListenAddress {
    std::string host = "127.0.0.1";
    std::uint16_t port = 8080;  ///< 0 takes a free one

    bool operator==(const ListenAddress&) const = default;
};

/// Everything the program can be told, checked.
struct Settings {
    ListenAddress listen{};
    std::string postgresql_url{};                   ///< empty: SQLite
    std::string sqlite_path = "lvng-data/lvng.db";  ///< or `:memory:`
    crm::SqliteSynchronous sqlite_synchronous = crm::SqliteSynchronous::full;
    std::size_t postgres_pool = 32;
    std::chrono::milliseconds postgres_statement_timeout{5000};
    crm::Migrations migrations = crm::Migrations::automatic;
    std::string phone_region{};
    crm::JwtOptions jwt{};  ///< with an empty secret where none is set
    std::optional<Rate> contacts_rate = Rate{.places = 100};
    std::optional<Rate> conversations_rate = Rate{.places = 60};
    std::optional<Rate> failed_auth_rate = Rate{.places = 20};
    std::int64_t agent_run_limit = 0;  ///< 0: none
    std::chrono::milliseconds event_retention{std::chrono::hours{7 * 24}};
    CorsOrigins cors_origins{};
    std::optional<ListenAddress> metrics_listen{};
    std::string metrics_token{};
    TrustedProxies trusted_proxies{};
    std::size_t workers = 0;  ///< 0: from the cores
    std::size_t max_connections = 20'000;
    std::optional<std::size_t> max_connections_per_address{};
    SizeLimits sizes{};
    std::chrono::milliseconds header_timeout{10'000};
    std::chrono::milliseconds body_timeout{30'000};
    std::chrono::milliseconds write_timeout{10'000};
    std::chrono::milliseconds idle_timeout{75'000};
    std::chrono::milliseconds drain_timeout{10'000};
    LogLevel log = LogLevel::info;
};

/// A setting or an argument is wrong; `what()` is the one line that says so.
class UsageError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

using Environment = std::map<std::string, std::string, std::less<>>;

/// `--name value`, without its dashes.
using Flags = std::vector<std::pair<std::string, std::string>>;

struct SettingsRead {
    Settings settings{};
    std::vector<std::string> warnings{};  ///< for the log
};

/// Whether `--name` is a setting, with or without effect in this version.
bool is_setting_flag(std::string_view name);
/// All such names.
std::vector<std::string_view> setting_flags();

/// A value for people to read: without what stands between a scheme and an `@`, or behind a `?`,
/// where a password would.
std::string masked(const std::string& value);

/// Flags win over variables; an empty variable counts as not set. Throws `UsageError`. Warns of
/// unknown `LVNG_` variables and of settings that this version does not use.
SettingsRead read_settings(const Environment& environment, const Flags& flags);

/// One paragraph a setting: variable, flag, default, meaning.
std::string settings_help();

}  // namespace lvng::server
