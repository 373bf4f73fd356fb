#include "front/client.hpp"

#include <array>
#include <limits>
#include <utility>

#include <errno.h>
#include <sys/socket.h>

namespace lvng::server {
namespace {

using std::chrono::seconds;

// How long, and how much, is read without being wanted.
constexpr seconds drain_time{2};
constexpr std::size_t longest_farewell = 2 * 1024 * 1024;

// Instants that no deadline has.
constexpr Client::Clock::rep claimed = std::numeric_limits<Client::Clock::rep>::max();
constexpr Client::Clock::rep expired = std::numeric_limits<Client::Clock::rep>::min();

using Buffer = std::array<char, 16 * 1024>;

bool would_block() noexcept {
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

}  // namespace

Client::Client(Descriptor socket, Service& service, const Timeouts& timeouts, std::string peer)
    : socket_{std::move(socket)}, peer_{std::move(peer)}, timeouts_{timeouts},
      connection_{service, peer_}, due_{claimed} {
    wait_at_most(timeouts_.idle);
}

Client::Next Client::serve(Desk& desk, bool in_time) {
    if (connection_.phase() == Connection::Phase::answer) return Next::answer;  // it stood in line
    if (lingers_) return linger(in_time);
    if (waits_to_write() && !in_time) return Next::end;
    if (!unsent_.empty()) {
        const Next next = send_rest();
        if (next != Next::read || lingers_) return next;
    }
    desk.out.clear();
    read(desk, in_time);
    return send(desk.out);
}

Client::Next Client::take_answer(const Reply& reply, Desk& desk) {
    desk.out.clear();
    connection_.take_answer(reply, desk);
    if (unsent_.empty()) return send(desk.out);
    unsent_ += desk.out;
    wait_at_most(timeouts_.write);
    return Next::write;
}

void Client::begin_again() noexcept {
    wait_at_most(timeouts_.write);
}

void Client::read(Desk& desk, bool in_time) {
    if (connection_.has_more()) return connection_.take({}, desk);
    if (!in_time) {
        // Idle, it may have asked at the last moment.
        connection_.make_next_the_last();
        if (connection_.phase() != Connection::Phase::idle) return connection_.time_out(desk);
    }
    Buffer buffer;
    const ssize_t count = ::recv(descriptor(), buffer.data(), buffer.size(), 0);
    if (count > 0) return connection_.take({buffer.data(), static_cast<std::size_t>(count)}, desk);
    if (count < 0 && would_block() && in_time) return;
    hung_up_ = true;
    connection_.end_of_input(desk);
}

Client::Next Client::send(std::string_view answers) {
    if (answers.empty()) return after_sending();
    const ssize_t count = ::send(descriptor(), answers.data(), answers.size(), MSG_NOSIGNAL);
    if (count < 0 && !would_block()) return Next::end;
    const auto sent = static_cast<std::size_t>(count < 0 ? 0 : count);
    if (sent == answers.size()) return after_sending();
    unsent_ = answers.substr(sent);
    sent_ = 0;
    wait_at_most(timeouts_.write);
    return connection_.phase() == Connection::Phase::answer ? Next::answer : Next::write;
}

Client::Next Client::send_rest() {
    const ssize_t count =
        ::send(descriptor(), unsent_.data() + sent_, unsent_.size() - sent_, MSG_NOSIGNAL);
    if (count < 0) return would_block() ? Next::write : Next::end;
    sent_ += static_cast<std::size_t>(count);
    wait_at_most(timeouts_.write);
    if (sent_ < unsent_.size()) return Next::write;
    unsent_ = std::string{};
    steps_seen_ = 0;  // the time of what comes next begins now
    return after_sending();
}

Client::Next Client::after_sending() {
    using Phase = Connection::Phase;
    if (connection_.phase() == Phase::answer) return Next::answer;
    if (connection_.has_more()) {
        wait_at_most(timeouts_.write);
        return Next::write;
    }
    if (connection_.phase() == Phase::over) {
        if (hung_up_) return Next::end;
        // To close with unread bytes would reset the connection, and the answer with it.
        ::shutdown(descriptor(), SHUT_WR);
        lingers_ = true;
        wait_at_most(drain_time);
        return Next::read;
    }
    if (steps_seen_ == connection_.steps() && steps_seen_ > 0) return Next::read;
    steps_seen_ = connection_.steps();
    switch (connection_.phase()) {
    case Phase::idle:
        wait_at_most(timeouts_.idle);
        break;
    case Phase::head:
        wait_at_most(timeouts_.head);
        break;
    case Phase::body:
        wait_at_most(timeouts_.body);
        break;
    case Phase::unwanted:
    case Phase::answer:
    case Phase::over:
        wait_at_most(drain_time);
        break;
    }
    return Next::read;
}

Client::Next Client::linger(bool in_time) {
    Buffer buffer;
    const ssize_t count = ::recv(descriptor(), buffer.data(), buffer.size(), 0);
    if (count < 0 && would_block() && in_time) return Next::read;
    if (count <= 0 || !in_time) return Next::end;
    discarded_ += static_cast<std::size_t>(count);
    return discarded_ > longest_farewell ? Next::end : Next::read;
}

Client::Next Client::turn_away(std::string_view answer) {
    Desk desk;
    connection_.end_of_input(desk);  // idle: it has nothing to say
    return send(answer);
}

bool Client::waits_to_write() const noexcept {
    return !unsent_.empty() || connection_.has_more();
}

void Client::wait_at_most(Clock::duration duration) noexcept {
    deadline_ = Clock::now() + duration;
}

bool Client::claim() noexcept {
    return due_.exchange(claimed, std::memory_order_acq_rel) != expired;
}

void Client::release() noexcept {
    idle_.store(connection_.phase() == Connection::Phase::idle && unsent_.empty(),
                std::memory_order_relaxed);
    writing_.store(waits_to_write() || lingers_, std::memory_order_relaxed);
    due_.store(deadline_.time_since_epoch().count(), std::memory_order_release);
}

void Client::expire(Clock::time_point now, bool idle_too) noexcept {
    auto due = due_.load(std::memory_order_acquire);
    if (due == claimed || due == expired) return;
    const bool must_go = due <= now.time_since_epoch().count() ||
                         (idle_too && idle_.load(std::memory_order_relaxed));
    const bool writing = writing_.load(std::memory_order_relaxed);
    if (!must_go || !due_.compare_exchange_strong(due, expired, std::memory_order_acq_rel)) return;
    // Whoever waits to read sees an end, and can still answer. Whoever waits to write sees
    // nothing less than the end of both.
    ::shutdown(descriptor(), writing ? SHUT_RDWR : SHUT_RD);
}

void Client::cut_off() const noexcept {
    ::shutdown(descriptor(), SHUT_RDWR);
}

}  // namespace lvng::server
