#include "http/poco_handler.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Timespan.h>

#include <algorithm>
#include <array>
#include <streambuf>
#include <string>

namespace lvng::server {
namespace {

using Poco::Net::HTTPServerRequest;
using Poco::Net::HTTPServerRequestImpl;
using Poco::Net::HTTPServerResponse;
using Poco::Net::StreamSocket;
using std::chrono::steady_clock;

// What is read off without being wanted, and how long it is waited for.
constexpr std::uint64_t longest_drain = 64 * 1024;
constexpr std::chrono::seconds drain_time{2};

Poco::Timespan timespan(steady_clock::duration duration) {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
    return Poco::Timespan{std::max<Poco::Timespan::TimeDiff>(us, 1)};
}

/// Reads a body as the client sends it, by a deadline that a trickle of bytes does not move.
class BodySource {
public:
    BodySource(HTTPServerRequest& request, StreamSocket* socket, steady_clock::duration patience)
        : buffer_{*request.stream().rdbuf()}, socket_{socket},
          before_{request.serverParams().getTimeout()}, deadline_{steady_clock::now() + patience} {}
    ~BodySource() {
        if (socket_ != nullptr) socket_->setReceiveTimeout(before_);
    }
    BodySource(const BodySource&) = delete;
    BodySource& operator=(const BodySource&) = delete;

    /// Appends what has arrived, after waiting for one byte at least; false at the end.
    bool read_some(std::string& out) try {
        const auto left = deadline_ - steady_clock::now();
        if (left <= left.zero()) throw Refusal{HttpError::request_timeout};
        if (socket_ != nullptr) socket_->setReceiveTimeout(timespan(left));
        if (buffer_.sgetc() == std::char_traits<char>::eof()) return false;
        const auto old_size = out.size();
        const std::streamsize arrived = std::max<std::streamsize>(buffer_.in_avail(), 1);
        out.resize(old_size + static_cast<std::size_t>(arrived));
        buffer_.sgetn(out.data() + old_size, arrived);
        return true;
    } catch (const Poco::TimeoutException&) {
        throw Refusal{HttpError::request_timeout};
    } catch (const Poco::Exception&) {
        return false;  // the connection broke: the body has ended, and too early
    }

private:
    std::streambuf& buffer_;
    StreamSocket* socket_;
    Poco::Timespan before_;
    steady_clock::time_point deadline_;
};

/// Whether the client has shut its side.
bool has_hung_up(StreamSocket& socket) {
    return socket.poll(Poco::Timespan{0}, Poco::Net::Socket::SELECT_READ) &&
           socket.available() == 0;
}

class PocoHandler final : public Poco::Net::HTTPRequestHandler {
public:
    PocoHandler(Boundary& boundary, const PocoHandlerFactory::Options& options)
        : boundary_{boundary}, options_{options} {}

    void handleRequest(HTTPServerRequest& in, HTTPServerResponse& out) override try {
        auto* whole = dynamic_cast<HTTPServerRequestImpl*>(&in);
        socket_ = whole != nullptr ? &whole->socket() : nullptr;
        if (socket_ != nullptr) socket_->setSendTimeout(timespan(options_.write_timeout));
        head_only_ = in.getMethod() == Poco::Net::HTTPRequest::HTTP_HEAD;
        const std::string peer = in.clientAddress().host().toString();
        const Request request = head_of(in, peer);
        Exchange exchange{boundary_, request};
        if (const auto reply = exchange.answer_head())
            finish_unread(in, out, exchange.framing(), *reply);
        else if (exchange.wants_body())
            finish_with_body(in, out, exchange);
        else
            finish_unread(in, out, exchange.framing(), exchange.answer({}));
    } catch (...) {
        // Nothing can be said to this client any more.
        out.setKeepAlive(false);
    }

private:
    static Request head_of(const HTTPServerRequest& in, std::string_view peer) {
        Request request;
        request.method = in.getMethod();
        request.target = in.getURI();
        request.version = in.getVersion();
        request.peer = peer;
        request.headers.reserve(in.size());
        for (const auto& [name, value] : in)
            request.headers.push_back({.name = name, .value = value});
        return request;
    }

