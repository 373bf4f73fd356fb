#include "adapters/auth/key_set.hpp"

#include "adapters/auth/base64url.hpp"

#include <lvng/crm/error.hpp>
#include <lvng/crm/id.hpp>
#include <lvng/crm/json.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace lvng::crm::auth {

namespace {

[[noreturn]] void refuse(std::string why) {
    throw Error{ErrorCode::invalid, std::move(why)};
}

/// The text of a member that may be missing; one that is no text is refused.
std::optional<std::string> text_of(const JsonObject& key, std::string_view name) {
    const JsonValue* const value = key.find(name);
    if (value == nullptr) return std::nullopt;
    if (value->string() == nullptr) refuse(fmt::format("has a {} that is no text", name));
    return *value->string();
}

std::string octets_of(const JsonObject& key, std::string_view name) {
    const std::optional<std::string> text = text_of(key, name);
    if (!text) refuse(fmt::format("has no {}", name));
    std::optional<std::string> octets = decode_base64url(*text);
    if (!octets) refuse(fmt::format("has a {} that is no base64url", name));
    return std::move(*octets);
}

/// The algorithm of a key of ours, by its type alone.
std::optional<JwtAlgorithm> algorithm_of(const JsonObject& key) {
    const std::optional<std::string> type = text_of(key, "kty");
    if (!type) refuse("has no kty");
    if (*type == "RSA") return JwtAlgorithm::rs256;
    if (*type == "EC" && text_of(key, "crv") == "P-256") return JwtAlgorithm::es256;
    return std::nullopt;
}

/// Whether the key's owner means it for signatures of `algorithm`.
bool is_meant_for(const JsonObject& key, JwtAlgorithm algorithm) {
    if (const auto use = text_of(key, "use"); use && *use != "sig") return false;
    const std::string_view name = algorithm == JwtAlgorithm::rs256 ? "RS256" : "ES256";
    if (const auto alg = text_of(key, "alg"); alg && *alg != name) return false;
    const JsonValue* const operations = key.find("key_ops");
    if (operations == nullptr) return true;
    if (operations->array() == nullptr) refuse("has key_ops that are no array");
    return std::any_of(operations->array()->begin(), operations->array()->end(),
                       [](const JsonValue& operation) {
                           return operation.string() != nullptr && *operation.string() == "verify";
                       });
}

std::string kid_of(const JsonObject& key) {
    const std::optional<std::string> kid = text_of(key, "kid");
    if (kid && !detail::is_opaque_id(*kid)) {
        refuse("has a kid that is not 1 to 128 visible ASCII characters");
    }
    return kid.value_or("");
}

/// Nothing for a key that is none of ours. Throws `invalid` for one that would be.
std::optional<PublicKey> read_key(const JsonObject& key) {
    const std::optional<JwtAlgorithm> algorithm = algorithm_of(key);
    if (!algorithm || !is_meant_for(key, *algorithm)) return std::nullopt;
    // Everybody who reads the set could sign with it.
    if (key.find("d") != nullptr) refuse("is a private key, published");
    if (*algorithm == JwtAlgorithm::rs256) {
        return PublicKey::rsa(octets_of(key, "n"), octets_of(key, "e"));
    }
    return PublicKey::p256(octets_of(key, "x"), octets_of(key, "y"));
}

}  // namespace

KeySet KeySet::parse(std::string_view text) {
    const JsonObject object = [text] {
        try {
            return JsonObject::parse(text);
        } catch (const Error& error) {
            refuse(fmt::format("it is no JSON object: {}", error.message()));
        }
    }();
    const JsonValue* const keys = object.find("keys");
    if (keys == nullptr || keys->array() == nullptr) refuse("it has no array of keys");
    if (keys->array()->size() > max_keys) refuse(fmt::format("it has more than {} keys", max_keys));

    KeySet set;
    std::size_t number = 0;
    for (const JsonValue& value : *keys->array()) {
        ++number;
        try {
            if (value.object() == nullptr) refuse("is no object");
            std::optional<PublicKey> key = read_key(*value.object());
            if (!key) continue;
            std::string kid = kid_of(*value.object());
            const bool taken =
                !kid.empty() &&
                std::any_of(set.keys_.begin(), set.keys_.end(), [&](const NamedKey& other) {
                    return other.kid == kid && other.key.algorithm() == key->algorithm();
                });
            if (taken) refuse("has the kid of one before it");
            set.keys_.push_back({std::move(kid), std::move(*key)});
        } catch (const Error& error) {
            if (error.code() != ErrorCode::invalid) throw;
            set.left_out_.push_back(fmt::format("key {} {}", number, error.message()));
        }
    }
    if (set.keys_.empty()) {
        refuse(fmt::format("it has no key for RS256 or ES256{}{}",
                           set.left_out_.empty() ? "" : ": ", fmt::join(set.left_out_, ", ")));
    }
    return set;
}

const PublicKey* KeySet::find(JwtAlgorithm algorithm, std::string_view kid) const {
    const PublicKey* found = nullptr;
    for (const NamedKey& named : keys_) {
        if (named.key.algorithm() != algorithm) continue;
        if (!kid.empty() && named.kid != kid) continue;
        if (found != nullptr) return nullptr;
        found = &named.key;
    }
    return found;
}

}  // namespace lvng::crm::auth
