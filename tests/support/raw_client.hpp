#pragma once

#include "support/http_scenario.hpp"

#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>

#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>

namespace lvng::server::testing {

/// A connection on which bytes are written as a test wants them.
class RawClient {
public:
    explicit RawClient(const Poco::Net::SocketAddress& address) : socket_{address} {
        socket_.setReceiveTimeout(Poco::Timespan{10, 0});
    }

    void send(const std::string& bytes) {
        socket_.sendBytes(bytes.data(), static_cast<int>(bytes.size()));
    }
    void shut() { socket_.shutdownSend(); }

    /// Reads until `end` is among what has come, or the server closes.
    std::string read_until(std::string_view end) {
        std::array<char, 4096> buffer{};
        std::string out;
        while (out.find(end) == std::string::npos) {
            const int count = socket_.receiveBytes(buffer.data(), static_cast<int>(buffer.size()));
            if (count <= 0) break;
            out.append(buffer.data(), static_cast<std::size_t>(count));
        }
        return out;
    }
    /// Everything until the server closes.
    std::string read_all() { return read_until("\x01"); }

private:
    Poco::Net::StreamSocket socket_;
};

/// A head of Ana's, with its empty line.
inline std::string head(std::string_view method, std::string_view path, std::string_view headers) {
    return fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n{}\r\n",
                       method, path, token_of(Who::ana), headers);
}

/// A head of Ana's that creates a contact.
inline std::string json_head(std::string_view framing) {
    return head("POST", "/api/v2/contacts",
                fmt::format("Content-Type: application/json\r\n{}", framing));
}

inline std::size_t occurrences(std::string_view text, std::string_view part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
        ++count;
    return count;
}

/// How many contacts Ana has.
inline std::string total(TestServer& server) {
    const Reply reply = server.send(Who::ana, "GET", "/api/v2/contacts");
    const auto at = reply.body().find("\"total\":") + 8;
    return reply.body().substr(at, reply.body().find(',', at) - at);
}

}  // namespace lvng::server::testing
