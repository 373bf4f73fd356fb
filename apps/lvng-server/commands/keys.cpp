#include "commands/arguments.hpp"
#include "commands/commands.hpp"

#include "wiring.hpp"

#include <lvng/crm/api_keys.hpp>
#include <lvng/crm/auth.hpp>
#include <lvng/crm/error.hpp>

#include <fmt/format.h>

#include <array>
#include <stdexcept>

namespace lvng::server {
namespace {

constexpr std::array<CommandOption, 5> options{
    CommandOption{"user", "U", "create: for whom the key stands; needed"},
    CommandOption{"tenant", "T",
                  "create: their organisation (default: LVNG_TENANT_DEFAULT); list: only theirs"},
    CommandOption{"scopes", "LIST", "create: read, write or both (default: read,write)"},
    CommandOption{"ttl", "DURATION", "create: how long the key holds (default: until revoked)"},
    CommandOption{"test", "", "create: the key starts with lvng_sk_test_"},
};

crm::Scopes scopes_of(const Invocation& invocation) {
    const std::string text = invocation.option("scopes", "read,write");
    if (text == "read") return {.read = true, .write = false};
    if (text == "write") return {.read = false, .write = true};
    if (text == "read,write" || text == "write,read") return {};
    throw UsageError{
        fmt::format("--scopes is \"{}\", but must be read, write or read,write", text)};
}

/// The tenant that is named, else the one that a token of this user would belong to.
crm::TenantId tenant_of(const Invocation& invocation, const Settings& settings,
                        const crm::UserId& user) {
    if (invocation.is_on("tenant")) return checked_id<crm::TenantId>(invocation, "tenant");
    if (auto tenant = settings.jwt.default_tenant.tenant_of(user)) return *tenant;
    throw UsageError{"--tenant is missing: LVNG_TENANT_DEFAULT gives no user a tenant"};
}

int create(const Invocation& invocation, const Settings& settings, crm::ApiKeys& keys) {
    crm::NewApiKey wanted{.user = checked_id<crm::UserId>(invocation, "user"),
                          .scopes = scopes_of(invocation),
                          .test = invocation.is_on("test")};
    wanted.tenant = tenant_of(invocation, settings, wanted.user);
    if (invocation.is_on("ttl")) wanted.life = checked_life(invocation.option("ttl"));
    fmt::print("{}\n", crm::create_api_key(keys, wanted, SystemClock{}).text);
    return 0;
}

std::string_view words(const crm::Scopes& scopes) {
    if (scopes.read && scopes.write) return "read,write";
    return scopes.read ? "read" : "write";
}

std::string words(std::string_view what, const std::optional<crm::Timestamp>& at) {
    return at ? fmt::format(" {} {}", what, at->to_string()) : std::string{};
}

void print(const crm::ApiKey& key) {
    fmt::print("{} {} tenant {} user {} scopes {} created {}{}{}{}\n", key.id.to_string(), key.hint,
               key.tenant.to_string(), key.user.to_string(), words(key.scopes),
               key.created_at.to_string(), words("expires", key.expires_at),
               words("used", key.last_used_at), words("revoked", key.revoked_at));
}

int list(const Invocation& invocation, crm::ApiKeys& keys) {
    std::optional<crm::TenantId> tenant;
    if (invocation.is_on("tenant")) tenant = checked_id<crm::TenantId>(invocation, "tenant");
    for (const crm::ApiKey& key : keys.list(tenant)) print(key);
    return 0;
}

int revoke(const Invocation& invocation, crm::ApiKeys& keys) {
    const std::string text = invocation.second_operand;
    const auto id = crm::ApiKeyId::parse(text);
    // What was pasted may be the key itself.
    if (!id) throw UsageError{"that is no key's id; keys list shows them"};
    try {
        print(keys.revoke(*id, SystemClock{}.now()));
    } catch (const crm::Error& error) {
        if (error.code() != crm::ErrorCode::not_found) throw;
        throw std::runtime_error{fmt::format("there is no key {}", id->to_string())};
    }
    return 0;
}

int keys(const Invocation& invocation) {
    const std::string action = invocation.operand;
    const bool revokes = action == "revoke";
    if (action != "create" && action != "list" && !revokes)
        throw UsageError{fmt::format("\"{}\" is nothing that keys does; it does create, list and "
                                     "revoke",
                                     action)};
    if (revokes == invocation.second_operand.empty())
        throw UsageError{revokes ? std::string{"keys revoke needs an ID"}
                                 : fmt::format("keys {} takes no ID", action)};
    for (const CommandOption& option : options)
        if (action != "create" && invocation.is_on(option.name) &&
            (revokes || option.name != "tenant"))
            throw UsageError{fmt::format("keys {} takes no --{}", action, option.name)};
    const Settings settings =
        read_settings(invocation.environment, invocation.setting_flags).settings;
    refuse_in_memory(settings, "keys");
    if (action != "create") refuse_missing_store(settings);
    const auto crm = open_crm(settings, false);
    if (action == "create") return create(invocation, settings, crm->api_keys());
    return revokes ? revoke(invocation, crm->api_keys()) : list(invocation, crm->api_keys());
}

}  // namespace

Command keys_command() {
    return {.name = "keys",
            .summary = "makes, lists or revokes API keys",
            .options = options,
            .operand = "create|list|revoke",
            .second_operand = "ID",
            .run = keys};
}

}  // namespace lvng::server
