#pragma once

#include "front/answer.hpp"
#include "front/body_reader.hpp"
#include "front/head_parser.hpp"
#include "front/trusted_proxies.hpp"
#include "http/exchange.hpp"

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace lvng::server {

/// What all connections of a front share. Safe to share.
struct Service {
    Boundary& boundary;
    TrustedProxies proxies{};
    std::size_t requests_per_connection = 10'000;
    std::atomic<bool> stopping{false};  ///< while set, each answer ends its connection
};

/// A request whose answer is not made yet. Its parts are views into its own head, so it stays
/// where it is.
struct RequestInHand {
    std::string head{};
    Request request{};
    std::string body{};
    std::optional<BodyReader> reader{};
    std::optional<Exchange> exchange{};
};

/// What a worker lends to the connection that it serves: the memory that all of them need only
/// while something is read or answered. One thread at a time.
struct Desk {
    std::string out{};  ///< answers that are to be sent
    DateText date{};
    std::unique_ptr<RequestInHand> request{};  ///< reused
    /// Called around what may wait for the disk or the database.
    std::function<void()> before_waiting = [] {};
    std::function<void()> after_waiting = [] {};  ///< does not throw
};

/// While it lives, the worker of the desk may wait for the disk or the database.
class Waiting {
public:
    explicit Waiting(Desk& desk) : desk_{desk} { desk_.before_waiting(); }
    ~Waiting() { desk_.after_waiting(); }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

private:
    Desk& desk_;
};

/// One connection without its socket: bytes in, answers out. Requests are answered in their
/// order, one at a time. One thread at a time.
class Connection {
public:
    /// What the connection waits for.
    enum class Phase {
        idle,      ///< a request
        head,      ///< the rest of a head
        body,      ///< the rest of a body
        answer,    ///< what `shared` is answered: nothing is taken until `take_answer`
        unwanted,  ///< the rest of a body that nobody reads
        over,      ///< nothing: what is in `out` is the last thing to be said
    };

    Connection(Service& service, std::string peer);

    /// Takes what has arrived and appends what is to be sent to `desk.out`.
    void take(std::string_view bytes, Desk& desk);
    /// The client will send nothing more.
    void end_of_input(Desk& desk);
    /// What is waited for did not come in time.
    void time_out(Desk& desk);
    /// In `Phase::answer`: the request, for `Boundary::answer_writes` or `answer_reads`.
    [[nodiscard]] Boundary::Shared shared() const;
    /// Its answer; appended to `desk.out`.
    void take_answer(const Reply& reply, Desk& desk);
    /// No request is taken after the one that has begun or comes next.
    void make_next_the_last() noexcept { last_ = true; }

    [[nodiscard]] Phase phase() const noexcept { return phase_; }
    /// Grows whenever something else is waited for.
    [[nodiscard]] std::size_t steps() const noexcept { return steps_; }
    /// Whether requests have arrived that were put off, so that others get their turn. `take`
    /// goes on with them.
    [[nodiscard]] bool has_more() const noexcept { return put_off_; }

private:
    std::size_t advance(std::string_view bytes, Desk& desk);
    std::size_t begin_request(std::string_view bytes, Desk& desk);
    std::size_t take_body(std::string_view bytes, Desk& desk);
    std::size_t drop_body(std::string_view bytes);
    void keep(std::string_view unused);
    [[nodiscard]] bool takes_more() const noexcept {
        return phase_ != Phase::over && phase_ != Phase::answer;
    }

    std::size_t answer_with_body(std::string_view after_head, Desk& desk);
    void answer_without_body(const Reply& reply, Desk& desk);
    void refuse(const Refusal& refusal, Desk& desk);
    void answer(std::string_view body, Desk& desk);
    Reply reply_to(std::string_view body, Desk& desk);
    void send(const Reply& reply, bool ends, Desk& desk);
    void wait_for(Phase phase) noexcept;

    Service& service_;
    std::string peer_;
    bool behind_proxy_;
    bool last_ = false;
    bool put_off_ = false;
    Phase phase_ = Phase::idle;
    std::size_t steps_ = 0;
    std::size_t requests_ = 0;
    HeadScanner scanner_{};
    std::string rest_;  // what has arrived and is not taken yet
    std::unique_ptr<RequestInHand> hand_;
};

}  // namespace lvng::server
