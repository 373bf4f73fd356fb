// All routes in a server that the host already has: Poco's, beside a page of the host's own.

#include "api/app.hpp"
#include "http/log.hpp"
#include "http/poco_handler.hpp"

#include <lvng/crm/auth.hpp>
#include <lvng/crm/sqlite.hpp>
#include <lvng/crm/testing.hpp>

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/StreamCopier.h>

#include <iostream>
#include <string>

using namespace lvng;
namespace net = Poco::Net;

namespace {

const std::string secret = "a secret of this example, 32 bytes or more";

class HostPage final : public net::HTTPRequestHandler {
    void handleRequest(net::HTTPServerRequest&, net::HTTPServerResponse& response) override {
        const std::string page = "the host's own page";
        response.sendBuffer(page.data(), page.size());
    }
};

/// The host's own paths first, everything else is the library's.
class HostRoutes final : public net::HTTPRequestHandlerFactory {
public:
    explicit HostRoutes(server::Boundary& boundary) : crm_{boundary} {}

    net::HTTPRequestHandler* createRequestHandler(const net::HTTPServerRequest& request) override {
        if (request.getURI() == "/") return new HostPage;
        return crm_.createRequestHandler(request);
    }

private:
    server::PocoHandlerFactory crm_;
};

/// A client's call, with its answer.
std::string call(net::HTTPClientSession& session, const std::string& method,
                 const std::string& path, const std::string& token, const std::string& body = {}) {
    net::HTTPRequest request{method, path, net::HTTPMessage::HTTP_1_1};
    request.set("Authorization", "Bearer " + token);
    if (!body.empty()) request.setContentType("application/json");
    request.setContentLength(static_cast<std::streamsize>(body.size()));
    session.sendRequest(request) << body;
    net::HTTPResponse response;
    std::string text;
    Poco::StreamCopier::copyToString(session.receiveResponse(response), text);
    return std::to_string(response.getStatus()) + ' ' + text;
}

}  // namespace

int main() {
    // The clock stands still and ids count, so that the output is always the same.
    auto clock = std::make_unique<crm::testing::FixedClock>();
    const crm::Clock& now = *clock;
    crm::Crm people{
        crm::sqlite_store({.path = ":memory:"}),
        {.clock = std::move(clock), .ids = std::make_unique<crm::testing::CountingIds>()}};
    const auto verifier = crm::jwt_verifier({.secret = secret}, now);
    const std::string token =
        crm::sign_token({.user = crm::UserId{"usr_ana"},
                         .issued_at = now.now(),
                         .expires_at = crm::Timestamp{now.now().milliseconds() + 60'000}},
                        secret);

    server::Log log{server::LogLevel::off, now, [](std::string_view line) { std::cerr << line; }};
    server::App app{{.crm = people, .verifier = *verifier, .clock = now, .log = log}};

    net::ServerSocket socket;
    socket.bind(net::SocketAddress{"127.0.0.1", 0}, true, false);
    socket.listen();
    net::HTTPServer host{new HostRoutes{app.boundary()}, socket, new net::HTTPServerParams};
    host.start();

    net::HTTPClientSession session{socket.address()};
    session.setKeepAlive(true);
    std::cout << call(session, "GET", "/", token) << '\n'
              << call(session, "POST", "/api/v2/contacts", token, R"({"name": "Jane Smith"})")
              << '\n'
              << call(session, "GET", "/api/v2/contacts?search=jane&limit=1", token) << '\n'
              << call(session, "DELETE", "/api/v2/contacts/00000000-0000-7000-8000-000000000001",
                      token)
              << '\n';
    session.reset();
    host.stopAll(true);
}
