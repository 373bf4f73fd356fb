#include "adapters/postgresql/conninfo.hpp"

#include <lvng/crm/error.hpp>

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <string_view>

namespace lvng::crm::postgresql {
namespace {

using Settings = std::map<std::string, std::string>;

constexpr std::size_t max_pool_size = 1000;

Error bad_url(std::string message) {
    return invalid_fields({{"url", std::move(message)}});
}

struct FreeOptions {
    void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
};
struct FreeMemory {
    void operator()(char* memory) const noexcept { PQfreemem(memory); }
};

/// What the URL says, nothing from the environment.
Settings parsed(const std::string& url) {
    if (url.empty()) throw bad_url("is required");
    char* message = nullptr;
    const std::unique_ptr<PQconninfoOption, FreeOptions> options{
        PQconninfoParse(url.c_str(), &message)};
    const std::unique_ptr<char, FreeMemory> message_owner{message};
    // libpq's message may quote the URL, and with it the password.
    if (!options) throw bad_url("must be a PostgreSQL connection URL");
    Settings settings;
    for (const PQconninfoOption* option = options.get(); option->keyword; ++option) {
        if (option->val) settings.emplace(option->keyword, option->val);
    }
    return settings;
}

void check(const PostgresqlOptions& options) {
    std::vector<FieldError> fields;
    if (options.pool_size < 1 || options.pool_size > max_pool_size) {
        fields.push_back({"pool_size", fmt::format("must be from 1 to {}", max_pool_size)});
    }
    if (options.statement_timeout.count() < 1) {
        fields.push_back({"statement_timeout", "must be longer than 0"});
    }
    if (options.lock_timeout.count() < 1) {
        fields.push_back({"lock_timeout", "must be longer than 0"});
    }
    if (!fields.empty()) throw invalid_fields(std::move(fields));
}

/// The server splits this value at any white space, so blanks become tabs.
void separate_by_tabs(std::string& server_options) {
    if (server_options.find("\\ ") != std::string::npos) {
        throw bad_url("has an escaped blank in 'options', which cannot be passed on");
    }
    std::replace(server_options.begin(), server_options.end(), ' ', '\t');
}

std::string server_options(const PostgresqlOptions& options, std::string given) {
    separate_by_tabs(given);
    // Every statement has one good plan, and making it anew for each call takes as long as it
    // runs. The given ones come last and win.
    return fmt::format("-cstatement_timeout={}\t-clock_timeout={}\t-cTimeZone=UTC\t-cjit=off\t"
                       "-cplan_cache_mode=force_generic_plan\t"
                       "-cidle_in_transaction_session_timeout=60000\t{}",
                       options.statement_timeout.count(), options.lock_timeout.count(), given);
}

/// A value as libpq reads it back, with nothing in it that Poco would take for its end.
std::string quoted(const std::string& key, const std::string& value) {
    if (value.find(' ') != std::string::npos) {
        throw bad_url(fmt::format("has a blank in '{}', which cannot be passed on{}", key,
                                  key == "password" ? ": use a password file" : ""));
    }
    std::string out = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out + '\'';
}

}  // namespace

std::string connection_string(const PostgresqlOptions& options) {
    check(options);
    Settings settings = parsed(options.url);
    const auto encoding = settings.find("client_encoding");
    if (encoding != settings.end() && encoding->second != "UTF8") {
        throw bad_url("must not set 'client_encoding' to anything but UTF8");
    }
    if (settings.contains("replication")) throw bad_url("must not set 'replication'");
    settings["client_encoding"] = "UTF8";
    // Ours would hide what the environment says.
    if (const char* more = std::getenv("PGOPTIONS")) settings.try_emplace("options", more);
    settings["options"] = server_options(options, settings["options"]);
    // A server that is gone is noticed in seconds; the system's own times are minutes.
    for (const auto& [key, value] : Settings{{"fallback_application_name", "lvng-crm"},
                                             {"connect_timeout", "2"},
                                             {"keepalives_idle", "5"},
                                             {"keepalives_interval", "2"},
                                             {"keepalives_count", "2"},
                                             {"tcp_user_timeout", "5000"}}) {
        settings.try_emplace(key, value);
    }
    std::string out;
    for (const auto& [key, value] : settings) {
        // An empty value would override the environment's.
        if (value.empty()) continue;
        if (!out.empty()) out += ' ';
        out += key + '=' + quoted(key, value);
    }
    return out;
}

}  // namespace lvng::crm::postgresql
