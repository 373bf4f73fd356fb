#pragma once

#include "front/clients.hpp"
#include "front/crew.hpp"
#include "front/descriptor.hpp"
#include "front/listener.hpp"
#include "front/poller.hpp"
#include "front/read_line.hpp"
#include "front/trusted_proxies.hpp"
#include "front/write_line.hpp"
#include "http/metrics_text.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <thread>

namespace lvng::server {

/// Serves a boundary on a socket: strict about what it reads, and no peer holds a thread while
/// it is idle or slow. One thread at a time.
class Front {
public:
    struct Options {
        Crew::Size crew{};
        std::size_t max_connections = 20'000;
        std::optional<std::size_t> max_connections_per_address{};  ///< trusted proxies are free
        TrustedProxies proxies{};
        /// Of the line of requests that the store is asked for together.
        ReadLine::Leaders readers{};
        Timeouts timeouts{};
        /// How long connections stay open at a stop although nothing runs, so that whoever asks on
        /// one of them whether the server is ready hears that it is not.
        std::chrono::milliseconds farewell{500};
    };

    /// The boundary must outlive the front. Throws `std::system_error`.
    Front(Boundary& boundary, const Poco::Net::ServerSocket& socket, const Options& options);
    /// Waits for requests that are still running.
    ~Front();
    Front(const Front&) = delete;
    Front& operator=(const Front&) = delete;

    void start();

    /// Takes no new connection from this moment and lets running requests finish; then, or after
    /// `patience`, ends every connection. False where a request would not end.
    [[nodiscard]] bool drain(std::chrono::milliseconds patience);

    /// `http://127.0.0.1:8080`, with the port that was taken.
    [[nodiscard]] const std::string& url() const noexcept { return listener_.url(); }
    /// How many connections are open.
    [[nodiscard]] std::size_t connections() const { return clients_.count(); }
    /// Connections and workers. Safe to share.
    void write_metrics(MetricsText& out) const;

private:
    void keep();
    void wait_for_connections();
    void accept_all();
    void stop_listening();
    void admit(Listener::Accepted accepted);
    [[nodiscard]] bool is_one_too_many(const std::string& peer) const;
    void serve(Client& client, Desk& desk) noexcept;
    void go_on(Client& client, Client::Next next) noexcept;
    void stand_in_line(Client& client, Desk& desk);
    void answer_writes(Desk& desk) noexcept;
    void answer_reads(ReadLine::Lead lead, Desk& desk) noexcept;
    using Exchanges = std::vector<Boundary::Shared>;
    /// What they were answered, or nothing where there is no memory for it.
    [[nodiscard]] Exchanges answer(std::span<Client* const> clients,
                                   void (Boundary::*answer_each)(std::span<Boundary::Shared>));
    void send_each(std::span<Client* const> clients, const Exchanges& answered,
                   Desk& desk) noexcept;
    void wake_keeper() noexcept;

    Options options_;
    Service service_;
    std::string overload_answer_;
    Poller poller_;
    Clients clients_;
    Listener listener_;
    WriteLine write_line_;
    ReadLine read_line_;
    Crew crew_;

    std::atomic<std::uint64_t> accepted_{0};
    std::atomic<std::uint64_t> turned_away_{0};

    // The keeper takes new connections, watches deadlines and calls the reserve.
    std::atomic<bool> closed_{false};  // no connection is taken any more
    std::atomic<bool> ends_idle_{false};
    std::atomic<bool> ended_{false};
    bool pausing_ = false;  // there was no descriptor for a connection
    Descriptor wake_;
    std::thread keeper_;
};

}  // namespace lvng::server
