#include "support/forwarding_store.hpp"
#include "support/fronts.hpp"
#include "support/raw_client.hpp"
#include "support/wire.hpp"

#include <lvng/crm/sqlite.hpp>
#include <lvng/crm/testing.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

using namespace lvng::server;
namespace crm = lvng::crm;
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

/// Finds contacts together, and its first callers are stuck for as long as the test likes.
class SlowStore final : public crm::test::ForwardingStore {
public:
    explicit SlowStore(int stuck) : left_{stuck} {}

    void find_each(std::span<crm::ContactRequest* const> requests,
                   crm::Deadline deadline) override {
        if (--left_ >= 0) {
            ++stuck_;
            stuck_.notify_all();
            go_on_.wait(false);
        }
        ForwardingStore::find_each(requests, deadline);
    }
    [[nodiscard]] bool gains_by_find_each() const noexcept override { return true; }
    /// Until so many are stuck.
    void wait_for_stuck(int count) {
        for (int now = stuck_; now < count; now = stuck_) stuck_.wait(now);
    }
    void go_on() {
        go_on_ = true;
        go_on_.notify_all();
    }

private:
    crm::Store& inner() const override { return *store_; }

    std::unique_ptr<crm::Store> store_ = crm::sqlite_store({.path = ":memory:"});
    std::atomic<int> left_;  // who will be stuck
    std::atomic<int> stuck_{0};
    std::atomic<bool> go_on_{false};
};

/// A server on it, with one contact.
struct SlowServer {
    explicit SlowServer(std::unique_ptr<SlowStore> owned) : store{*owned}, crm{std::move(owned)} {
        const crm::Principal ana = tokens.verify(token_of(Who::ana)).principal;
        contact = "/api/v2/contacts/" + crm.contacts().create(ana, {.name = "Jane"}).id.to_string();
        front.start();
    }
    ~SlowServer() { store.go_on(); }

    RawClient asking(const std::string& path) {
        RawClient client{Poco::Net::SocketAddress{front.url().substr(7)}};
        client.send(head("GET", path, "Connection: close\r\n"));
        return client;
    }

    SlowStore& store;
    crm::Crm crm;
    crm::testing::FixedClock clock;
    KnownTokens tokens;
    Log log{LogLevel::off, clock, [](std::string_view) {}};
    App app{{.crm = crm, .verifier = tokens, .clock = clock, .log = log},
            {.boundary = {.contacts_rate = {}}}};
    Front front{app.boundary(),
                bound_socket("127.0.0.1", 0),
                {.crew = {.active = 2, .reserve = 8}, .readers = {.usual = 1, .most = 4}}};
    std::string contact;
};

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

    TEST_CASE("contacts that are read together are each answered what they asked") {
        SlowServer server{std::make_unique<SlowStore>(1)};
        RawClient first = server.asking(server.contact);
        std::vector<RawClient> clients;
        for (int n = 0; n < 8; ++n) {
            clients.push_back(server.asking(server.contact));
            clients.push_back(
                server.asking("/api/v2/contacts/00000000-0000-7000-8000-00000000000f"));
            clients.push_back(server.asking("/api/v2/contacts/Jane"));
        }
        server.store.go_on();
        CHECK(first.read_all().find("Jane") != std::string::npos);
        for (std::size_t n = 0; n < clients.size(); n += 3) {
            CHECK(clients[n].read_all().find("Jane") != std::string::npos);
            CHECK(status_of(clients[n + 1].read_all()) == "404");
            CHECK(status_of(clients[n + 2].read_all()) == "400");
        }
    }

    TEST_CASE("whoever is stuck reading holds up nobody else") {
        SlowServer server{std::make_unique<SlowStore>(3)};
        std::vector<RawClient> stuck;
        for (int n = 0; n < 3; ++n) {
            stuck.push_back(server.asking(server.contact));
            server.store.wait_for_stuck(n + 1);
        }
        for (int n = 0; n < 50; ++n)
            CHECK(status_of(server.asking(server.contact).read_all()) == "200");
        server.store.go_on();
        for (RawClient& client : stuck) CHECK(status_of(client.read_all()) == "200");
    }

    TEST_CASE("a stop ends although all who read are stuck") {
        SlowServer server{std::make_unique<SlowStore>(100)};
        std::vector<RawClient> clients;
        clients.push_back(server.asking(server.contact));
        server.store.wait_for_stuck(1);
        for (int n = 1; n < 12; ++n) clients.push_back(server.asking(server.contact));
        server.store.wait_for_stuck(2);  // beside the first, with all or most of the others
        std::jthread later{[&] {
            std::this_thread::sleep_for(200ms);
            server.store.go_on();
        }};
        CHECK(server.front.drain(10s));
        for (RawClient& client : clients) CHECK(status_of(client.read_all()) == "200");
    }
}
