#pragma once

#include "front/connection.hpp"
#include "front/descriptor.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace lvng::server {

/// How long a client is waited for.
struct Timeouts {
    std::chrono::milliseconds head{10'000};   ///< a whole head, from its first byte
    std::chrono::milliseconds body{30'000};   ///< a whole body
    std::chrono::milliseconds write{10'000};  ///< without progress
    std::chrono::milliseconds idle{75'000};   ///< between two requests
};

/// A connection with its socket. Between an event and `release` it belongs to one worker, which
/// has claimed it, or stands in the line that one of them answers; all but `expire` and `cut_off`
/// is for that worker.
class Client {
public:
    using Clock = std::chrono::steady_clock;

    /// What the socket is to be asked for next; `answer`: nothing before `take_answer`.
    enum class Next { read, write, answer, end };

    /// A new client is claimed. The service and the timeouts must outlive it.
    Client(Descriptor socket, Service& service, const Timeouts& timeouts, std::string peer);

    /// Does what an event allows. `in_time` is what `claim` said.
    [[nodiscard]] Next serve(Desk& desk, bool in_time);
    /// After `Next::answer`: the request, for `Boundary::answer_writes` or `answer_reads`.
    [[nodiscard]] Boundary::Shared shared() const { return connection_.shared(); }
    [[nodiscard]] Next take_answer(const Reply& reply, Desk& desk);
    /// After `Next::answer`: its next event has it served, and stand in line, once more.
    void begin_again() noexcept;
    /// Says `answer` and then nothing more.
    [[nodiscard]] Next turn_away(std::string_view answer);

    /// Takes the client over from whoever released it; false where its deadline has passed.
    [[nodiscard]] bool claim() noexcept;
    /// Lets the next event, on whatever thread, find what this one did.
    void release() noexcept;

    /// Where nobody has claimed the client and its deadline has passed, or it is idle and
    /// `idle_too` is set, makes its event come. The descriptor must be open. Safe to share.
    void expire(Clock::time_point now, bool idle_too) noexcept;
    /// Ends the connection whatever it does. The descriptor must be open. Safe to share.
    void cut_off() const noexcept;

    [[nodiscard]] int descriptor() const noexcept { return socket_.number(); }
    [[nodiscard]] const std::string& peer() const noexcept { return peer_; }

private:
    void read(Desk& desk, bool in_time);
    [[nodiscard]] Next send(std::string_view answers);
    [[nodiscard]] Next send_rest();
    [[nodiscard]] Next after_sending();
    [[nodiscard]] Next linger(bool in_time);
    [[nodiscard]] bool waits_to_write() const noexcept;
    void wait_at_most(Clock::duration duration) noexcept;

    Descriptor socket_;
    std::string peer_;
    const Timeouts& timeouts_;
    Connection connection_;
    std::string unsent_;
    std::size_t sent_ = 0;        // of `unsent_`
    std::size_t steps_seen_ = 0;  // of the connection, when the deadline was set
    std::size_t discarded_ = 0;
    bool lingers_ = false;  // all is said; the rest is read, so that the answer is not lost
    bool hung_up_ = false;  // the client will send nothing more
    Clock::time_point deadline_{};

    // What the sweeper may look at. `due_` is written last and read first.
    std::atomic<bool> idle_{false};
    std::atomic<bool> writing_{false};
    std::atomic<Clock::rep> due_;
};

}  // namespace lvng::server
