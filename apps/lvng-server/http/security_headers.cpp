#include "http/security_headers.hpp"

#include <string_view>

namespace lvng::server {
namespace {

void set_if_absent(Reply& reply, std::string_view literal_name, const char* value) {
    if (reply.header(literal_name) == nullptr) reply.set(literal_name, value);
}

}  // namespace

void set_security_headers(Reply& reply) {
    set_if_absent(reply, "X-Content-Type-Options", "nosniff");
    set_if_absent(reply, "X-Frame-Options", "DENY");
    set_if_absent(reply, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    // What has a tag may be kept, to be asked for again.
    set_if_absent(reply, "Cache-Control",
                  reply.header("ETag") != nullptr ? "private, no-cache" : "no-store");
}

}  // namespace lvng::server
