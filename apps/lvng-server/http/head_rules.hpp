#pragma once

#include "http/request.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace lvng::server {

/// How large the parts of a request may be, in bytes.
struct SizeLimits {
    std::size_t request_line = 8 * 1024;  ///< target included
    std::size_t header_value = 8 * 1024;
    std::size_t header_name = 64;
    std::size_t header_count = 64;
    std::size_t headers = 32 * 1024;   ///< `LVNG_MAX_HEADER`
    std::uint64_t body = 1024 * 1024;  ///< `LVNG_MAX_BODY`
};

/// How the body of a request is framed.
struct Framing {
    std::optional<std::uint64_t> length{};  ///< `Content-Length`
    bool chunked = false;

    [[nodiscard]] bool announces_body() const noexcept { return chunked || length.value_or(0) > 0; }
};

/// Judges a head by itself: framing, version, limits, `Expect`, in this order. Throws `Refusal`;
/// after one the connection cannot be trusted.
/// Source: the table of strict rules that the REST contract, section 1, takes in.
Framing check_head(const Request& request, const SizeLimits& limits);

/// Judges what the head says of a JSON body: that its end is known (411), its declared size
/// (413), its media type and coding (415). Throws `Refusal`.
void check_json_head(const Request& request, const Framing& framing, const SizeLimits& limits);

}  // namespace lvng::server
