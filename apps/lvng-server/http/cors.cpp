#include "http/cors.hpp"

#include "http/ascii.hpp"

#include <algorithm>

namespace lvng::server {
namespace {

/// What stands behind the scheme: a host in lower case, perhaps a port that is not the scheme's.
bool is_authority(std::string_view text, std::string_view default_port) noexcept {
    static constexpr ByteSet bytes{"-._:[]"};
    const bool clean = bytes.holds_all(text) &&
                       std::all_of(text.begin(), text.end(), [](char c) { return lower(c) == c; });
    const auto bracket = text.rfind(']');
    const auto colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
    if (!clean || text.empty() || colon == 0) return false;
    if (colon == std::string_view::npos) return true;
    const std::string_view port = text.substr(colon + 1);
    return !port.empty() && port.size() <= 5 && port.front() != '0' && port != default_port &&
           std::all_of(port.begin(), port.end(), is_digit);
}

bool is_origin(std::string_view text) noexcept {
    constexpr std::string_view secure = "https://";
    constexpr std::string_view plain = "http://";
    if (text.starts_with(secure)) return is_authority(text.substr(secure.size()), "443");
    if (text.starts_with(plain)) return is_authority(text.substr(plain.size()), "80");
    return false;
}

/// The allowed origin that sent the request; nothing where it was another, or several.
std::optional<std::string_view> allowed_origin(const Request& request,
                                               const CorsOrigins& origins) noexcept {
    const auto origin = request.header("Origin");
    if (!origin || !origins.allow(*origin) || request.count("Origin") > 1) return std::nullopt;
    return origin;
}

}  // namespace

std::optional<CorsOrigins> CorsOrigins::parse(std::string_view list) {
    CorsOrigins out;
    while (!list.empty()) {
        const std::string_view origin = trim_blanks(take_item(list));
        if (!is_origin(origin)) return std::nullopt;
        out.origins_.emplace_back(origin);
    }
    return out;
}

bool CorsOrigins::allow(std::string_view origin) const noexcept {
    return std::find(origins_.begin(), origins_.end(), origin) != origins_.end();
}

bool is_preflight(const Request& request, const CorsOrigins& origins) noexcept {
    return request.method == "OPTIONS" && !origins.empty() &&
           request.header("Access-Control-Request-Method") && allowed_origin(request, origins);
}

Reply preflight_reply() {
    Reply reply{204};
    reply.set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE");
    reply.set("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key, "
                                              "If-Match, If-None-Match, X-Request-Id");
    reply.set("Access-Control-Max-Age", "600");
    return reply;
}

void set_cors_headers(Reply& reply, const Request& request, const CorsOrigins& origins) {
    if (origins.empty()) return;
    reply.set("Vary", "Origin");
    const auto origin = allowed_origin(request, origins);
    if (!origin) return;
    reply.set("Access-Control-Allow-Origin", std::string{*origin});
    if (reply.header("Access-Control-Allow-Methods") != nullptr) return;  // that was a preflight
    reply.set("Access-Control-Expose-Headers",
              "Allow, ETag, Idempotency-Replayed, Location, Retry-After, X-RateLimit-Limit, "
              "X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-Id");
}

}  // namespace lvng::server
