#include "support/http_scenario.hpp"

#include "http/ascii.hpp"
#include "support/documented.hpp"

#include <lvng/crm/error.hpp>
#include <lvng/crm/json.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

namespace lvng::server::testing {
namespace {

std::string_view user_of(Who who) {
    switch (who) {
    case Who::bob:
        return "bob";
    case Who::cid:
        return "cid";
    case Who::dan:
        return "dan";
    default:
        return "ana";
    }
}

crm::Principal principal_of(Who who) {
    const bool another = who == Who::ana_of_another;
    return {.tenant = crm::TenantId{another ? "umbrella" : "acme"},
            .user = crm::UserId{user_of(who)},
            .name = who == Who::ana ? "Ana" : ""};
}

void replace(Headers& headers, const std::pair<std::string, std::string>& header) {
    std::erase_if(headers, [&](const auto& old) { return same_name(old.first, header.first); });
    if (!header.second.empty()) headers.push_back(header);
}

const crm::JsonObject* error_of(const crm::JsonObject& body) {
    const crm::JsonValue* error = body.find("error");
    return error != nullptr ? error->object() : nullptr;
}

std::string text_member(const crm::JsonObject& object, std::string_view name) {
    const crm::JsonValue* value = object.find(name);
    return value != nullptr && value->string() != nullptr ? *value->string() : std::string{};
}

}  // namespace

std::string_view token_of(Who who) noexcept {
    switch (who) {
    case Who::guest:
        return {};
    case Who::ana:
        return "token-of-ana";
    case Who::bob:
        return "token-of-bob";
    case Who::cid:
        return "token-of-cid";
    case Who::dan:
        return "token-of-dan";
    case Who::ana_of_another:
        return "token-of-another-ana";
    }
    return {};
}

crm::VerifiedToken KnownTokens::verify(std::string_view token) const {
    for (const Who who : {Who::ana, Who::bob, Who::cid, Who::dan, Who::ana_of_another})
        if (token == token_of(who)) return {.principal = principal_of(who)};
    throw crm::Error{crm::ErrorCode::unauthenticated, "not one of the known tokens"};
}

std::string contact_path(int n) {
    return fmt::format("/api/v2/contacts/00000000-0000-7000-8000-{:012x}", n);
}

std::string id_in(std::string_view path) {
    return std::string{path.substr(path.rfind('/') + 1)};
}

TestServer::TestServer(App::Options options)
    : log_{LogLevel::debug, crm_.clock(), [this](std::string_view line) {
               const std::lock_guard lock{log_mutex_};
               log_text_ += line;
           }} {
    options.boundary.steady_now = [this] { return steady_now_; };
    app_ = std::make_unique<App>(
        App::Parts{.crm = crm_.crm(), .verifier = tokens_, .clock = crm_.clock(), .log = log_},
        std::move(options));
    transport_ = std::make_unique<Transport>(boundary());
}

Reply TestServer::send(Who who, std::string_view method, std::string_view target,
                       std::string_view body, const Headers& more) {
    Headers headers{{"Host", "localhost"}};
    if (who != Who::guest)
        headers.emplace_back("Authorization", fmt::format("Bearer {}", token_of(who)));
    if (!body.empty()) {
        headers.emplace_back("Content-Type", "application/json");
        headers.emplace_back("Content-Length", std::to_string(body.size()));
    }
    for (const auto& header : more) replace(headers, header);
    Request request{.method = method, .target = target, .body = body, .peer = "192.0.2.7"};
    for (const auto& [name, value] : headers)
        request.headers.push_back({.name = name, .value = value});
    Reply reply = transport_->send(request);
    check_documented(boundary().router(), request, reply);
    return reply;
}

std::string TestServer::create(Who who, std::string_view body) {
    return create_at(who, "/api/v2/contacts", body);
}

std::string TestServer::create_at(Who who, std::string_view path, std::string_view body) {
    const Reply reply = send(who, "POST", path, body);
    REQUIRE_MESSAGE(reply.status() == 201, reply.body());
    return *reply.header("Location");
}

void TestServer::advance(std::chrono::milliseconds by) {
    steady_now_ += by;
    crm_.clock().advance(by);
}

std::string TestServer::log_text() const {
    const std::lock_guard lock{log_mutex_};
    return log_text_;
}

void check_answer(const HttpScenario& wanted, int status, std::string_view body) {
    const std::string shown{body.substr(0, 2000)};
    CHECK_MESSAGE(status == wanted.status, shown);
    for (const std::string& part : wanted.contains)
        CHECK_MESSAGE(body.find(part) != std::string_view::npos, "lacks ", part, " in ", shown);
    for (const std::string& part : wanted.lacks)
        CHECK_MESSAGE(body.find(part) == std::string_view::npos, "has ", part, " in ", shown);
}

void run(TestServer& server, const std::vector<HttpScenario>& table) {
    for (const HttpScenario& row : table) {
        CAPTURE(row.method);
        CAPTURE(row.path);
        CAPTURE(row.body);
        const Reply reply = server.send(row.who, row.method, row.path, row.body);
        check_answer(row, reply.status(), reply.body());
    }
}

std::string open_group(TestServer& server, Who admin, std::string_view members) {
    return server.create_at(
        admin, conversations,
        fmt::format(R"({{"conversation_type":"group","member_ids":{}}})", members));
}

std::string say(TestServer& server, Who who, std::string_view conversation,
                std::string_view content) {
    return server.create_at(who, fmt::format("{}/messages", conversation),
                            fmt::format(R"({{"content":"{}"}})", content));
}

void check_refusals(TestServer& server, const RefusedRequest& request,
                    const std::vector<Refused>& table) {
    const bool by_query = request.method == "GET";
    for (const auto& [given, fields] : table) {
        CAPTURE(given.substr(0, 200));
        const std::string target = by_query ? request.path + "?" + given : request.path;
        const Reply reply =
            server.send(request.who, request.method, target, by_query ? std::string_view{} : given);
        CHECK(reply.status() == (fields.empty() ? request.success : 400));
        CHECK(bad_fields(reply.body()) == fields);
        if (!fields.empty()) CHECK(error_member(reply.body(), "code") == "VALIDATION_ERROR");
    }
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += text;
    return out;
}

std::string quoted(std::string_view text) {
    return '"' + std::string{text} + '"';
}

std::string object_of(std::size_t bytes) {
    return R"({"a":")" + std::string(bytes - 8, 'x') + R"("})";
}

std::string message_with(std::string_view field, std::string_view json) {
    return fmt::format(R"({{"content":"hello","{}":{}}})", field, json);
}

std::string error_member(std::string_view body, std::string_view name) {
    const crm::JsonObject object = crm::JsonObject::parse(body);
    const crm::JsonObject* error = error_of(object);
    return error != nullptr ? text_member(*error, name) : std::string{};
}

std::vector<std::string> bad_fields(std::string_view body) {
    std::vector<std::string> fields;
    const crm::JsonObject object = crm::JsonObject::parse(body);
    const crm::JsonObject* error = error_of(object);
    const crm::JsonValue* details = error != nullptr ? error->find("details") : nullptr;
    if (details == nullptr || details->array() == nullptr) return fields;
    for (const crm::JsonValue& detail : *details->array())
        if (detail.object() != nullptr) fields.push_back(text_member(*detail.object(), "field"));
    return fields;
}

}  // namespace lvng::server::testing
