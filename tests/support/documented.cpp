#include "support/documented.hpp"

#include "openapi/document.hpp"
#include "support/http_scenario.hpp"

#include <lvng/crm/json.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace lvng::server::testing {
namespace {

using crm::JsonObject;

const JsonObject* member(const JsonObject* object, std::string_view name) {
    const crm::JsonValue* value = object != nullptr ? object->find(name) : nullptr;
    return value != nullptr ? value->object() : nullptr;
}

/// `post` for POST, and `get` for HEAD too.
std::string operation_name(std::string_view method) {
    if (method == "HEAD") return "get";
    std::string name{method};
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char letter) { return static_cast<char>(letter | 0x20); });
    return name;
}

/// What the document says of an answer with this status, or null.
const JsonObject* documented(const Route& route, std::string_view method, int status) {
    static const JsonObject document = JsonObject::parse(openapi_document());
    const JsonObject* operation =
        member(member(member(&document, "paths"), route.path), operation_name(method));
    const JsonObject* answer = member(member(operation, "responses"), std::to_string(status));
    const crm::JsonValue* reference = answer != nullptr ? answer->find("$ref") : nullptr;
    if (reference == nullptr) return answer;
    const std::string& path = *reference->string();
    return member(member(member(&document, "components"), "responses"),
                  std::string_view{path}.substr(path.rfind('/') + 1));
}

}  // namespace

void check_documented(const Router& router, const Request& request, const Reply& reply) {
    const Target target{request.target};
    const Router::Match match = router.find(request.method, target);
    if (match.route == nullptr) return;
    CAPTURE(request.method);
    CAPTURE(match.route->path);
    CAPTURE(reply.status());
    const JsonObject* answer = documented(*match.route, request.method, reply.status());
    CHECK_MESSAGE(answer != nullptr, "the document does not have this answer");
    if (answer == nullptr || reply.status() < 400 || reply.body().empty()) return;
    const std::string code = error_member(reply.body(), "code");
    if (code.empty()) return;  // not an error, as of `/readyz`
    const std::string& description = *answer->find("description")->string();
    CHECK_MESSAGE(description.find('`' + code + '`') != std::string::npos, code,
                  " is not in: ", description);
}

}  // namespace lvng::server::testing
