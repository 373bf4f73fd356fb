#include "http/exchange.hpp"

#include "http/auth.hpp"
#include "http/digest.hpp"
#include "http/entity_tags.hpp"
#include "http/replay.hpp"
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

// How long a request may take to note its caller in the directory.
constexpr std::chrono::milliseconds readers_noting_time{250};
constexpr std::chrono::milliseconds writers_noting_time{1000};

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

/// `read()`, or nothing and its complaint among the errors.
template <class Read>
auto read_noting(std::vector<crm::FieldError>& errors, Read read) -> decltype(read()) try {
    return read();
} catch (const crm::Error& error) {
    errors.insert(errors.end(), error.fields().begin(), error.fields().end());
    return std::nullopt;
}

/// Without what the caller has already.
Reply shortened(Reply reply, const EntityTags& known) {
    const std::string* tag = reply.header("ETag");
    if (tag == nullptr || !known.fit_weakly(*tag)) return reply;
    Reply not_modified{304};
    not_modified.set("ETag", *tag);
    return not_modified;
}

}  // namespace

Boundary::Boundary(Router router, const Parts& parts, Options options)
    : router_{std::move(router)}, metrics_{router_.routes()}, parts_{parts}, options_{std::move(
                                                                                 options)} {
    if (options_.contacts_rate) limits_.emplace_back(contacts_base, *options_.contacts_rate);
    if (options_.conversations_rate)
        limits_.emplace_back(conversations_base, *options_.conversations_rate);
    if (options_.failed_auth_rate) failed_auth_limiter_.emplace(*options_.failed_auth_rate);
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

void Boundary::answer_writes(std::span<Shared> exchanges) {
    std::vector<crm::TransactionWork> works;
    works.reserve(exchanges.size());
    for (Shared& shared : exchanges) {
        works.push_back(
            {.who = shared.exchange->principal_, .work = [&shared](crm::Transaction& transaction) {
                 shared.reply = shared.exchange->find_answer({}, &transaction);
             }});
    }
    // Whoever has waited for those before is not to wait as long again.
    auto since = options_.steady_now();
    const auto now = since;
    for (const Shared& shared : exchanges) since = std::min(since, shared.exchange->shared_at_);
    try {
        parts_.crm.transact_each(works, now - since);
    } catch (...) {
        for (crm::TransactionWork& work : works) work.failure = std::current_exception();
    }
    for (std::size_t i = 0; i < works.size(); ++i) {
        exchanges[i].reply =
            exchanges[i].exchange->conclude(std::move(exchanges[i].reply), works[i].failure);
    }
}

void Boundary::answer_reads(std::span<Shared> exchanges) {
    const auto now = options_.steady_now();
    std::vector<crm::ContactRequest> requests;
    requests.reserve(exchanges.size());
    for (const Shared& shared : exchanges) {
        Exchange& exchange = *shared.exchange;
        // What is no id is refused by the handler.
        const auto id = crm::ContactId::parse(exchange.match_.parameters.front());
        if (!id) continue;
        exchange.asked_ = &requests.emplace_back(
            crm::ContactRequest{.who = exchange.principal_,
                                .id = *id,
                                .waited = now - std::min(now, exchange.shared_at_)});
    }
    try {
        parts_.crm.contacts().get_each(requests);
    } catch (...) {
        for (crm::ContactRequest& request : requests) request.failure = std::current_exception();
    }
    for (Shared& shared : exchanges) {
        shared.reply = shared.exchange->answer({});
        shared.exchange->asked_ = nullptr;
    }
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
    read_body(body);
    return finish(find_answer(body, nullptr));
} catch (...) {
    return failure_reply();
}

std::optional<Reply> Exchange::read_shared(std::string_view body) try {
    shared_at_ = boundary_.options_.steady_now();
    read_body(body);
    return std::nullopt;
} catch (...) {
    return failure_reply();
}

Exchange::Company Exchange::company() const noexcept {
    if (principal_.tenant.empty() || principal_.user.empty()) return Company::none;
    const crm::Crm& crm = boundary_.parts_.crm;
    if (!error_context().writes) {
        return match_.route->reads_contact && crm.gains_by_get_each() ? Company::readers
                                                                      : Company::none;
    }
    // A key of its sender's may have to wait for another request with the same.
    return request_.method != "OPTIONS" && !request_.header("Idempotency-Key") &&
                   crm.gains_by_transact_each()
               ? Company::writers
               : Company::none;
}

/// The reply to a shared exchange whose transaction has ended.
Reply Exchange::conclude(std::optional<Reply> reply, const std::exception_ptr& failure) try {
    if (failure) std::rethrow_exception(failure);
    return finish(*std::move(reply));
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
        if (request_.method != "OPTIONS") remember_caller();
    }
    find_route();
    check_own_token();
    check_scope();
    if (wants_body()) check_json_head(request_, framing_, boundary_.sizes());
}

void Exchange::authenticate_caller() try {
    crm::VerifiedToken verified = authenticate(request_, boundary_.parts_.verifier);
    principal_ = std::move(verified.principal);
    scopes_ = verified.scopes;
} catch (const crm::Error& error) {
    // A browser's preflight never carries a credential.
    const bool tried = request_.method != "OPTIONS" || request_.header("Authorization");
    if (error.code() == crm::ErrorCode::unauthenticated) count_failed_authentication(tried);
    throw;
}

