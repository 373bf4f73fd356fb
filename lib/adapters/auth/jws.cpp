#include "adapters/auth/jws.hpp"

#include "adapters/auth/base64url.hpp"

#include <lvng/crm/error.hpp>
#include <lvng/crm/id.hpp>

#include <algorithm>
#include <utility>

namespace lvng::crm::auth {

namespace {

bool equal_ignoring_case(std::string_view text, std::string_view lower) {
    return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
        return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
    });
}

std::optional<JwtAlgorithm> algorithm_of(std::string_view name) {
    if (name == "HS256") return JwtAlgorithm::hs256;
    if (name == "RS256") return JwtAlgorithm::rs256;
    if (name == "ES256") return JwtAlgorithm::es256;
    return std::nullopt;
}

}  // namespace

std::optional<JsonObject> read_object(std::string_view text) {
    try {
        return JsonObject::parse(text);
    } catch (const Error&) {
        return std::nullopt;
    }
}

std::optional<JoseHeader> read_header(const JsonObject& header) {
    for (const std::string_view refused : {"crit", "zip", "b64", "jwk", "jku", "x5u", "x5c"}) {
        if (header.find(refused) != nullptr) return std::nullopt;
    }
    JoseHeader out;
    const JsonValue* const alg = header.find("alg");
    if (alg == nullptr || alg->string() == nullptr) return std::nullopt;
    const std::optional<JwtAlgorithm> algorithm = algorithm_of(*alg->string());
    if (!algorithm) return std::nullopt;
    out.algorithm = *algorithm;

    if (const JsonValue* const typ = header.find("typ")) {
        const std::string* const type = typ->string();
        if (type == nullptr) return std::nullopt;
        if (!equal_ignoring_case(*type, "jwt") && !equal_ignoring_case(*type, "application/jwt")) {
            return std::nullopt;
        }
    }
    if (const JsonValue* const kid = header.find("kid")) {
        if (kid->string() == nullptr || !detail::is_opaque_id(*kid->string())) return std::nullopt;
        out.kid = *kid->string();
    }
    return out;
}

std::optional<Jws> read_jws(std::string_view token) {
    const std::size_t first = token.find('.');
    if (first == std::string_view::npos) return std::nullopt;
    const std::size_t second = token.find('.', first + 1);
    if (second == std::string_view::npos) return std::nullopt;

    // A fourth part needs no rule of its own: a dot is no base64url digit.
    const std::optional<std::string> header = decode_base64url(token.substr(0, first));
    std::optional<std::string> payload =
        decode_base64url(token.substr(first + 1, second - first - 1));
    std::optional<std::string> signature = decode_base64url(token.substr(second + 1));
    if (!header || !payload || !signature) return std::nullopt;
    if (header->empty() || payload->empty() || signature->empty()) return std::nullopt;

    const std::optional<JsonObject> members = read_object(*header);
    if (!members) return std::nullopt;
    std::optional<JoseHeader> read = read_header(*members);
    if (!read) return std::nullopt;
    return Jws{std::move(*read), token.substr(0, second), std::move(*payload),
               std::move(*signature)};
}

}  // namespace lvng::crm::auth
