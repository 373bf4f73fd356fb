#include "http/poco_handler.hpp"

#include "poco_server.hpp"
#include "support/http_scenario.hpp"

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/StreamCopier.h>
#include <Poco/ThreadPool.h>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <memory>
#include <string>
#include <thread>

using namespace lvng::server;
using namespace lvng::server::testing;
using namespace std::chrono_literals;

namespace {

/// Any host's HTTPServer with all routes mounted.
class HostServer {
public:
    explicit HostServer(Boundary::Options options = {},
                        const PocoHandlerFactory::Options& timeouts = {})
        : app{std::move(options)}, factory{new PocoHandlerFactory{app.boundary(), timeouts}} {
        socket_.bind(Poco::Net::SocketAddress{"127.0.0.1", 0}, true, false);
        socket_.listen();
        server_ = std::make_unique<Poco::Net::HTTPServer>(factory, threads_, socket_, params());
        server_->start();
    }
    ~HostServer() {
        server_->stopAll(true);
        threads_.joinAll();  // a handler may still be saying goodbye, and uses the app
    }

    [[nodiscard]] Poco::Net::SocketAddress address() const { return socket_.address(); }

    TestServer app;
    PocoHandlerFactory* factory;  // the server owns it

private:
    static Poco::Net::HTTPServerParams::Ptr params() {
        Poco::Net::HTTPServerParams::Ptr params = new Poco::Net::HTTPServerParams;
        params->setTimeout(Poco::Timespan{5, 0});
        return params;
    }

    Poco::ThreadPool threads_{2, 64};
    Poco::Net::ServerSocket socket_;
    std::unique_ptr<Poco::Net::HTTPServer> server_;
};

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

std::string head(std::string_view method, std::string_view path, std::string_view headers) {
    return fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n{}\r\n",
                       method, path, token_of(Who::ana), headers);
}

std::string json_head(std::string_view framing) {
    return head("POST", "/api/v2/contacts",
                fmt::format("Content-Type: application/json\r\n{}", framing));
}

std::size_t occurrences(std::string_view text, std::string_view part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
        ++count;
    return count;
}

/// How many contacts Ana has.
std::string total(HostServer& server) {
    const Reply reply = server.app.send(Who::ana, "GET", "/api/v2/contacts");
    const auto at = reply.body().find("\"total\":") + 8;
    return reply.body().substr(at, reply.body().find(',', at) - at);
}

void run(HostServer& server, const std::vector<HttpScenario>& table) {
    Poco::Net::HTTPClientSession session{server.address()};
    session.setKeepAlive(true);
    for (const HttpScenario& row : table) {
        CAPTURE(row.method);
        CAPTURE(row.path);
        Poco::Net::HTTPRequest request{row.method, row.path, "HTTP/1.1"};
        if (row.who != Who::guest)
            request.set("Authorization", fmt::format("Bearer {}", token_of(row.who)));
        if (!row.body.empty()) request.setContentType("application/json");
        request.setContentLength(static_cast<std::streamsize>(row.body.size()));
        session.sendRequest(request) << row.body;
        Poco::Net::HTTPResponse response;
        std::string body;
        Poco::StreamCopier::copyToString(session.receiveResponse(response), body);
        check_answer(row, response.getStatus(), body);
        CHECK(response.has("Date"));
        CHECK(response.has("X-Request-Id"));
    }
}

}  // namespace

