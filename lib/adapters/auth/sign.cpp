#include "adapters/auth/base64url.hpp"
#include "adapters/auth/hmac.hpp"

#include <lvng/crm/auth.hpp>
#include <lvng/crm/json.hpp>

#include <algorithm>
#include <array>

namespace lvng::crm::inline v0 {

namespace {

// What tutorials, templates and RFCs use, in lower case.
constexpr std::array<std::string_view, 12> known_secrets{
    "a-string-secret-at-least-256-bits-long",
    "a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long",
    "super-secret-jwt-token-with-at-least-32-characters-long",
    "this-is-a-secret-key-that-is-at-least-32-characters-long",
    "my-32-character-ultra-secure-and-ultra-long-secret",
    "qwertyuiopasdfghjklzxcvbnm123456",
    "0123456789abcdef0123456789abcdef",
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "12345678901234567890123456789012",
    "abcdefghijklmnopqrstuvwxyz123456",
    "aym1sysppbydfgzld3umj1qzkobwvmkoqq-estjqlr_t-1qs0gzh75aktmn3yj0ips4hcguutwjazzr1z9caow",
    "hjtxizd2usn5kbqfbtttnwbpdmhkv8fjg-onbc6mxccyg",
};

// What stands where somebody forgot to put a secret, in lower case.
constexpr std::array<std::string_view, 14> placeholders{
    "changeme",    "change-me",   "change_me",    "change this",    "change-this",
    "change_this", "replace-me",  "replace_me",   "replace-this",   "your-secret",
    "your_secret", "your-super-", "your-jwt-sec", "your_jwt_secret"};

std::string lower(std::string_view text) {
    std::string out{text};
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

}  // namespace

std::optional<std::string> weak_secret(std::string_view secret) {
    if (secret.size() < 32) return "must have at least 32 bytes";
    if (secret.find_first_not_of(secret.front()) == std::string_view::npos) {
        return "must not be one repeated character";
    }
    const std::string text = lower(secret);
    const bool known =
        std::find(known_secrets.begin(), known_secrets.end(), text) != known_secrets.end() ||
        std::any_of(placeholders.begin(), placeholders.end(), [&text](std::string_view word) {
            return text.find(word) != std::string::npos;
        });
    if (known) return "must not be an example that everybody knows";
    return std::nullopt;
}

std::string sign_token(const TokenClaims& claims, std::string_view secret, const JwtClaims& names) {
    const auto seconds = [](Timestamp instant) {
        return JsonNumber{instant.milliseconds() / 1000};
    };
    JsonObject payload;
    const auto add = [&payload](const std::string& name, const std::string& text) {
        if (!name.empty() && !text.empty()) payload.set(name, text);
    };
    add(names.user.empty() ? "userId" : names.user, claims.user.to_string());
    if (claims.tenant) add(names.tenant, claims.tenant->to_string());
    add(names.email, claims.email);
    add(names.name, claims.name);
    add(names.role, claims.role);
    payload.set("iat", seconds(claims.issued_at));
    payload.set("exp", seconds(claims.expires_at));

    std::string token = auth::encode_base64url(R"({"alg":"HS256","typ":"JWT"})");
    token += '.';
    token += auth::encode_base64url(payload.to_text());
    const auth::Hs256Key::Mac mac = auth::Hs256Key{secret}.sign(token);
    token += '.';
    token += auth::encode_base64url({reinterpret_cast<const char*>(mac.data()), mac.size()});
    return token;
}

}  // namespace lvng::crm::inline v0
