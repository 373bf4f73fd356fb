#include "front/listener.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/SocketAddress.h>

#include <fmt/format.h>

#include <array>
#include <stdexcept>
#include <system_error>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace lvng::server {
namespace {

constexpr int backlog = 1024;

Descriptor spare_descriptor() {
    return Descriptor{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
}

std::string address_text(const sockaddr_storage& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address.ss_family == AF_INET) {
        const auto& ipv4 = reinterpret_cast<const sockaddr_in&>(address);
        ::inet_ntop(AF_INET, &ipv4.sin_addr, text.data(), text.size());
        return text.data();
    }
    const auto& ipv6 = reinterpret_cast<const sockaddr_in6&>(address);
    constexpr std::size_t before_ipv4 = 12;
    // A socket for both families shows clients of IPv4 so; to a reader they are what they are.
    if (IN6_IS_ADDR_V4MAPPED(&ipv6.sin6_addr))
        ::inet_ntop(AF_INET, &ipv6.sin6_addr.s6_addr[before_ipv4], text.data(), text.size());
    else
        ::inet_ntop(AF_INET6, &ipv6.sin6_addr, text.data(), text.size());
    return text.data();
}

}  // namespace

Poco::Net::ServerSocket bound_socket(const std::string& host, std::uint16_t port,
                                     std::string_view setting) try {
    Poco::Net::ServerSocket socket;
    // Not bind(address, true) alone: that would share the port with another server.
    socket.bind(Poco::Net::SocketAddress{host, port}, true, false);
    return socket;
} catch (const Poco::Exception& error) {
    const std::string reason =
        error.code() != 0 ? std::generic_category().message(error.code()) : error.displayText();
    throw std::runtime_error{
        fmt::format("cannot listen on {}:{} ({}): {}", host, port, setting, reason)};
}

Listener::Listener(const Poco::Net::ServerSocket& socket)
    : socket_{socket}, url_{"http://" + socket_.address().toString()}, spare_{spare_descriptor()} {
    socket_.setBlocking(false);
}

void Listener::listen() {
    socket_.listen(backlog);
    open_ = true;
}

void Listener::close() {
    socket_.close();
    open_ = false;
}

std::optional<Listener::Accepted> Listener::accept() {
    exhausted_ = false;
    sockaddr_storage address{};
    while (true) {
        socklen_t size = sizeof address;
        Descriptor socket{::accept4(descriptor(), reinterpret_cast<sockaddr*>(&address), &size,
                                    SOCK_NONBLOCK | SOCK_CLOEXEC)};
        if (socket) {
            const int on = 1;
            ::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            return Accepted{.socket = std::move(socket), .peer = address_text(address)};
        }
        if (errno == EINTR || errno == ECONNABORTED) continue;
        exhausted_ = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
        return std::nullopt;
    }
}

void Listener::shed_one() {
    if (!spare_) return;
    spare_ = Descriptor{};
    { const Descriptor shed{::accept4(descriptor(), nullptr, nullptr, SOCK_CLOEXEC)}; }
    spare_ = spare_descriptor();
}

}  // namespace lvng::server
