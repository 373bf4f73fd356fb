#include "api/health.hpp"

#include <lvng/crm/json.hpp>

#include <exception>
#include <optional>
#include <string>
#include <string_view>

namespace lvng::server {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds longest_probe{1500};

// What is wrong stays inside: these paths need no token.
std::string part_of(const crm::StoreHealth& store) {
    std::string part = R"("store":{"status":)";
    crm::append_json_string(part, store.serving ? "ok" : "unavailable");
    part += R"(,"kind":)";
    crm::append_json_string(part, store.kind);
    part += R"(,"schema_version":)" + std::to_string(store.schema_version);
    if (!store.row_security.empty()) {
        part += R"(,"row_security":)";
        crm::append_json_string(part, store.row_security);
    }
    return part += '}';
}

std::string readiness_body(std::string_view status, const std::optional<crm::StoreHealth>& store) {
    std::string body = R"({"status":)";
    crm::append_json_string(body, status);
    body += R"(,"parts":{)";
    if (store) body += part_of(*store);
    body += "}}";
    return body;
}

Reply not_ready(std::string_view status, const std::optional<crm::StoreHealth>& store) {
    Reply reply = json_reply(503, readiness_body(status, store));
    reply.set("Retry-After", "1");
    return reply;
}

}  // namespace

crm::StoreHealth Readiness::store() {
    std::unique_lock lock{mutex_};
    // An answer of the last probe but one still says much; one of yesterday says nothing.
    answered_.wait(lock, [this] { return !asking_ || knows(5s); });
    if (asking_ || knows(1s)) return *last_;
    asking_ = true;
    lock.unlock();
    std::optional<crm::StoreHealth> health;
    std::exception_ptr failure;
    try {
        health = crm_.health(longest_probe);
    } catch (...) {
        failure = std::current_exception();
    }
    lock.lock();
    asking_ = false;
    answered_.notify_all();
    if (failure) std::rethrow_exception(failure);
    answered_at_ = steady_now_();
    last_ = health;
    return *health;
}

std::optional<crm::StoreHealth> Readiness::last_known() const {
    const std::lock_guard lock{mutex_};
    return last_;
}

bool Readiness::knows(std::chrono::seconds age) const {
    return last_ && steady_now_() - answered_at_ < age;
}

Reply healthz(const Call&) {
    return json_reply(200, R"({"status":"ok"})");
}

Reply readyz(const Call&, Readiness& readiness) {
    // A server that is being stopped says so at once: what the store says changes nothing.
    const std::optional<crm::StoreHealth> store =
        readiness.draining() ? readiness.last_known() : readiness.store();
    if (readiness.draining()) return not_ready("draining", store);
    if (!store->serving) return not_ready("unavailable", store);
    return json_reply(200, readiness_body("ok", store));
}

}  // namespace lvng::server
