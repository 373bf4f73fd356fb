#pragma once

#include "http/reply.hpp"
#include "http/request.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lvng::server {

/// The origins whose pages may call this server from a browser, compared byte by byte. None is
/// the default. A token is asked for all the same: cookies are no credentials here, so no page
/// ever acts for a user who did not give it a token. Source: WHATWG Fetch, CORS protocol.
class CorsOrigins {
public:
    CorsOrigins() = default;
    /// `https://app.example,http://localhost:3000`, each as a browser writes it: lower case, no
    /// path, no default port. Nothing where one could never be sent, as `*`, `null` or one with
    /// a slash at its end.
    static std::optional<CorsOrigins> parse(std::string_view list);

    [[nodiscard]] bool allow(std::string_view origin) const noexcept;
    [[nodiscard]] bool empty() const noexcept { return origins_.empty(); }

private:
    std::vector<std::string> origins_;
};

/// Whether the request asks, before another one, whether an allowed origin may send it.
bool is_preflight(const Request& request, const CorsOrigins& origins) noexcept;

/// The answer to it, without what `set_cors_headers` adds. It says the same of every path, so it
/// does not tell which ones there are.
Reply preflight_reply();

/// Lets the page that asked read the answer, if its origin is allowed.
void set_cors_headers(Reply& reply, const Request& request, const CorsOrigins& origins);

}  // namespace lvng::server
