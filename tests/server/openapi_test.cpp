#include "api/contacts.hpp"
#include "api/routes.hpp"
#include "http/errors.hpp"
#include "openapi/document.hpp"

#include <lvng/crm/json.hpp>
#include <lvng/crm/testing.hpp>
#include <lvng/crm/version.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>

namespace lvng::server {
namespace {

using crm::ContactLimits;
using crm::JsonObject;
using crm::JsonValue;
using Texts = std::set<std::string>;

const JsonObject& document() {
    static const JsonObject parsed = JsonObject::parse(openapi_document());
    return parsed;
}

/// The value at the end of `keys`, which must be there.
const JsonValue& at(const JsonObject& start, std::initializer_list<std::string_view> keys) {
    static const JsonValue missing;
    const JsonObject* object = &start;
    const JsonValue* value = &missing;
    for (const std::string_view key : keys) {
        value = object != nullptr ? object->find(key) : nullptr;
        INFO(key);
        REQUIRE(value != nullptr);
        object = value->object();
    }
    return *value;
}

const JsonObject& object_at(std::initializer_list<std::string_view> keys) {
    return *at(document(), keys).object();
}

std::int64_t number(const JsonObject& schema, std::string_view keyword) {
    const JsonValue& value = at(schema, {keyword});
    REQUIRE(value.number() != nullptr);
    return value.number()->to_int64().value_or(-1);
}

std::size_t size_of(std::string_view schema, std::string_view keyword) {
    return static_cast<std::size_t>(number(object_at({"components", "schemas", schema}), keyword));
}

Texts keys_of(const JsonObject& object) {
    Texts keys;
    for (const crm::JsonMember& member : object.members()) keys.insert(member.key);
    return keys;
}

Texts texts_of(const JsonValue& value) {
    Texts texts;
    for (const JsonValue& item : *value.array()) texts.insert(*item.string());
    return texts;
}

/// `GET /healthz` and so on, one for each operation of the document.
Texts operations() {
    Texts found;
    for (const crm::JsonMember& path : object_at({"paths"}).members()) {
        for (std::string method : keys_of(*path.value.object())) {
            if (method == "parameters") continue;
            std::transform(method.begin(), method.end(), method.begin(), [](unsigned char letter) {
                return static_cast<char>(std::toupper(letter));
            });
            found.insert(method + ' ' + path.key);
        }
    }
    return found;
}

/// Names of the query parameters of the list, looked up behind their `$ref`.
Texts query_parameters() {
    Texts names;
    const JsonValue& parameters =
        at(document(), {"paths", "/api/v2/contacts", "get", "parameters"});
    for (const JsonValue& parameter : *parameters.array()) {
        const std::string& reference = *at(*parameter.object(), {"$ref"}).string();
        const std::string name = reference.substr(reference.rfind('/') + 1);
        names.insert(*at(document(), {"components", "parameters", name, "name"}).string());
    }
    return names;
}

/// `400 INVALID_JSON` and so on, one for each code of the document.
Texts documented_codes() {
    Texts codes;
    for (const JsonValue& code :
         *at(document(), {"components", "schemas", "ErrorCode", "oneOf"}).array()) {
        const std::string status = at(*code.object(), {"description"}).string()->substr(0, 3);
        codes.insert(status + ' ' + *at(*code.object(), {"const"}).string());
    }
    return codes;
}

Texts codes_of_the_table() {
    Texts codes;
    const auto add = [&](const ErrorKind& kind) {
        codes.insert(fmt::format("{} {}", kind.status, kind.code));
    };
    for (int code = 0; code <= static_cast<int>(crm::ErrorCode::internal); ++code)
        add(kind_of(static_cast<crm::ErrorCode>(code)));
    for (int error = 0; error <= static_cast<int>(HttpError::overloaded); ++error)
        add(kind_of(static_cast<HttpError>(error)));
    return codes;
}

}  // namespace

TEST_SUITE_BEGIN("server.openapi");

TEST_CASE("the document is OpenAPI 3.1 of this version") {
    CHECK(*at(document(), {"openapi"}).string() == "3.1.0");
    CHECK(*at(document(), {"info", "version"}).string() == crm::version());
}

TEST_CASE("the document has the routes that the router has, and no others") {
    crm::testing::TestCrm crm;
    Readiness readiness{crm.crm()};
    Texts routed;
    for (const Route& route : routes(crm.crm(), readiness))
        routed.insert(fmt::format("{} {}", route.method, route.path));
    CHECK(operations() == routed);
}

TEST_CASE("the document has the query parameters that the list reads") {
    CHECK(query_parameters() ==
          Texts{contact_list_parameters.begin(), contact_list_parameters.end()});
}

TEST_CASE("the document's limits are the library's") {
    CHECK(size_of("Name", "maxLength") == ContactLimits::name);
    CHECK(size_of("EmailAddress", "maxLength") == ContactLimits::email);
    CHECK(size_of("Phone", "maxLength") == ContactLimits::phone);
    CHECK(size_of("Company", "maxLength") == ContactLimits::company);
    CHECK(size_of("Title", "maxLength") == ContactLimits::title);
    CHECK(size_of("Notes", "maxLength") == ContactLimits::notes);
    CHECK(size_of("Tag", "maxLength") == ContactLimits::tag);
    CHECK(size_of("Tags", "maxItems") == ContactLimits::tags);
    const JsonObject& limit = object_at({"components", "parameters", "Limit", "schema"});
    CHECK(number(limit, "minimum") == 1);
    CHECK(number(limit, "maximum") == ContactLimits::page);
    CHECK(number(limit, "default") == crm::Page{}.limit);
    const JsonObject& offset = object_at({"components", "parameters", "Offset", "schema"});
    CHECK(number(offset, "minimum") == 0);
    CHECK(number(offset, "maximum") == ContactLimits::offset);
    CHECK(number(offset, "default") == crm::Page{}.offset);
}

TEST_CASE("the document's sources are the library's") {
    const Texts sources =
        texts_of(at(document(), {"components", "schemas", "ContactSource", "enum"}));
    CHECK(sources.size() == 4);
    for (const std::string& source : sources) CHECK(crm::parse_contact_source(source));
}

TEST_CASE("the document shows each field of a contact") {
    const JsonObject shown = JsonObject::parse(to_json(crm::Contact{}));
    const JsonObject& schema = object_at({"components", "schemas", "Contact"});
    CHECK(keys_of(*at(schema, {"properties"}).object()) == keys_of(shown));
    CHECK(texts_of(at(schema, {"required"})) == keys_of(shown));
}

TEST_CASE("the document has every error code with its status, and no others") {
    CHECK(documented_codes() == codes_of_the_table());
}

TEST_CASE("every operation but those of the server itself asks for a token") {
    for (const std::string& operation : operations()) {
        const auto blank = operation.find(' ');
        const std::string path = operation.substr(blank + 1);
        if (!path.starts_with("/api/")) continue;
        std::string method = operation.substr(0, blank);
        std::transform(method.begin(), method.end(), method.begin(), [](unsigned char letter) {
            return static_cast<char>(std::tolower(letter));
        });
        INFO(operation);
        const JsonObject& described = object_at({"paths", path, method});
        CHECK(described.find("security") == nullptr);
        CHECK(at(described, {"responses"}).object()->find("401") != nullptr);
    }
}

TEST_SUITE_END();

}  // namespace lvng::server
