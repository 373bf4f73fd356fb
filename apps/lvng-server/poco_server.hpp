#pragma once

#include "http/poco_handler.hpp"
#include "settings.hpp"

#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/ThreadPool.h>

#include <chrono>
#include <string>

namespace lvng::server {

/// A socket that has the address and does not listen yet, so that nobody can connect before
/// requests are answered. Throws `std::runtime_error` with one line that names address and
/// reason.
Poco::Net::ServerSocket bound_socket(const ListenAddress& address);

/// `Poco::Net::HTTPServer` with the limits of the settings. One thread at a time.
class PocoServer {
public:
    /// The boundary must outlive the server.
    PocoServer(Boundary& boundary, const Poco::Net::ServerSocket& socket, const Settings& settings);

    void start();

    /// Takes no new connection from this moment and lets running requests finish; then, or after
    /// `patience`, ends every connection. False where a request would not end.
    bool drain(std::chrono::milliseconds patience);

    /// `http://127.0.0.1:8080`, with the port that was taken.
    [[nodiscard]] std::string url() const;

private:
    [[nodiscard]] bool wait_until_idle(std::chrono::steady_clock::time_point deadline);

    PocoHandlerFactory* factory_;  // owned by `server_`
    Poco::Net::ServerSocket socket_;
    Poco::ThreadPool threads_;
    Poco::Net::HTTPServer server_;
};

}  // namespace lvng::server