    void finish_with_body(HTTPServerRequest& in, HTTPServerResponse& out, Exchange& exchange) {
        std::string body;
        try {
            if (in.getExpectContinue()) out.sendContinue();
            body = read_body(in, exchange.framing());
        } catch (const Refusal& refusal) {
            // What is left of the body must not be taken for a request.
            send(out, exchange.refuse(refusal), true);
            return linger();
        }
        send(out, exchange.answer(body), exchange.framing().chunked);
    }

    std::string read_body(HTTPServerRequest& in, const Framing& framing) {
        std::string body;
        BodySource source{in, socket_, options_.body_timeout};
        while (source.read_some(body))
            if (body.size() > boundary_.sizes().body) throw Refusal{HttpError::payload_too_large};
        // Poco ends a broken chunked body like a whole one, so a client that is gone is not
        // believed, even if it had sent everything.
        const bool whole = framing.chunked ? socket_ == nullptr || !has_hung_up(*socket_)
                                           : body.size() == framing.length.value_or(0);
        if (!whole) throw Refusal{HttpError::bad_request, "the body ended early"};
        return body;
    }

    /// Answers a request whose body nobody wants, then reads that body off or closes.
    void finish_unread(HTTPServerRequest& in, HTTPServerResponse& out, const Framing& framing,
                       const Reply& reply) {
        const std::uint64_t length = framing.length.value_or(0);
        // Who waits for 100 Continue will not send the body, or will send it as if unasked.
        const bool unknown_rest =
            framing.announces_body() &&
            (framing.chunked || in.getExpectContinue() || length > longest_drain);
        send(out, reply, unknown_rest);
        if (unknown_rest || reply.closes()) return linger();
        if (length > 0 && !drain(in, length)) out.setKeepAlive(false);
    }

    bool drain(HTTPServerRequest& in, std::uint64_t length) try {
        std::string sink;
        BodySource source{in, socket_, drain_time};
        while (source.read_some(sink)) {
        }
        return sink.size() == length;
    } catch (const Refusal&) {
        return false;
    }

    void send(HTTPServerResponse& out, const Reply& reply, bool close) {
        out.setStatusAndReason(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(reply.status()));
        for (const Reply::Field& field : reply.headers())
            out.set(std::string{field.name}, field.value);
        out.setVersion(Poco::Net::HTTPMessage::HTTP_1_1);  // ours, whatever the request claimed
        if (reply.status() == HTTPServerResponse::HTTP_NO_CONTENT ||
            reply.status() == HTTPServerResponse::HTTP_NOT_MODIFIED) {
            // `sendBuffer` would announce a length: the one status has none, the other another.
            out.setKeepAlive(!close && !reply.closes());
            out.send().flush();
            return;
        }
        if (!close && !reply.closes()) {
            out.sendBuffer(reply.body().data(), reply.body().size());
            return;
        }
        // `sendBuffer` leaves the answer in the session's buffer until the handler has returned:
        // too late for `linger`, which shuts our side.
        out.setKeepAlive(false);
        out.setContentLength64(static_cast<Poco::Int64>(reply.body().size()));
        std::ostream& stream = out.send();
        if (!head_only_)
            stream.write(reply.body().data(), static_cast<std::streamsize>(reply.body().size()));
        stream.flush();
    }

    /// Gives the client time to read the answer: closing with unread bytes would reset the
    /// connection, and the answer with it.
    void linger() {
        if (socket_ == nullptr) return;
        const auto deadline = steady_clock::now() + drain_time;
        std::array<char, 4096> sink{};
        std::uint64_t total = 0;
        socket_->shutdownSend();
        while (total <= boundary_.sizes().body + longest_drain && steady_clock::now() < deadline) {
            socket_->setReceiveTimeout(timespan(deadline - steady_clock::now()));
            const int count = socket_->receiveBytes(sink.data(), static_cast<int>(sink.size()));
            if (count <= 0) return;
            total += static_cast<std::uint64_t>(count);
        }
    }

    Boundary& boundary_;
    const PocoHandlerFactory::Options& options_;
    StreamSocket* socket_ = nullptr;  // null where the server is not Poco's own
    bool head_only_ = false;
};

}  // namespace

Poco::Net::HTTPRequestHandler*
PocoHandlerFactory::createRequestHandler(const HTTPServerRequest& request) {
    // Poco asks the client to go on before it calls a handler, unless the status has changed.
    request.response().setStatus(Poco::Net::HTTPResponse::HTTP_CONTINUE);
    return new PocoHandler{boundary_, options_};
}

}  // namespace lvng::server
