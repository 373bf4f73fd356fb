#include "poco_server.hpp"

#include "http/errors.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Net/TCPServer.h>

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

namespace lvng::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int backlog = 1024;
constexpr int requests_per_connection = 10'000;
constexpr milliseconds poll_interval{10};
// How long connections stay open at a stop although nothing runs, so that whoever asks on one of
// them whether the server is ready hears that it is not.
constexpr milliseconds farewell{500};
// What is kept of the drain time to end connections by force.
constexpr milliseconds reserve{1000};

Poco::Timespan timespan(milliseconds duration) {
    return Poco::Timespan{duration.count() * 1000};
}

Poco::Net::HTTPServerParams::Ptr params(const Settings& settings) {
    Poco::Net::HTTPServerParams::Ptr params = new Poco::Net::HTTPServerParams;
    const auto threads = static_cast<int>(settings.workers);
    params->setMaxThreads(threads);
    params->setMaxQueued(static_cast<int>(settings.max_connections));
    params->setThreadIdleTime(timespan(milliseconds{1000}));
    params->setKeepAlive(true);
    params->setTimeout(timespan(settings.header_timeout));
    params->setKeepAliveTimeout(timespan(settings.idle_timeout));
    params->setMaxKeepAliveRequests(requests_per_connection);
    return params;
}

std::string overload_answer() {
    const Reply reply =
        error_reply(Refusal{HttpError::overloaded}, {.request_id = "none", .writes = false});
    std::string head = fmt::format("HTTP/1.1 503 Service Unavailable\r\nContent-Length: {}\r\n"
                                   "Connection: close\r\n",
                                   reply.body().size());
    for (const Reply::Field& field : reply.headers())
        head += fmt::format("{}: {}\r\n", field.name, field.value);
    return head + "\r\n" + reply.body();
}

/// Answers what comes on top of the greatest number of connections, which Poco would drop. While
/// connections wait for a thread, each answer closes its own, so that all get their turn.
class ConnectionCap final : public Poco::Net::TCPServerConnectionFilter {
public:
    ConnectionCap(const Poco::Net::TCPServer& server, PocoHandlerFactory::Traffic& traffic,
                  std::size_t greatest)
        : server_{server}, traffic_{traffic}, greatest_{greatest} {}

    bool accept(const Poco::Net::StreamSocket& socket) override try {
        traffic_.crowded = server_.currentConnections() >= server_.maxThreads();
        const int open = server_.currentConnections() + server_.queuedConnections();
        if (open < static_cast<int>(greatest_)) return true;
        Poco::Net::StreamSocket client{socket};
        client.setBlocking(false);
        client.sendBytes(answer_.data(), static_cast<int>(answer_.size()));
        client.shutdownSend();
        return false;
    } catch (const Poco::Exception&) {
        return false;
    }

private:
    const Poco::Net::TCPServer& server_;
    PocoHandlerFactory::Traffic& traffic_;
    std::size_t greatest_;
    std::string answer_ = overload_answer();
};

}  // namespace

Poco::Net::ServerSocket bound_socket(const ListenAddress& address) try {
    Poco::Net::ServerSocket socket;
    // Not bind(address, true) alone: that would share the port with another server.
    socket.bind(Poco::Net::SocketAddress{address.host, address.port}, true, false);
    return socket;
} catch (const Poco::Exception& error) {
    const std::string reason =
        error.code() != 0 ? std::generic_category().message(error.code()) : error.displayText();
    throw std::runtime_error{fmt::format("cannot listen on {}:{} (LVNG_LISTEN): {}", address.host,
                                         address.port, reason)};
}

PocoServer::PocoServer(Boundary& boundary, const Poco::Net::ServerSocket& socket,
                       const Settings& settings)
    : factory_{new PocoHandlerFactory{
          boundary,
          {.body_timeout = settings.body_timeout, .write_timeout = settings.write_timeout}}},
      socket_{socket}, threads_{1, static_cast<int>(settings.workers)}, server_{factory_, threads_,
                                                                                socket_,
                                                                                params(settings)} {
    server_.setConnectionFilter(
        new ConnectionCap{server_, factory_->traffic(), settings.max_connections});
}

void PocoServer::start() {
    socket_.listen(backlog);
    server_.start();
}

std::string PocoServer::url() const {
    return "http://" + socket_.address().toString();
}

bool PocoServer::drain(milliseconds patience) {
    const auto deadline = steady_clock::now() + patience;
    factory_->traffic().stopping = true;
    socket_.impl()->shutdownReceive();  // Poco goes on accepting until its next look at the clock
    server_.stop();
    const auto time_left = [&] { return deadline - steady_clock::now(); };
    if (server_.currentConnections() > 0)
        std::this_thread::sleep_for(std::min<steady_clock::duration>(farewell, patience / 2));
    (void)wait_until_idle(deadline - std::min(reserve, patience / 2));
    server_.stopAll(true);
    while (server_.currentConnections() > 0 && time_left() > time_left().zero())
        std::this_thread::sleep_for(poll_interval);
    return server_.currentConnections() == 0;
}

bool PocoServer::wait_until_idle(steady_clock::time_point deadline) {
    while (factory_->traffic().running > 0) {
        if (steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(poll_interval);
    }
    return true;
}

}  // namespace lvng::server
