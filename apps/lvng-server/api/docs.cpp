#include "api/docs.hpp"

#include "openapi/page.hpp"

#include <string>
#include <string_view>

namespace lvng::server {
namespace {

// No inline script or style, no eval, no markup out of strings, no address but this server's. The
// empty picture is the page's icon, which a browser would ask for otherwise.
constexpr const char* policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'";

Reply file_reply(const char* content_type, std::string_view content) {
    Reply reply{200};
    reply.set_body(content_type, std::string{content});
    return reply;
}

}  // namespace

Reply docs_page(const Call&) {
    Reply reply = file_reply("text/html; charset=utf-8", docs_page_html());
    reply.set("Content-Security-Policy", policy);
    reply.set("Referrer-Policy", "no-referrer");
    return reply;
}

Reply docs_style(const Call&) {
    return file_reply("text/css; charset=utf-8", docs_page_css());
}

Reply docs_script(const Call&) {
    return file_reply("text/javascript; charset=utf-8", docs_page_js());
}

}  // namespace lvng::server
