#include "settings.hpp"

#include "nearest.hpp"
#include "settings_table.hpp"
#include "support/temporary_folder.hpp"
#include "values.hpp"

#include <doctest/doctest.h>

#include <array>
#include <fstream>
#include <string>

using namespace lvng::server;
using namespace std::chrono_literals;

namespace {

const std::string secret = "a secret of the tests, long enough";

Settings read(const Environment& environment, const Flags& flags = {}) {
    return read_settings(environment, flags).settings;
}

/// The one line that a wrong setting gives.
std::string complaint(const Environment& environment, const Flags& flags = {}) try {
    read_settings(environment, flags);
    return "none";
} catch (const UsageError& error) {
    return error.what();
}

}  // namespace

TEST_SUITE("server.settings") {

    TEST_CASE("without any setting the defaults hold") {
        const Settings settings = read({});
        CHECK(settings.listen == ListenAddress{"127.0.0.1", 8080});
        CHECK(settings.sqlite_path == "lvng-data/lvng.db");
        CHECK(settings.sqlite_synchronous == lvng::crm::SqliteSynchronous::full);
        CHECK(settings.migrations == lvng::crm::Migrations::automatic);
        CHECK(settings.contacts_rate == Rate{.places = 100, .window = 60s});
        CHECK(settings.conversations_rate == Rate{.places = 60, .window = 60s});
        CHECK(settings.agent_run_limit == 0);
        CHECK(settings.event_retention == std::chrono::hours{7 * 24});
        CHECK(settings.jwt.secret.empty());
        CHECK(settings.jwt.leeway == 30s);
        CHECK(settings.sizes.body == 1024 * 1024);
        CHECK(settings.idle_timeout == 75s);
        CHECK(settings.log == LogLevel::info);
    }

    TEST_CASE("variables and flags say the same, and the flag wins") {
        CHECK(read({{"LVNG_LISTEN", "0.0.0.0:0"}}).listen == ListenAddress{"0.0.0.0", 0});
        CHECK(read({}, {{"listen", "[::1]:65535"}}).listen == ListenAddress{"::1", 65535});
        CHECK(read({{"LVNG_LOG", "off"}}, {{"log", "debug"}}).log == LogLevel::debug);
        CHECK(read({}, {{"log", "off"}, {"log", "error"}}).log == LogLevel::error);
        CHECK(read({{"LVNG_LOG", ""}}).log == LogLevel::info);
    }

    TEST_CASE("each setting finds its place") {
        const Settings settings = read({{"LVNG_STORE", "sqlite::memory:"},
                                        {"LVNG_SQLITE_SYNCHRONOUS", "normal"},
                                        {"LVNG_MIGRATE", "never"},
                                        {"LVNG_PHONE_REGION", "de"},
                                        {"JWT_SECRET", secret},
                                        {"LVNG_JWT_SECRET_PREVIOUS", secret + "x"},
                                        {"LVNG_JWT_ALGORITHMS", "RS256, HS256"},
                                        {"LVNG_JWKS", "https://id.example.org/keys"},
                                        {"LVNG_JWT_ISSUER", "issuer"},
                                        {"LVNG_JWT_AUDIENCE", "audience"},
                                        {"LVNG_JWT_REQUIRED_CLAIMS", "a, b"},
                                        {"LVNG_JWT_LEEWAY", "0s"},
                                        {"LVNG_JWT_CLAIM_USER", "uid"},
                                        {"LVNG_JWT_CLAIM_TENANT", "org"},
                                        {"LVNG_TENANT_DEFAULT", "private:"},
                                        {"LVNG_RATE_CONTACTS", "5/250ms"},
                                        {"LVNG_RATE_CONVERSATIONS", "6/1s"},
                                        {"LVNG_AGENT_RUN_LIMIT", "20"},
                                        {"LVNG_EVENT_RETENTION", "12h"},
                                        {"LVNG_CORS_ORIGINS", "https://a.example"},
                                        {"LVNG_METRICS_LISTEN", "127.0.0.1:9100"},
                                        {"LVNG_METRICS_TOKEN", "a-token"},
                                        {"LVNG_WORKERS", "7"},
                                        {"LVNG_MAX_CONNECTIONS", "9"},
                                        {"LVNG_MAX_CONNECTIONS_PER_ADDRESS", "8"},
                                        {"LVNG_TRUSTED_PROXIES", "10.0.0.0/8, ::1"},
                                        {"LVNG_MAX_BODY", "2MiB"},
                                        {"LVNG_MAX_HEADER", "8KiB"},
                                        {"LVNG_BODY_TIMEOUT", "5s"},
                                        {"LVNG_DRAIN_TIMEOUT", "1m"}});
        CHECK(settings.sqlite_path == ":memory:");
        CHECK(settings.sqlite_synchronous == lvng::crm::SqliteSynchronous::normal);
        CHECK(settings.migrations == lvng::crm::Migrations::never);
        CHECK(settings.phone_region == "DE");
        CHECK(settings.jwt.secret == secret);
        CHECK(settings.jwt.previous_secret == secret + "x");
        CHECK(settings.jwt.algorithms ==
              std::vector{lvng::crm::JwtAlgorithm::rs256, lvng::crm::JwtAlgorithm::hs256});
        CHECK(settings.jwt.jwks.source == "https://id.example.org/keys");
        CHECK(settings.jwt.issuer == "issuer");
        CHECK(settings.jwt.audience == "audience");
        CHECK(settings.jwt.required_claims == std::vector<std::string>{"a", "b"});
        CHECK(settings.jwt.leeway == 0s);
        CHECK(settings.jwt.claims.user == "uid");
        CHECK(settings.jwt.claims.tenant == "org");
        CHECK(settings.jwt.default_tenant.kind == lvng::crm::DefaultTenant::Kind::private_one);
        CHECK(settings.contacts_rate == Rate{.places = 5, .window = 250ms});
        CHECK(settings.conversations_rate == Rate{.places = 6, .window = 1s});
        CHECK(settings.agent_run_limit == 20);
        CHECK(settings.event_retention == std::chrono::hours{12});
        CHECK(settings.cors_origins.allow("https://a.example"));
        CHECK(settings.metrics_listen == ListenAddress{"127.0.0.1", 9100});
        CHECK(settings.metrics_token == "a-token");
        CHECK(settings.workers == 7);
        CHECK(settings.max_connections == 9);
        CHECK(settings.max_connections_per_address == 8U);
        CHECK(settings.trusted_proxies.trusts(*parse_address("10.1.2.3")));
        CHECK(settings.sizes.body == 2 * 1024 * 1024);
        CHECK(settings.sizes.headers == 8 * 1024);
        CHECK(settings.body_timeout == 5s);
        CHECK(settings.drain_timeout == 60s);
        CHECK_FALSE(read({{"LVNG_RATE_CONTACTS", "off"}}).contacts_rate);
        CHECK(read({}).failed_auth_rate == Rate{.places = 20, .window = 60s});
        CHECK(read({{"LVNG_RATE_FAILED_AUTH", "3/1h"}}).failed_auth_rate ==
              Rate{.places = 3, .window = std::chrono::hours{1}});
        CHECK_FALSE(read({{"LVNG_RATE_FAILED_AUTH", "off"}}).failed_auth_rate);
        CHECK_FALSE(read({}, {{"rate-conversations", "off"}}).conversations_rate);
    }

    TEST_CASE("a wrong value is named, with what it was and what it may be") {
        CHECK(complaint({{"LVNG_LISTEN", "8080"}}) ==
              "LVNG_LISTEN is \"8080\", but must be an address and a port, as 127.0.0.1:8080 or "
              "[::1]:8080");
        CHECK(complaint({}, {{"log", "loud"}}) ==
              "--log is \"loud\", but must be off, error, info or debug");
        for (const auto& [name, value] : Flags{{"LVNG_LISTEN", "::1:8080"},
                                               {"LVNG_SQLITE_SYNCHRONOUS", "off"},
                                               {"LVNG_MIGRATE", "yes"},
                                               {"LVNG_PHONE_REGION", "DEU"},
                                               {"LVNG_JWT_ALGORITHMS", "HS256,none"},
                                               {"LVNG_RATE_FAILED_AUTH", "20"},
                                               {"LVNG_JWT_LEEWAY", "61s"},
                                               {"LVNG_TENANT_DEFAULT", "private"},
                                               {"LVNG_TENANT_DEFAULT", "none"},
                                               {"LVNG_TENANT_DEFAULT", "none:x"},
                                               {"LVNG_RATE_CONTACTS", "0/1m"},
                                               {"LVNG_RATE_CONVERSATIONS", "60"},
                                               {"LVNG_AGENT_RUN_LIMIT", "1000000001"},
                                               {"LVNG_EVENT_RETENTION", "7"},
                                               {"LVNG_CORS_ORIGINS", "*"},
                                               {"LVNG_METRICS_LISTEN", "9100"},
                                               {"LVNG_WORKERS", "0"},
                                               {"LVNG_WORKERS", "1001"},
                                               {"LVNG_MAX_CONNECTIONS_PER_ADDRESS", "0"},
                                               {"LVNG_TRUSTED_PROXIES", "proxy.internal"},
                                               {"LVNG_POSTGRES_POOL", "1001"},
                                               {"LVNG_POSTGRES_STATEMENT_TIMEOUT", "5"},
                                               {"LVNG_MAX_BODY", "1MB"},
                                               {"LVNG_IDLE_TIMEOUT", "10"},
                                               {"LVNG_DRAIN_TIMEOUT", "0s"}})
            CHECK(complaint({{name, value}})
                      .starts_with(name + " is \"" + value + "\", but must be "));
    }

    TEST_CASE("a store is a file, memory or a PostgreSQL") {
        const Settings settings = read({{"LVNG_STORE", "postgresql://u:hunter2@db/lvng"},
                                        {"LVNG_POSTGRES_POOL", "3"},
                                        {"LVNG_POSTGRES_STATEMENT_TIMEOUT", "250ms"}});
        CHECK(settings.postgresql_url == "postgresql://u:hunter2@db/lvng");
        CHECK(settings.postgres_pool == 3);
        CHECK(settings.postgres_statement_timeout == 250ms);
        CHECK(read({{"LVNG_STORE", "sqlite:a.db"}}).postgresql_url.empty());
        CHECK(read({{"LVNG_STORE", "postgresql://db/lvng"}}, {{"store", "sqlite:a.db"}})
                  .postgresql_url.empty());
    }

    TEST_CASE("a store of another kind is refused by name, without its password") {
        const std::string line = complaint({{"LVNG_STORE", "mysql://u:hunter2@db/lvng"}});
        CHECK(line.find("postgresql://USER:PASSWORD@HOST:PORT/DATABASE") != std::string::npos);
        CHECK(line.find("hunter2") == std::string::npos);
        CHECK(complaint({{"LVNG_STORE", "lvng.db"}}) ==
              "LVNG_STORE is \"lvng.db\", but must be sqlite:PATH, sqlite::memory: or "
              "postgresql://USER:PASSWORD@HOST:PORT/DATABASE");
    }

    TEST_CASE("an address is shown without what may be a password") {
        CHECK(masked("lvng.db") == "lvng.db");
        CHECK(masked("https://id.example.org/keys") == "https://id.example.org/keys");
        CHECK(masked("https://u:hunter2@id.example.org/keys") == "https:***@id.example.org/keys");
        CHECK(masked("https://id.example.org/keys?key=hunter2") ==
              "https://id.example.org/keys?***");
        CHECK(masked("https://u:hunter2@id.example.org/keys?key=hunter2") ==
              "https:***@id.example.org/keys?***");
        CHECK(masked("https://u:hunter?2@id.example.org/keys") == "https:***");
        CHECK(masked("https://id.example.org/keys?key=hunter@2") == "https:***");
    }

    TEST_CASE("a secret is never echoed") {
        for (const auto* name : {"LVNG_JWT_SECRET", "JWT_SECRET", "LVNG_JWT_SECRET_PREVIOUS"}) {
            const std::string line = complaint({{name, "hunter2"}});
            CHECK(line.starts_with(std::string{name} + " cannot be used: "));
            CHECK(line.find("hunter2") == std::string::npos);
        }
        CHECK(complaint({{"LVNG_JWT_SECRET", std::string(32, 'x')}}) != "none");
        CHECK_FALSE(is_setting_flag("jwt-secret"));
    }

    TEST_CASE("a secret may stand in a file") {
        const lvng::crm::test::TemporaryFolder folder;
        const std::string path = (folder.path() / "secret").string();
        std::ofstream{path} << secret << '\n';
        CHECK(read({{"LVNG_JWT_SECRET_FILE", path}}).jwt.secret == secret);
        CHECK(read({{"LVNG_JWT_SECRET_FILE", path}, {"JWT_SECRET", secret}}).jwt.secret == secret);
        CHECK(complaint({{"LVNG_JWT_SECRET_FILE", path}, {"JWT_SECRET", secret + "x"}}) ==
              "JWT_SECRET and LVNG_JWT_SECRET_FILE are both set, and differ");
        CHECK(complaint({{"LVNG_JWT_SECRET_FILE", path + "x"}}) ==
              "LVNG_JWT_SECRET_FILE names " + path + "x, which cannot be read");
        std::ofstream{path} << "\n";
        CHECK(complaint({{"LVNG_STORE_FILE", path}}) ==
              "LVNG_STORE_FILE names " + path + ", which is empty");
    }

    TEST_CASE("unknown and unused settings are warned of") {
        CHECK(read_settings({{"LVNG_LISTN", "x"}, {"PATH", "/bin"}, {"LVNG_MERGE_RETENTION", "1d"}},
                            {{"ping-interval", "1s"}})
                  .warnings ==
              std::vector<std::string>{"LVNG_LISTN is no setting; the nearest one is LVNG_LISTEN",
                                       "LVNG_MERGE_RETENTION has no effect in this version",
                                       "--ping-interval has no effect in this version"});
        CHECK(read_settings({{"LVNG_JWT_SECRET_FILE", ""}, {"LVNG_LOG", "info"}}, {})
                  .warnings.empty());
    }

    TEST_CASE("help tells of every setting") {
        const std::string help = settings_help();
        for (const Setting& setting : setting_table()) {
            CHECK(help.find(setting.variable) != std::string::npos);
            CHECK(help.find("--" + std::string{setting.flag}) != std::string::npos);
        }
    }

    TEST_CASE("durations, sizes and rates have units") {
        CHECK(parse_duration("250ms") == 250ms);
        CHECK(parse_duration("7d") == std::chrono::hours{168});
        CHECK(parse_size("64KiB") == 65536U);
        CHECK(parse_size("4096") == 4096U);
        CHECK(parse_rate("100/1m") == Rate{.places = 100, .window = 60s});
        for (const std::string_view text :
             {"", "5", "s", "-5s", "5 s", "5S", "1.5s", "3651d", "99999999999999999999s"})
            CHECK_FALSE(parse_duration(text));
        for (const std::string_view text : {"", "KiB", "1kb", "1MB", "-1", "1025GiB"})
            CHECK_FALSE(parse_size(text));
        for (const std::string_view text : {"", "100", "/1m", "100/", "0/1m", "1/0s", "100/1m/1m"})
            CHECK_FALSE(parse_rate(text));
    }

    TEST_CASE("the nearest name takes the fewest changes") {
        constexpr std::array<std::string_view, 3> names{"serve", "token", "migrate"};
        CHECK(nearest("serv", names) == "serve");
        CHECK(nearest("tokn", names) == "token");
        CHECK(nearest("emigrate", names) == "migrate");
        CHECK(nearest("x", {}).empty());
    }

}  // TEST_SUITE
