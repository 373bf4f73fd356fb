#include "api/health.hpp"

#include <lvng/crm/json.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace lvng::server {
namespace {

// What is wrong stays inside: this path needs no token.
std::string readiness_body(std::string_view status, const crm::StoreHealth& store) {
    std::string body = R"({"status":)";
    crm::append_json_string(body, status);
    body += R"(,"parts":{"store":{"status":)";
    crm::append_json_string(body, store.serving ? "ok" : "unavailable");
    body += R"(,"kind":)";
    crm::append_json_string(body, store.kind);
    body += R"(,"schema_version":)" + std::to_string(store.schema_version);
    if (!store.row_security.empty()) {
        body += R"(,"row_security":)";
        crm::append_json_string(body, store.row_security);
    }
    body += "}}}";
    return body;
}

}  // namespace

crm::StoreHealth Readiness::store() {
    constexpr std::chrono::seconds fresh{1};
    const std::lock_guard lock{mutex_};
    const auto now = std::chrono::steady_clock::now();
    if (!last_ || now - asked_ >= fresh) {
        last_ = crm_.health();
        asked_ = now;
    }
    return *last_;
}

Reply healthz(const Call&) {
    return json_reply(200, R"({"status":"ok"})");
}

Reply readyz(const Call&, Readiness& readiness) {
    const crm::StoreHealth store = readiness.store();
    if (store.serving && !readiness.draining()) return json_reply(200, readiness_body("ok", store));
    const std::string_view status = readiness.draining() ? "draining" : "unavailable";
    Reply reply = json_reply(503, readiness_body(status, store));
    reply.set("Retry-After", "1");
    return reply;
}

}  // namespace lvng::server