// After the credential was looked at, so that a good one always passes.
void Exchange::count_failed_authentication(bool tried) {
    boundary_.metrics_.count_failed_authentication();
    if (!tried || !boundary_.failed_auth_limiter_) return;
    const RateLimiter::Decision failure = boundary_.failed_auth_limiter_->admit(
        address_key(request_.peer), boundary_.options_.steady_now());
    if (failure.admitted) return;
    Refusal refusal{HttpError::rate_limited, "too many failed authentications"};
    refusal.retry_after = std::chrono::ceil<std::chrono::seconds>(failure.until_free);
    throw refusal;
}

void Exchange::count_against_limit() {
    Boundary::Limit* limit = boundary_.limit_of(*target_);
    if (limit == nullptr) return;
    const bool counts = request_.method != "OPTIONS";
    const auto now = boundary_.options_.steady_now();
    rate_ = &limit->limiter.rate();
    const std::string caller = owner_key(principal_);
    counted_ = counts ? limit->limiter.admit(caller, now) : limit->limiter.look(caller, now);
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(counted_->until_free);
    place_frees_ = crm::Timestamp{boundary_.parts_.clock.now().milliseconds() +
                                  static_cast<std::int64_t>(wait.count())};
    if (!counts || counted_->admitted) return;
    limit->refused.fetch_add(1, std::memory_order_relaxed);
    Refusal refusal{HttpError::rate_limited};
    refusal.retry_after = std::chrono::ceil<std::chrono::seconds>(counted_->until_free);
    throw refusal;
}

// What only reads is not held up: where noting has just failed, a later request tries again. One
// that writes waits for the store anyway, and its answer may show the caller's name.
void Exchange::remember_caller() {
    crm::Users& users = boundary_.parts_.crm.users();
    if (users.knows(principal_)) return;
    const bool writes = error_context().writes;
    const auto now = boundary_.options_.steady_now();
    const std::string caller = owner_key(principal_);
    if (!writes && !boundary_.unnoted_callers_.look(caller, now).admitted) return;
    try {
        users.remember(principal_, writes ? writers_noting_time : readers_noting_time);
    } catch (const crm::Error& error) {
        // Where this request needs what is missing it will say so itself, and a full disk must
        // not keep anybody from reading.
        boundary_.unnoted_callers_.admit(caller, now);
        boundary_.parts_.log.debug("the directory could not be written",
                                   {"reason", error.message()});
    }
}

void Exchange::find_route() {
    match_ = boundary_.router_.find(request_.method, *target_);
    if (match_.route != nullptr) return;
    if (match_.allow.empty()) throw Refusal{HttpError::unknown_path};
    Refusal refusal{HttpError::method_not_allowed};
    refusal.allow = match_.allow;
    throw refusal;
}

// A credential without a scope never gets as far as the objects: 403 says nothing of them.
void Exchange::check_scope() const {
    const bool reads = request_.method == "GET" || request_.method == "HEAD";
    if (reads ? scopes_.read : scopes_.write) return;
    throw crm::Error{crm::ErrorCode::forbidden,
                     reads ? "the key has no scope to read" : "the key has no scope to write"};
}

void Exchange::check_own_token() {
    const std::string& wanted = match_.route->token;
    if (wanted.empty()) return;
    const auto token = bearer_token(request_);
    if (token && same_secret(*token, wanted)) return;
    count_failed_authentication(true);
    throw crm::Error{crm::ErrorCode::unauthenticated, "not the token of this path"};
}

void Exchange::read_body(std::string_view body) {
    if (wants_body()) object_ = parse_body(body);
}

/// `body` as it was sent, for a request that carries a key.
Reply Exchange::find_answer(std::string_view body, crm::Transaction* transaction) {
    Query query = parse_query(target_->query(), match_.route->query);
    std::vector<crm::FieldError> errors = std::move(query.errors);
    const bool reads = !error_context().writes;
    const bool adds = request_.method == "POST";
    const auto tags = [&](bool wanted, std::string_view header) {
        return read_noting(errors,
                           [&] { return wanted ? entity_tags(request_, header) : std::nullopt; });
    };
    const std::optional<EntityTags> if_match = tags(!reads && !adds, "If-Match");
    // Where nothing has a tag it can say nothing, whatever it says.
    const std::optional<EntityTags> if_none_match =
        tags(reads && match_.route->tagged, "If-None-Match");
    std::optional<std::string_view> key;
    if (adds) key = read_noting(errors, [&] { return idempotency_key(request_); });
    const Call call{.principal = principal_,
                    .target = request_.target,
                    .parameters = match_.parameters,
                    .query = query,
                    .body = object_,
                    .request_id = request_id_,
                    .if_match = if_match,
                    .errors = errors,
                    .transaction = transaction,
                    .asked = asked_};
    if (key) return answer_once(call, *key, body);
    Reply reply = call_handler(call);
    if (if_none_match) return shortened(std::move(reply), *if_none_match);
    return reply;
}

// What is no success is thrown, so only successes are written down.
Reply Exchange::answer_once(const Call& call, std::string_view key, std::string_view body) {
    const crm::RepeatableRequest request{
        .key = std::string{key}, .fingerprint = digest({request_.method, target_->path(), body})};
    const auto [record, replayed] =
        boundary_.parts_.crm.once(principal_, request, [&](crm::Transaction& transaction) {
            Call inside = call;
            inside.transaction = &transaction;
            return to_record(call_handler(inside));
        });
    Reply reply = reply_of(record);
    if (replayed) reply.set("Idempotency-Replayed", "true");
    return reply;
}

Reply Exchange::call_handler(const Call& call) {
    const Route& route = *match_.route;
    const bool has_own_findings =
        !call.parameters.empty() || !route.query.empty() || route.takes != Takes::nothing;
    if (!has_own_findings && !call.errors.empty()) throw crm::invalid_fields(call.errors);
    return route.handler(call);
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