TEST_SUITE("server.poco_handler") {

    TEST_CASE("the routes answer through a socket as they do without one") {
        HostServer server;
        run(server,
            {
                {Who::ana, "POST", "/api/v2/contacts", R"({"name":"Jane ü"})", 201, {"Jane ü"}},
                {Who::ana, "GET", "/api/v2/contacts?search=%C3%9C", "", 200, {R"("total":1)"}},
                {Who::ana, "GET", contact_path(1), "", 200, {"Jane ü"}},
                {Who::ana, "HEAD", contact_path(1), "", 200, {}, {"Jane"}},
                {Who::ana, "PUT", contact_path(1), R"({"title":"CTO"})", 200, {"CTO"}},
                {Who::bob, "GET", contact_path(1), "", 404, {"NOT_FOUND"}},
                {Who::ana_of_another, "DELETE", contact_path(1), "", 404, {"NOT_FOUND"}},
                {Who::guest, "GET", contact_path(1), "", 401, {"UNAUTHENTICATED"}},
                {Who::ana, "PATCH", contact_path(1), "{}", 405, {"METHOD_NOT_ALLOWED"}},
                {Who::ana, "POST", "/api/v2/contacts", "{", 400, {"INVALID_JSON"}},
                {Who::ana,
                 "POST",
                 "/api/v2/contacts",
                 R"({"nam":1})",
                 400,
                 {R"("nam")", R"("name")"}},
                {Who::ana, "DELETE", contact_path(1), "", 200, {"Contact deleted"}},
                {Who::guest, "GET", "/healthz", "", 200, {"ok"}},
            });
    }

    TEST_CASE("a body over the limit is refused, announced or not") {
        HostServer server{{.sizes = {.body = 1000}}};
        const std::string large(2000, ' ');
        RawClient announced{server.address()};
        announced.send(json_head("Content-Length: 2000\r\n") + large);
        CHECK(announced.read_until("}}").starts_with("HTTP/1.1 413 "));
        RawClient chunked{server.address()};
        chunked.send(json_head("Transfer-Encoding: chunked\r\n") + "7d0\r\n" + large +
                     "\r\n0\r\n\r\n");
        CHECK(chunked.read_all().starts_with("HTTP/1.1 413 "));
        CHECK(total(server) == "0");
    }

    TEST_CASE("a client that waits to be asked is asked once its head has passed") {
        HostServer server;
        RawClient client{server.address()};
        client.send(json_head("Content-Length: 15\r\nExpect: 100-continue\r\n"));
        CHECK(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 100 Continue"));
        client.send(R"({"name":"Jane"})");
        CHECK(client.read_until("}}").starts_with("HTTP/1.1 201 "));

        RawClient guest{server.address()};
        guest.send("POST /api/v2/contacts HTTP/1.1\r\nHost: localhost\r\nContent-Length: 15\r\n"
                   "Expect: 100-continue\r\n\r\n");
        CHECK(guest.read_all().starts_with("HTTP/1.1 401 "));
    }

    TEST_CASE("a chunked body is joined, and its connection closes") {
        HostServer server;
        RawClient client{server.address()};
        client.send(json_head("Transfer-Encoding: chunked\r\n") +
                    "8\r\n{\"name\":\r\n7\r\n\"Jane\"}\r\n0\r\n\r\n" + head("GET", "/healthz", ""));
        const std::string answer = client.read_all();
        CHECK(answer.starts_with("HTTP/1.1 201 "));
        CHECK(occurrences(answer, "HTTP/1.1 ") == 1);
    }

    TEST_CASE("a body that ends early stores nothing") {
        HostServer server;
        RawClient fixed{server.address()};
        fixed.send(json_head("Content-Length: 20\r\n") + R"({"name":"Jane"})");
        fixed.shut();
        CHECK(fixed.read_all().starts_with("HTTP/1.1 400 "));
        RawClient chunked{server.address()};
        chunked.send(json_head("Transfer-Encoding: chunked\r\n") + "f\r\n{\"name\":\"Jane\"}\r\n");
        chunked.shut();
        CHECK(chunked.read_all().starts_with("HTTP/1.1 400 "));
        CHECK(total(server) == "0");
    }

    TEST_CASE("a body that comes too slowly is not waited for") {
        HostServer server{{}, {.body_timeout = 50ms}};
        RawClient client{server.address()};
        client.send(json_head("Content-Length: 20\r\n") + "{");
        const std::string answer = client.read_all();
        CHECK(answer.starts_with("HTTP/1.1 408 "));
        CHECK(answer.find("REQUEST_TIMEOUT") != std::string::npos);
    }

    TEST_CASE("an ambiguous head gives one answer and no second request") {
        HostServer server;
        const std::string body = R"({"name":"Jane"})";
        for (const std::string framing :
             {"Content-Length: 15\r\nTransfer-Encoding: chunked\r\n",
              "Content-Length: 15\r\nContent-Length: 15\r\n", "Content-Length: +15\r\n",
              "Content-Length: 15\r\nHost: other\r\n", "Transfer-Encoding: gzip\r\n",
              "Content-Length: 15\r\nAuthorization: Bearer x\r\n"}) {
            CAPTURE(framing);
            RawClient client{server.address()};
            client.send(json_head(framing) + body + head("GET", "/healthz", ""));
            const std::string answer = client.read_all();
            const bool refused =
                answer.starts_with("HTTP/1.1 400 ") || answer.starts_with("HTTP/1.1 501 ");
            CHECK(refused);
            CHECK(occurrences(answer, "HTTP/1.1 ") == 1);
            CHECK(answer.find("\"request_id\":") != std::string::npos);
        }
        CHECK(total(server) == "0");
    }

    TEST_CASE("a small body that nobody wants is read off, a large one ends the connection") {
        HostServer server;
        RawClient small{server.address()};
        small.send(head("GET", "/healthz", "Content-Length: 5\r\n") + "GET /" +
                   head("GET", "/readyz", "Connection: close\r\n"));
        CHECK(occurrences(small.read_all(), "HTTP/1.1 200 ") == 2);
        RawClient large{server.address()};
        large.send(head("GET", "/healthz", "Content-Length: 70000\r\n") + std::string(70'000, 'x') +
                   head("GET", "/readyz", ""));
        const std::string answer = large.read_all();
        CHECK(answer.starts_with("HTTP/1.1 200 "));
        CHECK(occurrences(answer, "HTTP/1.1 ") == 1);
    }

    TEST_CASE("a request without any framing is not read to the end of the connection") {
        HostServer server;
        RawClient client{server.address()};
        client.send(json_head("") + head("GET", "/healthz", "Connection: close\r\n"));
        const std::string answer = client.read_all();
        CHECK(answer.starts_with("HTTP/1.1 411 "));
        CHECK(occurrences(answer, "HTTP/1.1 ") == 2);
    }

    TEST_CASE("HTTP/1.0 is answered and closed") {
        HostServer server;
        RawClient client{server.address()};
        client.send("GET /healthz HTTP/1.0\r\n\r\n");
        CHECK(client.read_all().find("{\"status\":\"ok\"}") != std::string::npos);
    }

    TEST_CASE("many requests share a connection") {
        HostServer server{{.contacts_rate = std::nullopt}};
        run(server, std::vector<HttpScenario>(
                        300, {Who::ana, "POST", "/api/v2/contacts", R"({"name":"Jane"})", 201}));
        CHECK(total(server) == "300");
    }

    TEST_CASE("a request id that would break the answer is replaced") {
        HostServer server;
        RawClient client{server.address()};
        client.send(head("GET", "/healthz",
                         "X-Request-Id: =?utf-8?Q?a=0D=0AX-Evil:_1?=\r\nConnection: close\r\n"));
        CHECK(client.read_all().find("X-Evil") == std::string::npos);
    }

}  // TEST_SUITE

TEST_SUITE("server.poco_server") {

    TEST_CASE("a free port is taken and shown, and another server cannot have it") {
        TestServer app;
        const Settings settings{.listen = {"127.0.0.1", 0}, .workers = 4};
        PocoServer server{app.boundary(), bound_socket(settings.listen), settings};
        server.start();
        REQUIRE(server.url().starts_with("http://127.0.0.1:"));
        const auto port = static_cast<std::uint16_t>(std::stoi(server.url().substr(17)));
        CHECK_THROWS_WITH_AS(
            bound_socket({"127.0.0.1", port}),
            fmt::format("cannot listen on 127.0.0.1:{} (LVNG_LISTEN): Address already "
                        "in use",
                        port)
                .c_str(),
            std::runtime_error);
        CHECK(server.drain(2s));
    }

    TEST_CASE("a stop lets the running request end and takes no new connection") {
        TestServer app;
        const Settings settings{.listen = {"127.0.0.1", 0}, .workers = 4};
        PocoServer server{app.boundary(), bound_socket(settings.listen), settings};
        server.start();
        const Poco::Net::SocketAddress address{server.url().substr(7)};
        RawClient running{address};
        running.send(json_head("Content-Length: 15\r\nExpect: 100-continue\r\n"));
        running.read_until("\r\n\r\n");  // the handler waits for the body now
        std::thread stopper{[&] { CHECK(server.drain(10s)); }};
        while (true) {
            try {
                RawClient late{address};
            } catch (const Poco::Exception&) {
                break;
            }
        }
        running.send(R"({"name":"Jane"})");
        const std::string answer = running.read_all();
        CHECK(answer.starts_with("HTTP/1.1 201 "));
        CHECK(answer.find("Connection: Close") != std::string::npos);
        stopper.join();
    }

    TEST_CASE("a client that never finishes its body does not hold up the stop") {
        TestServer app;
        const Settings settings{.listen = {"127.0.0.1", 0}, .workers = 4};
        PocoServer server{app.boundary(), bound_socket(settings.listen), settings};
        server.start();
        RawClient dripper{Poco::Net::SocketAddress{server.url().substr(7)}};
        dripper.send(json_head("Content-Length: 15\r\nExpect: 100-continue\r\n"));
        dripper.read_until("\r\n\r\n");
        const auto started = std::chrono::steady_clock::now();
        CHECK(server.drain(1s));
        CHECK(std::chrono::steady_clock::now() - started < 3s);
    }

    TEST_CASE("while connections wait for a thread, each answer makes room") {
        TestServer app;
        const Settings settings{.listen = {"127.0.0.1", 0}, .workers = 1};
        PocoServer server{app.boundary(), bound_socket(settings.listen), settings};
        server.start();
        const Poco::Net::SocketAddress address{server.url().substr(7)};
        RawClient first{address};
        const auto ask = [&] {
            first.send(head("GET", "/healthz", ""));
            return first.read_until("}");
        };
        CHECK(ask().find("Connection: Close") == std::string::npos);
        RawClient second{address};
        second.send(head("GET", "/healthz", ""));
        std::string answer;
        // Asked until the server has seen the second connection, which nobody tells us.
        for (int i = 0; i < 10'000 && answer.find("Connection: Close") == std::string::npos; ++i)
            answer = ask();
        CHECK(answer.find("Connection: Close") != std::string::npos);
        CHECK(second.read_until("}").starts_with("HTTP/1.1 200 "));
        CHECK(server.drain(2s));
    }

    TEST_CASE("connections beyond the greatest number are answered 503") {
        TestServer app;
        const Settings settings{.listen = {"127.0.0.1", 0}, .workers = 1, .max_connections = 2};
        PocoServer server{app.boundary(), bound_socket(settings.listen), settings};
        server.start();
        const Poco::Net::SocketAddress address{server.url().substr(7)};
        RawClient first{address};
        first.send(head("GET", "/healthz", ""));
        first.read_until("}");
        RawClient waiting{address};
        // The second one is counted when the server has taken it, which nobody tells us.
        std::string answer;
        for (int i = 0; i < 100 && answer.empty(); ++i) {
            RawClient third{address};
            answer = third.read_until("}}");
        }
        CHECK(answer.starts_with("HTTP/1.1 503 "));
        CHECK(answer.find("Retry-After: 1\r\n") != std::string::npos);
        CHECK(server.drain(2s));
    }

}  // TEST_SUITE
