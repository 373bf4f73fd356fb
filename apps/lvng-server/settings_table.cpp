#include "settings_table.hpp"

#include "http/ascii.hpp"
#include "values.hpp"

#include <lvng/crm/conversations/conversations.hpp>

#include <algorithm>
#include <array>
#include <limits>

namespace lvng::server {
namespace {

using std::chrono::milliseconds;

[[noreturn]] void may_be(const char* what) {
    throw BadValue{what};
}

milliseconds duration(std::string_view text) {
    const auto value = parse_duration(text);
    if (!value || value->count() == 0) may_be("a duration above zero, as 250ms, 30s, 5m, 1h or 7d");
    return *value;
}

std::size_t count(std::string_view text) {
    const auto value = parse_count(text);
    if (!value || *value == 0 || *value > 1'000'000) may_be("a number from 1 to 1000000");
    return static_cast<std::size_t>(*value);
}

std::size_t small_count(std::string_view text) {
    const auto value = parse_count(text);
    if (!value || *value == 0 || *value > 1000) may_be("a number from 1 to 1000");
    return static_cast<std::size_t>(*value);
}

std::uint64_t size(std::string_view text) {
    const auto value = parse_size(text);
    if (!value || *value < 1024 || *value > 1024ULL * 1024 * 1024)
        may_be("a size from 1KiB to 1GiB, as 64KiB or 1MiB");
    return *value;
}

std::string claim_name(std::string_view text) {
    if (text.empty()) may_be("the name of a claim");
    return std::string{text};
}

/// The parts between commas, without the blanks around them.
std::vector<std::string_view> split_list(std::string_view text) {
    std::vector<std::string_view> parts;
    while (!text.empty()) parts.push_back(trim_blanks(take_item(text)));
    return parts;
}

ListenAddress listen_address(std::string_view value) {
    constexpr auto form = "an address and a port, as 127.0.0.1:8080 or [::1]:8080";
    const auto colon = value.rfind(':');
    if (colon == std::string_view::npos || colon == 0) may_be(form);
    const auto port = parse_count(value.substr(colon + 1));
    if (!port || *port > std::numeric_limits<std::uint16_t>::max()) may_be(form);
    std::string_view host = value.substr(0, colon);
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    if (!bracketed && host.find(':') != std::string_view::npos) may_be(form);
    if (bracketed) host = host.substr(1, host.size() - 2);
    return {.host = std::string{host}, .port = static_cast<std::uint16_t>(*port)};
}

void set_store(Settings& settings, std::string_view value) {
    constexpr std::string_view sqlite = "sqlite:";
    settings.postgresql_url.clear();
    if (value.starts_with("postgresql://") || value.starts_with("postgres://"))
        settings.postgresql_url = value;
    else if (value.starts_with(sqlite) && value.size() > sqlite.size())
        settings.sqlite_path = value.substr(sqlite.size());
    else
        may_be("sqlite:PATH, sqlite::memory: or postgresql://USER:PASSWORD@HOST:PORT/DATABASE");
}

void set_synchronous(Settings& settings, std::string_view value) {
    if (value == "full")
        settings.sqlite_synchronous = crm::SqliteSynchronous::full;
    else if (value == "normal")
        settings.sqlite_synchronous = crm::SqliteSynchronous::normal;
    else
        may_be("full or normal");
}

void set_migrate(Settings& settings, std::string_view value) {
    if (value == "automatic")
        settings.migrations = crm::Migrations::automatic;
    else if (value == "never")
        settings.migrations = crm::Migrations::never;
    else
        may_be("automatic or never");
}

void set_phone_region(Settings& settings, std::string_view value) {
    if (value.size() != 2 || !is_alpha(value[0]) || !is_alpha(value[1]))
        may_be("two letters, as US or DE");
    settings.phone_region = value;
    for (char& letter : settings.phone_region)
        if (letter >= 'a') letter = static_cast<char>(letter - 'a' + 'A');
}

std::string checked_secret(std::string_view value) {
    if (const auto weakness = crm::weak_secret(value)) throw BadValue{*weakness};
    return std::string{value};
}

void set_algorithms(Settings& settings, std::string_view value) {
    settings.jwt.algorithms.clear();
    for (const std::string_view name : split_list(value)) {
        if (name == "HS256")
            settings.jwt.algorithms.push_back(crm::JwtAlgorithm::hs256);
        else if (name == "RS256")
            settings.jwt.algorithms.push_back(crm::JwtAlgorithm::rs256);
        else if (name == "ES256")
            settings.jwt.algorithms.push_back(crm::JwtAlgorithm::es256);
        else
            may_be("any of HS256,RS256,ES256");
    }
}

void set_required_claims(Settings& settings, std::string_view value) {
    settings.jwt.required_claims.clear();
    for (const std::string_view name : split_list(value))
        settings.jwt.required_claims.push_back(claim_name(name));
}

void set_leeway(Settings& settings, std::string_view value) {
    const auto leeway = parse_duration(value);
    if (!leeway || *leeway > std::chrono::minutes{1} || *leeway % 1000 != milliseconds{0})
        may_be("a duration of whole seconds from 0s to 60s");
    settings.jwt.leeway = std::chrono::duration_cast<std::chrono::seconds>(*leeway);
}

void set_default_tenant(Settings& settings, std::string_view value) {
    const auto tenant = crm::DefaultTenant::parse(value);
    // Without its colon a form would be a name, and put everybody into the tenant of that name.
    if (!tenant || value == "private" || value == "none")
        may_be("the name of a tenant, or \"private:\" or \"none:\" with the colon");
    settings.jwt.default_tenant = *tenant;
}

std::optional<Rate> rate(std::string_view text) {
    const auto value = parse_rate(text);
    if (!value && text != "off") may_be("a rate, as 100/1m, or off");
    return value;
}

void set_agent_run_limit(Settings& settings, std::string_view value) {
    constexpr auto greatest = crm::ConversationLimits::agent_run_limit;
    const auto limit = parse_count(value);
    if (!limit || *limit > static_cast<std::uint64_t>(greatest))
        may_be("a number from 0, which is off, to 1000000000");
    settings.agent_run_limit = static_cast<std::int64_t>(*limit);
}

void set_cors_origins(Settings& settings, std::string_view value) {
    const auto origins = CorsOrigins::parse(value);
    if (!origins)
        may_be("origins as a browser writes them, separated by commas, as "
               "https://app.example,http://localhost:3000");
    settings.cors_origins = *origins;
}

void set_metrics_token(Settings& settings, std::string_view value) {
    if (value.empty() || !std::all_of(value.begin(), value.end(), is_visible))
        throw BadValue{"it must be visible ASCII characters"};
    settings.metrics_token = value;
}

void set_trusted_proxies(Settings& settings, std::string_view value) {
    const auto proxies = TrustedProxies::parse(value);
    if (!proxies) may_be("addresses and networks separated by commas, as 10.0.0.0/8,::1");
    settings.trusted_proxies = *proxies;
}

void set_per_address(Settings& settings, std::string_view value) {
    const auto most = parse_count(value);
    if (value != "off" && (!most || *most == 0 || *most > 1'000'000))
        may_be("a number from 1 to 1000000, or off");
    settings.max_connections_per_address.reset();
    if (most) settings.max_connections_per_address = static_cast<std::size_t>(*most);
}

void set_log(Settings& settings, std::string_view value) {
    const auto level = parse_log_level(value);
    if (!level) may_be("off, error, info or debug");
    settings.log = *level;
}

constexpr std::array table{
    Setting{"LVNG_LISTEN", "listen", "127.0.0.1:8080", "address and port; port 0 takes a free one",
            [](Settings& s, std::string_view v) { s.listen = listen_address(v); }},
    Setting{.variable = "LVNG_STORE",
            .flag = "store",
            .fallback = "sqlite:lvng-data/lvng.db",
            .meaning = "sqlite:PATH, sqlite::memory: until the program ends, or "
                       "postgresql://USER:PASSWORD@HOST:PORT/DATABASE",
            .apply = set_store,
            .has_file = true},
    Setting{"LVNG_SQLITE_SYNCHRONOUS", "sqlite-synchronous", "full",
            "full, or normal: power loss may lose the last commits", set_synchronous},
    Setting{"LVNG_POSTGRES_POOL", "postgres-pool", "32", "connections to PostgreSQL, at most 1000",
            [](Settings& s, std::string_view v) { s.postgres_pool = small_count(v); }},
    Setting{"LVNG_POSTGRES_STATEMENT_TIMEOUT", "postgres-statement-timeout", "5s",
            "when PostgreSQL ends a statement",
            [](Settings& s, std::string_view v) { s.postgres_statement_timeout = duration(v); }},
    Setting{"LVNG_MIGRATE", "migrate", "automatic",
            "automatic, or never: refuse to start on another schema version", set_migrate},
    Setting{"LVNG_PHONE_REGION", "phone-region", "none",
            "two letters; how telephone numbers without a country code are read", set_phone_region},
    Setting{.variable = "LVNG_JWT_SECRET",
            .fallback = "a file beside the database, made at first need",
            .meaning = "the HS256 key, at least 32 bytes",
            .apply = [](Settings& s, std::string_view v) { s.jwt.secret = checked_secret(v); },
            .has_file = true,
            .secret = true,
            .alias = "JWT_SECRET"},
    Setting{
        .variable = "LVNG_JWT_SECRET_PREVIOUS",
        .fallback = "none",
        .meaning = "a key that is accepted too, while keys change",
        .apply = [](Settings& s, std::string_view v) { s.jwt.previous_secret = checked_secret(v); },
        .has_file = true,
        .secret = true},
    Setting{"LVNG_JWT_ALGORITHMS", "jwt-algorithms", "HS256",
            "the algorithms of accepted tokens: any of HS256,RS256,ES256", set_algorithms},
    Setting{"LVNG_JWKS", "jwks", "none",
            "the public keys of RS256 and ES256: a file or an https:// address",
            [](Settings& s, std::string_view v) { s.jwt.jwks.source = v; }},
    Setting{"LVNG_JWT_ISSUER", "jwt-issuer", "none", "what a token's iss must be",
            [](Settings& s, std::string_view v) { s.jwt.issuer = v; }},
    Setting{"LVNG_JWT_AUDIENCE", "jwt-audience", "none", "what a token's aud must be or hold",
            [](Settings& s, std::string_view v) { s.jwt.audience = v; }},
    Setting{"LVNG_JWT_REQUIRED_CLAIMS", "jwt-required-claims", "none",
            "claims that a token must have, separated by commas", set_required_claims},
    Setting{"LVNG_JWT_LEEWAY", "jwt-leeway", "30s", "how far clocks may differ, at most 60s",
            set_leeway},
    Setting{"LVNG_JWT_CLAIM_USER", "jwt-claim-user", "userId, else sub", "the user's claim",
            [](Settings& s, std::string_view v) { s.jwt.claims.user = claim_name(v); }},
    Setting{"LVNG_JWT_CLAIM_TENANT", "jwt-claim-tenant", "organizationId",
            "the organisation's claim",
            [](Settings& s, std::string_view v) { s.jwt.claims.tenant = claim_name(v); }},
    Setting{"LVNG_JWT_CLAIM_EMAIL", "jwt-claim-email", "email", "the e-mail address's claim",
            [](Settings& s, std::string_view v) { s.jwt.claims.email = claim_name(v); }},
    Setting{"LVNG_JWT_CLAIM_NAME", "jwt-claim-name", "name", "the name's claim",
            [](Settings& s, std::string_view v) { s.jwt.claims.name = claim_name(v); }},
    Setting{"LVNG_JWT_CLAIM_ROLE", "jwt-claim-role", "role", "the role's claim",
            [](Settings& s, std::string_view v) { s.jwt.claims.role = claim_name(v); }},
    Setting{"LVNG_TENANT_DEFAULT", "tenant-default", "default",
            "the tenant of tokens without one: a name for all of them, \"private:\" for one each, "
            "\"none:\" refuses them",
            set_default_tenant},
    Setting{"LVNG_RATE_CONTACTS", "rate-contacts", "100/1m",
            "requests of a user below /api/v2/contacts, or off",
            [](Settings& s, std::string_view v) { s.contacts_rate = rate(v); }},
    Setting{"LVNG_RATE_CONVERSATIONS", "rate-conversations", "60/1m",
            "requests of a user below /api/v2/conversations, or off",
            [](Settings& s, std::string_view v) { s.conversations_rate = rate(v); }},
    Setting{"LVNG_RATE_FAILED_AUTH", "rate-failed-auth", "20/1m",
            "failed authentications of an address, or off",
            [](Settings& s, std::string_view v) { s.failed_auth_rate = rate(v); }},
    Setting{"LVNG_AGENT_RUN_LIMIT", "agent-run-limit", "0",
            "messages of twins and agents in a row, where a conversation does not say; 0 is off",
            set_agent_run_limit},
    Setting{"LVNG_EVENT_RETENTION", "event-retention", "7d",
            "how long the events of conversations are kept",
            [](Settings& s, std::string_view v) { s.event_retention = duration(v); }},
    Setting{"LVNG_CORS_ORIGINS", "cors-origins", "none",
            "origins whose pages may call from a browser, separated by commas", set_cors_origins},
    Setting{"LVNG_METRICS_LISTEN", "metrics-listen", "off",
            "address and port of /metrics alone; port 0 takes a free one",
            [](Settings& s, std::string_view v) { s.metrics_listen = listen_address(v); }},
    Setting{.variable = "LVNG_METRICS_TOKEN",
            .fallback = "off",
            .meaning = "the bearer token of /metrics; without LVNG_METRICS_LISTEN it is served "
                       "beside everything else",
            .apply = set_metrics_token,
            .has_file = true,
            .secret = true},
    Setting{"LVNG_TRUSTED_PROXIES", "trusted-proxies", "none",
            "addresses and networks whose X-Forwarded-For is believed", set_trusted_proxies},
    Setting{"LVNG_WORKERS", "workers", "one a core, more with PostgreSQL",
            "threads that serve requests; others step in while these wait for the disk",
            [](Settings& s, std::string_view v) { s.workers = small_count(v); }},
    Setting{"LVNG_MAX_CONNECTIONS", "max-connections", "20000",
            "connections, idle ones too; more are answered 503",
            [](Settings& s, std::string_view v) { s.max_connections = count(v); }},
    Setting{"LVNG_MAX_CONNECTIONS_PER_ADDRESS", "max-connections-per-address", "off",
            "connections of one address but a trusted proxy's; more are closed, or off",
            set_per_address},
    Setting{"LVNG_MAX_BODY", "max-body", "1MiB", "the largest body of a request",
            [](Settings& s, std::string_view v) { s.sizes.body = size(v); }},
    Setting{"LVNG_MAX_HEADER", "max-header", "32KiB", "the headers of a request together",
            [](Settings& s, std::string_view v) { s.sizes.headers = size(v); }},
    Setting{"LVNG_HEADER_TIMEOUT", "header-timeout", "10s",
            "for a whole head to arrive, from its first byte",
            [](Settings& s, std::string_view v) { s.header_timeout = duration(v); }},
    Setting{"LVNG_BODY_TIMEOUT", "body-timeout", "30s", "for a whole body to arrive",
            [](Settings& s, std::string_view v) { s.body_timeout = duration(v); }},
    Setting{"LVNG_WRITE_TIMEOUT", "write-timeout", "10s",
            "for an answer to be taken, without progress",
            [](Settings& s, std::string_view v) { s.write_timeout = duration(v); }},
    Setting{"LVNG_IDLE_TIMEOUT", "idle-timeout", "75s", "between two requests of a connection",
            [](Settings& s, std::string_view v) { s.idle_timeout = duration(v); }},
    Setting{"LVNG_DRAIN_TIMEOUT", "drain-timeout", "10s", "for running requests to end at a stop",
            [](Settings& s, std::string_view v) { s.drain_timeout = duration(v); }},
    Setting{"LVNG_LOG", "log", "info", "off, error, info or debug; JSON lines on stderr", set_log},
};

constexpr auto unused = std::to_array<std::string_view>({
    "neo4j-url",
    "neo4j-user",
    "neo4j-password",
    "neo4j-password-file",
    "neo4j-database",
    "graph-reads",
    "graph-on-unavailable",
    "redis-url",
    "redis-url-file",
    "ping-interval",
    "ping-timeout",
    "max-sockets-per-user",
    "max-sockets-per-address",
    "merge-retention",
});

}  // namespace

std::span<const Setting> setting_table() noexcept {
    return table;
}

std::span<const std::string_view> unused_settings() noexcept {
    return unused;
}

}  // namespace lvng::server
