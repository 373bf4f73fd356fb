#pragma once

#include "http/cors.hpp"
#include "http/errors.hpp"
#include "http/head_rules.hpp"
#include "http/log.hpp"
#include "http/rate_limit.hpp"
#include "http/reply.hpp"
#include "http/request.hpp"
#include "http/request_id.hpp"
#include "http/request_metrics.hpp"
#include "http/router.hpp"
#include "http/target.hpp"

#include <lvng/crm/crm.hpp>
#include <lvng/crm/json.hpp>
#include <lvng/crm/ports/environment.hpp>
#include <lvng/crm/principal.hpp>
#include <lvng/crm/timestamp.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace lvng::server {

class Exchange;

/// The server's boundary: requests in, replies out, no socket. Any front may call it, and nothing
/// behind it knows which one did. Safe to share; what it is made of must outlive it.
class Boundary {
public:
    struct Parts {
        crm::Crm& crm;
        const crm::TokenVerifier& verifier;
        const crm::Clock& clock;
        Log& log;
    };
    struct Options {
        SizeLimits sizes{};
        // Each base path has its own limit; absent: none.
        std::optional<Rate> contacts_rate = Rate{.places = 100};
        std::optional<Rate> conversations_rate = Rate{.places = 60};
        /// Failed authentications of one address: the next is answered 429.
        std::optional<Rate> failed_auth_rate = Rate{.places = 20};
        CorsOrigins origins{};
        std::function<std::chrono::steady_clock::time_point()> steady_now =
            std::chrono::steady_clock::now;
    };

    Boundary(Router router, const Parts& parts, Options options);

    /// The whole exchange, for a front that has head and body at once.
    Reply answer(const Request& request);

    /// An exchange that has read its body to share its answering, and what it was answered.
    struct Shared {
        Exchange* exchange = nullptr;
        std::optional<Reply> reply{};
    };
    /// Answers those that write one after the other, on this thread or another, and returns when
    /// what they wrote is committed: for all of them at once, so that nobody waits alone.
    void answer_writes(std::span<Shared> exchanges);
    /// Answers those that read, once the store was asked for all of them at once.
    void answer_reads(std::span<Shared> exchanges);

    [[nodiscard]] const SizeLimits& sizes() const noexcept { return options_.sizes; }
    [[nodiscard]] const Router& router() const noexcept { return router_; }
    void write_metrics(MetricsText& out) const;

private:
    friend class Exchange;

    /// What is counted together: everything below one path.
    struct Limit {
        Limit(std::string_view path, const Rate& rate) : base{path}, limiter{rate} {}

        std::string_view base;
        RateLimiter limiter;
        std::atomic<std::uint64_t> refused{0};
    };
    /// The limit that the request counts against, or null.
    [[nodiscard]] Limit* limit_of(const Target& target) noexcept;

    Router router_;
    RequestMetrics metrics_;  // of its routes
    Parts parts_;
    Options options_;
    std::list<Limit> limits_;
    std::optional<RateLimiter> failed_auth_limiter_;
    /// Callers whom the directory could not take, for as long as their reads let it be.
    RateLimiter unnoted_callers_{{.places = 1, .window = std::chrono::seconds{10}}};
    RequestIds request_ids_;
};

/// One request on its way: first its head, then its body. The first check that fails answers:
/// framing, limits, `Expect` (a preflight is answered now), authentication, rate limit, route,
/// length, size, media type, JSON syntax, a replay, then the handler's own. Each exchange ends with
/// exactly one reply, which is logged. One thread at a time. Source: REST contract, section 5,
/// Order of checks.
class Exchange {
public:
    /// `request` may still be without its body.
    Exchange(Boundary& boundary, const Request& request);
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    /// Judges what can be known before the body. Where a reply comes back, a refusal or the answer
    /// to a preflight, the body is not wanted. To be called first, and once.
    [[nodiscard]] std::optional<Reply> answer_head();

    /// How the body is framed, and whether the route reads it; after `answer_head`.
    [[nodiscard]] const Framing& framing() const noexcept { return framing_; }
    [[nodiscard]] bool wants_body() const noexcept;

    /// `body` is empty where it is not wanted.
    [[nodiscard]] Reply answer(std::string_view body);
    /// What it may share its answering with: others that write, for `Boundary::answer_writes`, or
    /// that read, for `answer_reads`. Nothing where the store gains nothing by that.
    enum class Company { none, writers, readers };
    [[nodiscard]] Company company() const noexcept;
    /// Reads the body for that. Where a reply comes back, all is said.
    [[nodiscard]] std::optional<Reply> read_shared(std::string_view body);
    /// The answer where the front itself found something wrong with the body.
    [[nodiscard]] Reply refuse(const Refusal& refusal);

private:
    friend class Boundary;

    void check_target_and_route();
    void authenticate_caller();
    /// `tried`: a credential was presented, or should have been.
    void count_failed_authentication(bool tried);
    void count_against_limit();
    void remember_caller();
    void find_route();
    void check_own_token();
    void check_scope() const;
    void read_body(std::string_view body);
    Reply find_answer(std::string_view body, crm::Transaction* transaction);
    Reply answer_once(const Call& call, std::string_view key, std::string_view body);
    Reply call_handler(const Call& call);

    Reply conclude(std::optional<Reply> reply, const std::exception_ptr& failure);
    Reply failure_reply();
    Reply finish(Reply reply);
    void set_rate_headers(Reply& reply) const;
    [[nodiscard]] ErrorContext error_context() const noexcept;

    Boundary& boundary_;
    const Request& request_;
    std::chrono::steady_clock::time_point started_;
    // When it began to wait for others that it is answered with.
    std::chrono::steady_clock::time_point shared_at_ = std::chrono::steady_clock::time_point::max();
    std::string request_id_;
    Framing framing_{};
    std::optional<Target> target_{};
    crm::Principal principal_{};
    crm::Scopes scopes_{};
    const Rate* rate_ = nullptr;  // the one that the request counts against
    std::optional<RateLimiter::Decision> counted_{};
    crm::Timestamp place_frees_{};  // the last three are set together
    Router::Match match_{};
    crm::JsonObject object_{};  // of the body, where it is wanted
    const crm::ContactRequest* asked_ = nullptr;
    std::string_view error_code_{};
};

}  // namespace lvng::server
