#pragma once

#include "http/reply.hpp"
#include "http/request.hpp"

#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace lvng::server::testing {

/// A client's end of one connection, opened again where the server has closed it.
class Wire {
public:
    explicit Wire(const Poco::Net::SocketAddress& address) : address_{address} {}

    Reply send(const Request& request) {
        if (!socket_) {
            socket_.emplace(address_);
            socket_->setReceiveTimeout(Poco::Timespan{10, 0});
            socket_->setNoDelay(true);
        }
        std::string text =
            fmt::format("{} {} {}\r\n", request.method, request.target, request.version);
        for (const HeaderField& field : request.headers)
            text += fmt::format("{}: {}\r\n", field.name, field.value);
        text += "\r\n";
        text += request.body;
        for (std::size_t sent = 0; sent < text.size();)
            sent += static_cast<std::size_t>(
                socket_->sendBytes(text.data() + sent, static_cast<int>(text.size() - sent)));
        return read_reply(request.method == "HEAD");
    }

private:
    Reply read_reply(bool head_only) {
        std::string text;
        while (text.find("\r\n\r\n") == std::string::npos) read_some(text);
        std::string_view head = std::string_view{text}.substr(0, text.find("\r\n\r\n") + 2);
        std::string body = text.substr(head.size() + 2);
        Reply reply{std::stoi(std::string{head.substr(head.find(' ') + 1, 3)})};
        head.remove_prefix(head.find("\r\n") + 2);
        std::size_t length = 0;
        std::string type;
        while (!head.empty()) {
            const std::string_view line = head.substr(0, head.find("\r\n"));
            head.remove_prefix(line.size() + 2);
            const std::string name{line.substr(0, line.find(": "))};
            const std::string value{line.substr(name.size() + 2)};
            if (name == "Content-Length") length = std::stoul(value);
            if (name == "Content-Type") type = value;
            if (name == "Connection" && (value == "close" || value == "Close")) reply.close();
            reply.set(kept(name), value);
        }
        while (!head_only && body.size() < length) read_some(body);
        if (!type.empty()) reply.set_body(type, body);
        if (reply.closes()) socket_.reset();
        return reply;
    }

    void read_some(std::string& out) {
        std::array<char, 16 * 1024> buffer{};
        const int count = socket_->receiveBytes(buffer.data(), static_cast<int>(buffer.size()));
        REQUIRE(count > 0);
        out.append(buffer.data(), static_cast<std::size_t>(count));
    }

    /// A reply wants names that stay.
    static std::string_view kept(const std::string& name) {
        static std::set<std::string> names;
        return *names.insert(name).first;
    }

    Poco::Net::SocketAddress address_;
    std::optional<Poco::Net::StreamSocket> socket_;
};

}  // namespace lvng::server::testing
