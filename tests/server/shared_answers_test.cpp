#include "support/fronts.hpp"
#include "support/raw_client.hpp"
#include "support/wire.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

using namespace lvng::server;
using namespace lvng::server::testing;
using namespace std::chrono_literals;

namespace {

std::string post(const std::string& path, const std::string& body, const std::string& more = "") {
    return head("POST", path,
                fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n{}",
                            body.size(), more)) +
           body;
}

std::string status_of(const std::string& answer) {
    return answer.size() > 12 ? answer.substr(9, 3) : "none";
}

struct Server : FrontServer {
    Server()
        : FrontServer{{.contacts_rate = {}, .conversations_rate = {}},
                      {.crew = {.active = 2, .reserve = 8}}} {}

    RawClient client() { return RawClient{address()}; }
    std::string room = open_group(app, Who::ana, R"(["bob"])");
};

}  // namespace

TEST_SUITE("server.shared_answers") {

    TEST_CASE_FIXTURE(Server, "requests of one connection are answered in their order") {
        RawClient talk = client();
        std::string requests;
        for (int n = 1; n <= 40; ++n) {
            requests += post("/api/v2/contacts", fmt::format(R"({{"name":"P{:02}"}})", n));
            requests += head("GET", "/api/v2/contacts?limit=1", "");
        }
        requests += post("/api/v2/contacts", R"({"name":7})");
        requests += head("GET", "/healthz", "Connection: close\r\n");
        talk.send(requests);
        const std::string answers = talk.read_all();
        std::string statuses;
        for (auto at = answers.find("HTTP/1.1 "); at != std::string::npos;
             at = answers.find("HTTP/1.1 ", at + 1))
            statuses += answers.substr(at + 9, 3) + ' ';
        std::string wanted;
        for (int n = 1; n <= 40; ++n) wanted += "201 200 ";
        CHECK(statuses == wanted + "400 200 ");
        // Each list holds what was answered before it, and nothing else.
        auto at = answers.find("\"total\":");
        for (int n = 1; n <= 40; ++n, at = answers.find("\"total\":", at + 1))
            CHECK(answers.substr(at, 10).starts_with(fmt::format("\"total\":{}", n)));
    }

    TEST_CASE_FIXTURE(Server, "many clients are each answered what they asked") {
        constexpr int clients = 16;
        constexpr int rounds = 25;
        std::atomic<int> wrong{0};
        std::vector<std::jthread> threads;
        threads.reserve(clients);
        for (int n = 0; n < clients; ++n) {
            threads.emplace_back([&, n] {
                Wire wire{address()};
                const std::string token = "Bearer " + std::string{token_of(Who::ana)};
                const auto expect = [&](int status, const std::string& holds,
                                        std::string_view method, const std::string& path,
                                        const std::string& body, const std::string& key = "") {
                    const std::string length = std::to_string(body.size());
                    Request request{.method = method, .target = path, .body = body};
                    request.headers = {{"Host", "localhost"}, {"Authorization", token}};
                    if (!body.empty()) {
                        request.headers.push_back({"Content-Type", "application/json"});
                        request.headers.push_back({"Content-Length", length});
                    }
                    if (!key.empty()) request.headers.push_back({"Idempotency-Key", key});
                    const Reply reply = wire.send(request);
                    if (reply.status() != status || reply.body().find(holds) == std::string::npos)
                        ++wrong;
                };
                const std::string nowhere =
                    "/api/v2/conversations/conv_00000000-0000-7000-8000-ffffffffffff/messages";
                const std::string nobody = "/api/v2/contacts/00000000-0000-7000-8000-ffffffffffff";
                for (int round = 0; round < rounds; ++round) {
                    const std::string text = fmt::format("text-{}-{}", n, round);
                    expect(201, text, "POST", room + "/messages",
                           fmt::format(R"({{"content":"{}"}})", text));
                    expect(400, "content", "POST", room + "/messages", R"({"content":""})");
                    expect(404, "NOT_FOUND", "POST", nowhere, R"({"content":"x"})");
                    const std::string email = fmt::format("r{}@x.org", round);
                    expect(201, email, "POST", "/api/v2/contacts",
                           fmt::format(R"({{"name":"N","email":"{}"}})", email),
                           fmt::format("key-{}", round));
                    expect(409, "email", "POST", "/api/v2/contacts",
                           fmt::format(R"({{"name":"N","email":"{}"}})", email));
                    expect(404, "NOT_FOUND", "DELETE", nobody, "");
                }
            });
        }
        threads.clear();
        CHECK(wrong == 0);
        const Reply page = app.send(Who::bob, "GET", room + "/messages?limit=1");
        CHECK(page.body().find(fmt::format("\"total\":{}", clients * rounds)) != std::string::npos);
        const Reply book = app.send(Who::ana, "GET", "/api/v2/contacts?limit=1");
        CHECK(book.body().find(fmt::format("\"total\":{}", rounds)) != std::string::npos);
    }

    TEST_CASE_FIXTURE(Server, "a client that is gone when its answer comes disturbs nobody") {
        for (int round = 0; round < 20; ++round) {
            RawClient stays = client();
            {
                RawClient leaves = client();
                leaves.send(post("/api/v2/contacts", R"({"name":"left"})"));
            }
            stays.send(post("/api/v2/contacts", R"({"name":"stayed"})", "Connection: close\r\n"));
            CHECK(status_of(stays.read_all()) == "201");
        }
    }

    TEST_CASE_FIXTURE(Server, "a stop answers all that has arrived") {
        constexpr int count = 12;
        std::vector<RawClient> clients;
        clients.reserve(count);
        for (int n = 0; n < count; ++n) clients.push_back(client());
        for (RawClient& talk : clients)
            talk.send(post(room + "/messages", R"({"content":"last"})"));
        CHECK(front.drain(5s));
        int answered = 0;
        for (RawClient& talk : clients)
            if (status_of(talk.read_all()) == "201") ++answered;
        const Reply page = app.send(Who::bob, "GET", room + "/messages?limit=1");
        CHECK(answered == count);
        CHECK(page.body().find(fmt::format("\"total\":{}", count)) != std::string::npos);
    }
}
