#include "support/fronts.hpp"
#include "support/http_scenario.hpp"
#include "support/raw_client.hpp"

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

// What both fronts do alike: the server's own, and the handler that mounts the routes in a host's
// HTTPServer.

using namespace lvng::server;
using namespace lvng::server::testing;
using namespace std::chrono_literals;

namespace {

template <class Server>
void run(Server& server, const std::vector<HttpScenario>& table) {
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

TEST_SUITE("server.fronts") {

    TEST_CASE_TEMPLATE("the routes answer through a socket as they do without one", Server,
                       HostServer, FrontServer) {
        Server server;
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

    TEST_CASE_TEMPLATE("a body over the limit is refused, announced or not", Server, HostServer,
                       FrontServer) {
        Server server{{.sizes = {.body = 1000}}};
        const std::string large(2000, ' ');
        RawClient announced{server.address()};
        announced.send(json_head("Content-Length: 2000\r\n") + large);
        CHECK(announced.read_until("}}").starts_with("HTTP/1.1 413 "));
        RawClient chunked{server.address()};
        chunked.send(json_head("Transfer-Encoding: chunked\r\n") + "7d0\r\n" + large +
                     "\r\n0\r\n\r\n");
        CHECK(chunked.read_all().starts_with("HTTP/1.1 413 "));
        CHECK(total(server.app) == "0");
    }

    TEST_CASE_TEMPLATE("a client that waits to be asked is asked once its head has passed", Server,
                       HostServer, FrontServer) {
        Server server;
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

    TEST_CASE("a chunked body is joined, and Poco's connection closes") {
        HostServer server;
        RawClient client{server.address()};
        client.send(json_head("Transfer-Encoding: chunked\r\n") +
                    "8\r\n{\"name\":\r\n7\r\n\"Jane\"}\r\n0\r\n\r\n" + head("GET", "/healthz", ""));
        const std::string answer = client.read_all();
        CHECK(answer.starts_with("HTTP/1.1 201 "));
        CHECK(occurrences(answer, "HTTP/1.1 ") == 1);
    }

    TEST_CASE_TEMPLATE("a body that ends early stores nothing", Server, HostServer, FrontServer) {
        Server server;
        RawClient fixed{server.address()};
        fixed.send(json_head("Content-Length: 20\r\n") + R"({"name":"Jane"})");
        fixed.shut();
        CHECK(fixed.read_all().starts_with("HTTP/1.1 400 "));
        RawClient chunked{server.address()};
        chunked.send(json_head("Transfer-Encoding: chunked\r\n") + "f\r\n{\"name\":\"Jane\"}\r\n");
        chunked.shut();
        CHECK(chunked.read_all().starts_with("HTTP/1.1 400 "));
        CHECK(total(server.app) == "0");
    }

    TEST_CASE_TEMPLATE("a body that comes too slowly is not waited for", Server, HostServer,
                       FrontServer) {
        Server server{{}, 50ms};
        RawClient client{server.address()};
        client.send(json_head("Content-Length: 20\r\n") + "{");
        const std::string answer = client.read_all();
        CHECK(answer.starts_with("HTTP/1.1 408 "));
        CHECK(answer.find("REQUEST_TIMEOUT") != std::string::npos);
    }

    TEST_CASE_TEMPLATE("an ambiguous head gives one answer and no second request", Server,
                       HostServer, FrontServer) {
        Server server;
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
        CHECK(total(server.app) == "0");
    }

    TEST_CASE_TEMPLATE(
        "a small body that nobody wants is read off, a large one ends the connection", Server,
        HostServer, FrontServer) {
        Server server;
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

    TEST_CASE_TEMPLATE("a request without any framing is not read to the end of the connection",
                       Server, HostServer, FrontServer) {
        Server server;
        RawClient client{server.address()};
        client.send(json_head("") + head("GET", "/healthz", "Connection: close\r\n"));
        const std::string answer = client.read_all();
        CHECK(answer.starts_with("HTTP/1.1 411 "));
        CHECK(occurrences(answer, "HTTP/1.1 ") == 2);
    }

    TEST_CASE_TEMPLATE("HTTP/1.0 is answered and closed", Server, HostServer, FrontServer) {
        Server server;
        RawClient client{server.address()};
        client.send("GET /healthz HTTP/1.0\r\n\r\n");
        CHECK(client.read_all().find("{\"status\":\"ok\"}") != std::string::npos);
    }

    TEST_CASE_TEMPLATE("many requests share a connection", Server, HostServer, FrontServer) {
        Server server{{.contacts_rate = std::nullopt}};
        run(server, std::vector<HttpScenario>(
                        300, {Who::ana, "POST", "/api/v2/contacts", R"({"name":"Jane"})", 201}));
        CHECK(total(server.app) == "300");
    }

    TEST_CASE_TEMPLATE("a request id cannot break the answer", Server, HostServer, FrontServer) {
        Server server;
        RawClient client{server.address()};
        client.send(head("GET", "/healthz",
                         "X-Request-Id: =?utf-8?Q?a=0D=0AX-Evil:_1?=\r\nConnection: close\r\n"));
        CHECK(client.read_all().find("\r\nX-Evil") == std::string::npos);
    }

}  // TEST_SUITE
