#pragma once

#include "api/app.hpp"
#include "http/line_writer.hpp"
#include "http/log.hpp"
#include "settings.hpp"

#include <lvng/crm/auth.hpp>
#include <lvng/crm/crm.hpp>
#include <lvng/crm/error.hpp>
#include <lvng/crm/ports/environment.hpp>
#include <lvng/crm/ports/store.hpp>
#include <lvng/crm/postgresql.hpp>

#include <memory>
#include <string>

namespace lvng::server {

/// The time of day of the system. Safe to share.
class SystemClock final : public crm::Clock {
public:
    [[nodiscard]] crm::Timestamp now() const override;
};

/// The store of the settings; the folder of a file is made where it is missing, and `exclusive`
/// keeps a second server off it. Throws `UsageError` for an address that cannot be used.
std::unique_ptr<crm::Store> open_store(const Settings& settings, bool exclusive);

/// The library on that store, as the settings want it. Throws `UsageError` too.
std::unique_ptr<crm::Crm> open_crm(const Settings& settings, bool exclusive);

/// How the settings reach PostgreSQL.
crm::PostgresqlOptions postgresql_options(const Settings& settings);

/// Runs `open`; where it finds fault with the address of the store, that is a wrong setting.
template <class Open>
auto with_usable_url(Open open) {
    try {
        return open();
    } catch (const crm::Error& error) {
        if (error.code() != crm::ErrorCode::invalid) throw;
        throw UsageError{std::string{"LVNG_STORE cannot be used: "} + error.what()};
    }
}

/// Whether tokens of `algorithm` hold.
bool accepts(const crm::JwtOptions& options, crm::JwtAlgorithm algorithm);

/// The options with a secret where HS256 needs one: the one that is set, else the one in the file
/// beside the database, which is made where it is missing. A store in memory gets one that nobody
/// else knows. Throws `UsageError` where the algorithms do not go with the keys.
crm::JwtOptions jwt_options(const Settings& settings);

/// Where that file is.
std::string secret_path(const Settings& settings);

/// Everything that `serve` runs on, built from settings. Safe to share.
class Wiring {
public:
    explicit Wiring(const Settings& settings);

    [[nodiscard]] crm::Crm& crm() noexcept { return *crm_; }
    [[nodiscard]] App& app() noexcept { return app_; }
    [[nodiscard]] Log& log() noexcept { return log_; }

private:
    SystemClock clock_;
    LineWriter lines_;
    Log log_;
    std::unique_ptr<crm::Crm> crm_;
    std::unique_ptr<crm::TokenVerifier> tokens_;
    std::unique_ptr<crm::TokenVerifier> verifier_;  // of keys, and of tokens through the other
    App app_;
};

}  // namespace lvng::server
