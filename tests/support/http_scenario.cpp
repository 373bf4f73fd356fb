#include "support/http_scenario.hpp"

#include "http/ascii.hpp"

#include <lvng/crm/error.hpp>
#include <lvng/crm/json.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

namespace lvng::server::testing {
namespace {

crm::Principal principal_of(Who who) {
    const bool another = who == Who::ana_of_another;
    return {.tenant = crm::TenantId{another ? "umbrella" : "acme"},
            .user = crm::UserId{who == Who::bob ? "bob" : "ana"}};
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
    case Who::ana_of_another:
        return "token-of-another-ana";
    }
    return {};
}

crm::VerifiedToken KnownTokens::verify(std::string_view token) const {
    for (const Who who : {Who::ana, Who::bob, Who::ana_of_another})
        if (token == token_of(who)) return {.principal = principal_of(who)};
    throw crm::Error{crm::ErrorCode::unauthenticated, "not one of the known tokens"};
}

std::string contact_path(int n) {
    return fmt::format("/api/v2/contacts/00000000-0000-7000-8000-{:012x}", n);
}

TestServer::TestServer(Boundary::Options options)
    : log_{LogLevel::debug, crm_.clock(), [this](std::string_view line) {
               const std::lock_guard lock{log_mutex_};
               log_text_ += line;
           }} {
    options.steady_now = [this] { return steady_now_; };
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
    return transport_->send(request);
}

std::string TestServer::create(Who who, std::string_view body) {
    const Reply reply = send(who, "POST", "/api/v2/contacts", body);
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
