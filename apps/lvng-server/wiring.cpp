#include "wiring.hpp"

#include "secret_file.hpp"

#include <lvng/crm/error.hpp>
#include <lvng/crm/postgresql.hpp>
#include <lvng/crm/sqlite.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace lvng::server {
namespace {

constexpr std::string_view in_memory = ":memory:";

/// A new folder is the owner's alone: what will be in it is personal.
void make_folder(const std::filesystem::path& folder) {
    namespace fs = std::filesystem;
    if (folder.empty() || fs::exists(folder)) return;
    std::error_code why;
    fs::create_directories(folder, why);
    if (!why) fs::permissions(folder, fs::perms::owner_all, why);
    if (why)
        throw std::runtime_error{
            fmt::format("cannot make the folder {}: {}", folder.string(), why.message())};
}

/// A new database is the owner's alone too, wherever it is; SQLite gives its companions the same
/// mode. Where it cannot be made, opening it says why.
void make_private_file(const std::string& path) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file >= 0) ::close(file);
}

}  // namespace

std::unique_ptr<crm::Crm> open_crm(const Settings& settings, bool exclusive) {
    std::unique_ptr<crm::Store> store = open_store(settings, exclusive);
    crm::Options options;
    options.phone_region = settings.phone_region;
    options.agent_run_limit = settings.agent_run_limit;
    options.event_retention = settings.event_retention;
    // The database is the first to end a statement: then it is certain that nothing was done.
    if (!settings.postgresql_url.empty())
        options.timeout = settings.postgres_statement_timeout + std::chrono::seconds{1};
    try {
        return std::make_unique<crm::Crm>(std::move(store), std::move(options));
    } catch (const crm::Error& error) {
        if (error.code() != crm::ErrorCode::invalid) throw;
        throw UsageError{fmt::format("LVNG_PHONE_REGION is \"{}\", but must be a region that has "
                                     "a telephone network, as US or DE",
                                     settings.phone_region)};
    }
}

crm::Timestamp SystemClock::now() const {
    const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
    return crm::Timestamp{
        std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count()};
}

crm::PostgresqlOptions postgresql_options(const Settings& settings) {
    return {.url = settings.postgresql_url,
            .pool_size = settings.postgres_pool,
            .statement_timeout = settings.postgres_statement_timeout,
            .migrations = settings.migrations};
}

std::unique_ptr<crm::Store> open_store(const Settings& settings, bool exclusive) {
    if (!settings.postgresql_url.empty()) {
        return with_usable_url([&] { return crm::postgresql_store(postgresql_options(settings)); });
    }
    if (settings.sqlite_path != in_memory) {
        make_folder(std::filesystem::path{settings.sqlite_path}.parent_path());
        make_private_file(settings.sqlite_path);
    }
    return crm::sqlite_store({.path = settings.sqlite_path,
                              .synchronous = settings.sqlite_synchronous,
                              .migrations = settings.migrations,
                              .exclusive = exclusive});
}

std::string secret_path(const Settings& settings) {
    return settings.sqlite_path + ".jwt-secret";
}

bool accepts(const crm::JwtOptions& options, crm::JwtAlgorithm algorithm) {
    return std::find(options.algorithms.begin(), options.algorithms.end(), algorithm) !=
           options.algorithms.end();
}

crm::JwtOptions jwt_options(const Settings& settings) {
    crm::JwtOptions options = settings.jwt;
    const bool wants_keys =
        accepts(options, crm::JwtAlgorithm::rs256) || accepts(options, crm::JwtAlgorithm::es256);
    if (wants_keys && options.jwks.source.empty())
        throw UsageError{"LVNG_JWKS must be set: LVNG_JWT_ALGORITHMS names RS256 or ES256, whose "
                         "keys it says"};
    if (!wants_keys && !options.jwks.source.empty())
        throw UsageError{"LVNG_JWT_ALGORITHMS must name RS256 or ES256: LVNG_JWKS has keys for "
                         "these alone"};
    if (!accepts(options, crm::JwtAlgorithm::hs256)) {
        // A secret that is set for `lvng-server token` elsewhere must not open a door here.
        options.secret.clear();
        options.previous_secret.clear();
        return options;
    }
    if (!options.secret.empty()) return options;
    if (!settings.postgresql_url.empty())
        throw UsageError{"LVNG_JWT_SECRET must be set: with PostgreSQL none is made, several "
                         "servers need the same one"};
    if (settings.sqlite_path == in_memory) {
        options.secret = random_secret();
        return options;
    }
    make_folder(std::filesystem::path{settings.sqlite_path}.parent_path());
    options.secret = secret_in_file(secret_path(settings));
    return options;
}

namespace {

std::unique_ptr<crm::TokenVerifier> make_verifier(const Settings& settings, const crm::Clock& clock,
                                                  Log& log) {
    crm::JwtOptions options = jwt_options(settings);
    options.jwks.on_problem = [&log](const std::string& problem) { log.warning(problem); };
    try {
        return crm::jwt_verifier(std::move(options), clock);
    } catch (const crm::Error& error) {
        if (error.code() != crm::ErrorCode::invalid) throw;
        throw UsageError{fmt::format("LVNG_JWKS is \"{}\", but {}",
                                     masked(settings.jwt.jwks.source), error.message())};
    }
}

}  // namespace

Wiring::Wiring(const Settings& settings)
    : lines_{STDERR_FILENO}, log_{settings.log, clock_,
                                  [this](std::string_view line) { lines_.write(line); }},
      crm_{open_crm(settings, true)}, tokens_{make_verifier(settings, clock_, log_)},
      verifier_{crm::api_key_verifier(crm_->api_keys(), *tokens_, clock_)},
      app_{{.crm = *crm_, .verifier = *verifier_, .clock = clock_, .log = log_},
           {.boundary = {.sizes = settings.sizes,
                         .contacts_rate = settings.contacts_rate,
                         .conversations_rate = settings.conversations_rate,
                         .failed_auth_rate = settings.failed_auth_rate,
                         .origins = settings.cors_origins},
            .metrics_token = settings.metrics_token,
            .metrics_apart = settings.metrics_listen.has_value()}} {}

}  // namespace lvng::server
