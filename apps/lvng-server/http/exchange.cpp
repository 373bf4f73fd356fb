#include "http/exchange.hpp"

#include "http/auth.hpp"
#include "http/security_headers.hpp"

#include <lvng/crm/error.hpp>
#include <lvng/crm/json.hpp>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <utility>

namespace lvng::server {
namespace {

constexpr std::string_view api_base = "/api";
constexpr std::string_view contacts_base = "/api/v2/contacts";
constexpr std::string_view conversations_base = "/api/v2/conversations";

crm::JsonObject parse_body(std::string_view body) try {
    return crm::JsonObject::parse(body);
} catch (const crm::Error& error) {
    throw Refusal{HttpError::invalid_json, error.message()};
}

/// Whether nothing that follows on the connection can be trusted to be a request.
bool ends_connection(HttpError error) noexcept {
    switch (error) {
    case HttpError::bad_request:
    case HttpError::request_timeout:
    case HttpError::uri_too_long:
    case HttpError::expectation_failed:
    case HttpError::headers_too_large:
    case HttpError::not_implemented:
    case HttpError::http_version:
        return true;
    default:
        return false;
    }
}

}  // namespace

Boundary::Boundary(Router router, const Parts& parts, Options options)
    : router_{std::move(router)}, metrics_{router_.routes()}, parts_{parts}, options_{std::move(
                                                                                 options)} {
    if (options_.contacts_rate) limits_.emplace_back(contacts_base, *options_.contacts_rate);
    if (options_.conversations_rate)
        limits_.emplace_back(conversations_base, *options_.conversations_rate);
}

Boundary::Limit* Boundary::limit_of(const Target& target) noexcept {
    const auto found = std::find_if(limits_.begin(), limits_.end(), [&](const Limit& limit) {
        return target.is_below(limit.base);
    });
    return found != limits_.end() ? &*found : nullptr;
}

void Boundary::write_metrics(MetricsText& out) const {
    metrics_.write(out);
    out.begin("lvng_rate_limited_total", MetricType::counter,
              "Requests beyond the rate limit of a path and all below it.");
    for (const Limit& limit : limits_)
        out.add(limit.refused.load(std::memory_order_relaxed), {{"path", limit.base}});
}

Reply Boundary::answer(const Request& request) {
    Exchange exchange{*this, request};
    if (auto reply = exchange.answer_head()) return std::move(*reply);
    return exchange.answer(exchange.wants_body() ? request.body : std::string_view{});
}

Exchange::Exchange(Boundary& boundary, const Request& request)
    : boundary_{boundary}, request_{request}, started_{boundary.options_.steady_now()},
      request_id_{boundary.request_ids_.id_of(request)} {}

bool Exchange::wants_body() const noexcept {
    return match_.route != nullptr && match_.route->takes == Takes::json;
}

std::optional<Reply> Exchange::answer_head() try {
    framing_ = check_head(request_, boundary_.sizes());
    if (is_preflight(request_, boundary_.options_.origins)) return finish(preflight_reply());
    check_target_and_route();
    return std::nullopt;
} catch (...) {
    return failure_reply();
}

Reply Exchange::answer(std::string_view body) try {
    return finish(call_handler(body));
} catch (...) {
    return failure_reply();
}

Reply Exchange::refuse(const Refusal& refusal) try { throw refusal; } catch (...) {
    return failure_reply();
}

void Exchange::check_target_and_route() {
    target_.emplace(request_.target);
    if (target_->is_below(api_base)) {
        authenticate_caller();
        count_against_limit();
        remember_caller();
    }
    find_route();
    check_own_token();
    if (wants_body()) check_json_head(request_, framing_, boundary_.sizes());
}

void Exchange::authenticate_caller() {
    principal_ = authenticate(request_, boundary_.parts_.verifier).principal;
}

void Exchange::count_against_limit() {
    Boundary::Limit* limit = boundary_.limit_of(*target_);
    if (limit == nullptr || request_.method == "OPTIONS") return;
    // A blank is in no id, so no two callers share a key.
    const std::string caller = principal_.tenant.to_string() + ' ' + principal_.user.to_string();
    rate_ = &limit->limiter.rate();
    counted_ = limit->limiter.admit(caller, boundary_.options_.steady_now());
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(counted_->until_free);
    place_frees_ = crm::Timestamp{boundary_.parts_.clock.now().milliseconds() +
                                  static_cast<std::int64_t>(wait.count())};
    if (counted_->admitted) return;
    limit->refused.fetch_add(1, std::memory_order_relaxed);
    Refusal refusal{HttpError::rate_limited};
    refusal.retry_after = std::chrono::ceil<std::chrono::seconds>(counted_->until_free);
    throw refusal;
}

void Exchange::remember_caller() try {
    boundary_.parts_.users.remember(principal_);
} catch (const crm::Error& error) {
    // The next request tries again. Where this one needs what is missing it will say so itself,
    // and a full disk must not keep anybody from reading.
    boundary_.parts_.log.debug("the directory could not be written", {"reason", error.message()});
}

void Exchange::find_route() {
    match_ = boundary_.router_.find(request_.method, *target_);
    if (match_.route != nullptr) return;
    if (match_.allow.empty()) throw Refusal{HttpError::unknown_path};
    Refusal refusal{HttpError::method_not_allowed};
    refusal.allow = match_.allow;
    throw refusal;
}

void Exchange::check_own_token() {
    const std::string& wanted = match_.route->token;
    if (wanted.empty()) return;
    const auto token = bearer_token(request_);
    if (!token || !same_secret(*token, wanted))
        throw crm::Error{crm::ErrorCode::unauthenticated, "not the token of this path"};
}

Reply Exchange::call_handler(std::string_view body) {
    const Route& route = *match_.route;
    const crm::JsonObject object = wants_body() ? parse_body(body) : crm::JsonObject{};
    const Query query = parse_query(target_->query(), route.query);
    // A handler with parameters of its own lists these errors beside its own.
    if (route.query.empty() && !query.errors.empty()) throw crm::invalid_fields(query.errors);
    return route.handler({.principal = principal_,
                          .parameters = match_.parameters,
                          .query = query,
                          .body = object,
                          .request_id = request_id_});
}

// The one catch-all. Called while an exception is being handled.
Reply Exchange::failure_reply() {
    try {
        throw;
    } catch (const Refusal& refusal) {
        error_code_ = kind_of(refusal.error).code;
        Reply reply = error_reply(refusal, error_context());
        if (ends_connection(refusal.error)) reply.close();
        return finish(std::move(reply));
    } catch (const crm::Error& error) {
        const ErrorKind kind = kind_of(error.code());
        error_code_ = kind.code;
        if (kind.status == 401) boundary_.metrics_.count_failed_authentication();
        if (kind.status >= 500) boundary_.parts_.log.error(error.message(), {"id", request_id_});
        return finish(error_reply(error, error_context()));
    } catch (const std::exception& error) {
        boundary_.parts_.log.error(error.what(), {"id", request_id_});
    } catch (...) {
        boundary_.parts_.log.error("unknown exception", {"id", request_id_});
    }
    error_code_ = kind_of(crm::ErrorCode::internal).code;
    return finish(internal_error_reply(error_context()));
}

Reply Exchange::finish(Reply reply) {
    reply.set("X-Request-Id", request_id_);
    set_security_headers(reply);
    set_cors_headers(reply, request_, boundary_.options_.origins);
    set_rate_headers(reply);
    if (request_.version == "HTTP/1.0") reply.close();
    const auto duration = boundary_.options_.steady_now() - started_;
    boundary_.metrics_.count(match_.route, reply.status(), duration);
    boundary_.parts_.log.access(
        {.id = request_id_,
         .method = request_.method,
         .route = match_.route != nullptr ? match_.route->path : std::string_view{},
         .status = reply.status(),
         .error = error_code_,
         .duration = duration,
         .bytes = reply.body().size(),
         .tenant = principal_.tenant.to_string(),
         .user = principal_.user.to_string(),
         .peer = request_.peer});
    return reply;
}

void Exchange::set_rate_headers(Reply& reply) const {
    if (!counted_) return;
    reply.set("X-RateLimit-Limit", std::to_string(rate_->places));
    reply.set("X-RateLimit-Remaining", std::to_string(counted_->remaining));
    reply.set("X-RateLimit-Reset", place_frees_.to_string());
}

ErrorContext Exchange::error_context() const noexcept {
    return {.request_id = request_id_,
            .writes = request_.method != "GET" && request_.method != "HEAD"};
}

}  // namespace lvng::server
