#pragma once

#include "settings.hpp"

#include <span>
#include <stdexcept>
#include <string_view>

namespace lvng::server {

/// A value that a setting cannot have; `what()` says what it may be.
struct BadValue : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// One row of the table that reading, `--help` and the warnings share.
struct Setting {
    std::string_view variable{};  ///< `LVNG_LISTEN`
    std::string_view flag{};      ///< `listen`; empty for a secret, which has none
    std::string_view fallback{};  ///< as `--help` shows it
    std::string_view meaning{};
    /// Puts the value in its place. Throws `BadValue`.
    void (*apply)(Settings& settings, std::string_view value) = nullptr;
    bool has_file = false;     ///< may be read from the file that `…_FILE` names
    bool secret = false;       ///< is never echoed
    std::string_view alias{};  ///< another variable of the same meaning
};

std::span<const Setting> setting_table() noexcept;

/// Settings of the product that have no effect in this version, as flags. `neo4j-password` stands
/// for `LVNG_NEO4J_PASSWORD`.
std::span<const std::string_view> unused_settings() noexcept;

}  // namespace lvng::server
