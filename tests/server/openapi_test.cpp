#include "api/contacts.hpp"
#include "api/conversations.hpp"
#include "api/messages.hpp"
#include "api/metrics.hpp"
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
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace lvng::server {
namespace {

using crm::ContactLimits;
using crm::ConversationLimits;
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

/// Names of the query parameters of a list, looked up behind their `$ref`.
Texts query_parameters(std::string_view path) {
    Texts names;
    const JsonValue& parameters = at(document(), {"paths", path, "get", "parameters"});
    for (const JsonValue& parameter : *parameters.array()) {
        const std::string& reference = *at(*parameter.object(), {"$ref"}).string();
        const std::string name = reference.substr(reference.rfind('/') + 1);
        names.insert(*at(document(), {"components", "parameters", name, "name"}).string());
    }
    return names;
}

/// What a page may hold, in the parameter and in the answer.
void check_limit(std::string_view parameter, std::int64_t most, std::int64_t fallback) {
    const JsonObject& limit = object_at({"components", "parameters", parameter, "schema"});
    CHECK(number(limit, "minimum") == 1);
    CHECK(number(limit, "maximum") == most);
    CHECK(number(limit, "default") == fallback);
}

/// The values of an enum, each of which `parse` must know.
template <class Value>
void check_words(std::string_view schema, std::size_t count,
                 std::optional<Value> (*parse)(std::string_view)) {
    const Texts words = texts_of(at(document(), {"components", "schemas", schema, "enum"}));
    CHECK(words.size() == count);
    for (const std::string& word : words) CHECK(parse(word));
}

/// Whether the schema shows and requires exactly the members of a printed value.
void check_fields(std::string_view name, const std::string& json) {
    const Texts shown = keys_of(JsonObject::parse(json));
    const JsonObject& schema = object_at({"components", "schemas", name});
    CHECK(keys_of(*at(schema, {"properties"}).object()) == shown);
    CHECK(texts_of(at(schema, {"required"})) == shown);
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
    PageCache pages{[&] { return crm.crm().moment(); }};
    Texts routed;
    std::vector<Route> all = routes(crm.crm(), readiness, pages);
    const Metrics metrics;
    all.push_back(metrics_route(metrics, "token"));
    for (const Route& route : all) routed.insert(fmt::format("{} {}", route.method, route.path));
    CHECK(operations() == routed);
}

TEST_CASE("the document has the query parameters that the lists read") {
    CHECK(query_parameters("/api/v2/contacts") ==
          Texts{contact_list_parameters.begin(), contact_list_parameters.end()});
    CHECK(query_parameters("/api/v2/conversations") ==
          Texts{conversation_list_parameters.begin(), conversation_list_parameters.end()});
    CHECK(query_parameters("/api/v2/conversations/{id}/messages") ==
          Texts{message_list_parameters.begin(), message_list_parameters.end()});
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
    check_limit("Limit", ContactLimits::page, crm::Page{}.limit);
    const JsonObject& offset = object_at({"components", "parameters", "Offset", "schema"});
    CHECK(number(offset, "minimum") == 0);
    CHECK(number(offset, "maximum") == ContactLimits::offset);
    CHECK(number(offset, "default") == crm::Page{}.offset);
}

TEST_CASE("the document's limits of conversations are the library's") {
    CHECK(size_of("ConversationName", "maxLength") == ConversationLimits::name);
    CHECK(size_of("Description", "maxLength") == ConversationLimits::description);
    CHECK(size_of("Settings", "x-maxBytes") == ConversationLimits::settings);
    CHECK(size_of("Content", "maxLength") == crm::MessageLimits::content);
    CHECK(size_of("Metadata", "x-maxBytes") == crm::MessageLimits::metadata);
    const auto property = [](std::string_view schema, std::string_view name) -> const JsonObject& {
        return object_at({"components", "schemas", schema, "properties", name});
    };
    CHECK(number(property("NewConversation", "member_ids"), "maxItems") ==
          ConversationLimits::members);
    CHECK(number(property("Conversation", "member_count"), "maximum") ==
          ConversationLimits::members + 1);
    CHECK(number(property("Settings", "agent_run_limit"), "maximum") ==
          ConversationLimits::agent_run_limit);
    CHECK(number(property("ReadReceipts", "message_ids"), "maxItems") ==
          crm::ReceiptLimits::messages);
    CHECK(number(property("ConversationList", "data"), "maxItems") == ConversationLimits::page);
    CHECK(number(property("MessageList", "data"), "maxItems") == crm::MessageLimits::page);
    check_limit("ConversationLimit", ConversationLimits::page, ConversationLimits::page_default);
    check_limit("MessageLimit", crm::MessageLimits::page, crm::MessageQuery{}.limit);
    static_assert(ConversationLimits::offset == ContactLimits::offset);  // one parameter for both
}

TEST_CASE("the document's words are the library's") {
    check_words<crm::ContactSource>(
        "ContactSource", 4, [](std::string_view text) { return crm::parse_contact_source(text); });
    check_words<crm::ConversationType>("ConversationType", 3, [](std::string_view text) {
        return crm::parse_conversation_type(text);
    });
    check_words<crm::MemberType>(
        "MemberType", 3, [](std::string_view text) { return crm::parse_member_type(text); });
    check_words<crm::MemberRole>(
        "MemberRole", 2, [](std::string_view text) { return crm::parse_member_role(text); });
    check_words<crm::MessageType>(
        "MessageType", 4, [](std::string_view text) { return crm::parse_message_type(text); });
}

TEST_CASE("the document shows each field of what is answered") {
    check_fields("Contact", to_json(crm::Contact{}));
    check_fields("Conversation", to_json(crm::Conversation{}));
    check_fields("Message", to_json(crm::Message{}));
    std::string member;
    append_json(member, crm::Member{});
    check_fields("Member", member);
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
