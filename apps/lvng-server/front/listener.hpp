#pragma once

#include "front/descriptor.hpp"

#include <Poco/Net/ServerSocket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lvng::server {

/// A socket that has the address and does not listen yet, so that nobody can connect before
/// requests are answered. Throws `std::runtime_error` with one line that names address, setting
/// and reason.
Poco::Net::ServerSocket bound_socket(const std::string& host, std::uint16_t port,
                                     std::string_view setting = "LVNG_LISTEN");

/// Takes new connections. One thread at a time.
class Listener {
public:
    struct Accepted {
        Descriptor socket{};
        std::string peer{};  ///< the address without port
    };

    /// `socket` is bound.
    explicit Listener(const Poco::Net::ServerSocket& socket);

    void listen();
    void close();
    [[nodiscard]] bool open() const noexcept { return open_; }
    [[nodiscard]] int descriptor() const { return socket_.impl()->sockfd(); }
    /// `http://127.0.0.1:8080`, with the port that was taken.
    [[nodiscard]] const std::string& url() const noexcept { return url_; }

    /// The next one that waits, ready for use without blocking; nothing where none does.
    [[nodiscard]] std::optional<Accepted> accept();
    /// Whether the last `accept` found no descriptor for who waits.
    [[nodiscard]] bool exhausted() const noexcept { return exhausted_; }
    /// Closes the next one that waits, for which there is no descriptor but a spare one.
    void shed_one();

private:
    Poco::Net::ServerSocket socket_;
    std::string url_;
    Descriptor spare_;  // given up to take and close a connection when there is no other
    bool open_ = false;
    bool exhausted_ = false;
};

}  // namespace lvng::server
