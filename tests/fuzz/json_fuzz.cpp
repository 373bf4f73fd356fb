#include "fuzz/property.hpp"

#include <lvng/crm/error.hpp>
#include <lvng/crm/json.hpp>

#include <cmath>
#include <optional>
#include <string>

using namespace lvng::crm;
using fuzz::require;

namespace {

std::optional<JsonObject> read(std::string_view text) {
    try {
        return JsonObject::parse(text);
    } catch (const Error& error) {
        require(error.code() == ErrorCode::invalid, "a refusal is invalid");
        require(error.message().starts_with("not valid JSON: "), "a refusal says so");
        require(error.message().size() <= 200, "a refusal is short");
        return std::nullopt;
    }
}

void check_number(const JsonNumber& number) {
    const std::optional<std::int64_t> whole = number.to_int64();
    const std::optional<double> real = number.to_double();
    if (real) require(std::isfinite(*real), "a double is finite");
    if (!whole) return;
    require(real.has_value(), "an integer is a double too");
    require(*real == static_cast<double>(*whole), "both are one number");
}

void check_object(const JsonObject& object, int depth);

void check_value(const JsonValue& value, int depth) {
    if (const JsonNumber* number = value.number()) check_number(*number);
    if (const std::string* text = value.string()) {
        require(text->find('\0') == std::string::npos, "no string holds U+0000");
    }
    if (const JsonObject* object = value.object()) check_object(*object, depth + 1);
    if (const JsonArray* array = value.array()) {
        require(depth < JsonObject::max_depth, "arrays are no deeper than the limit");
        for (const JsonValue& item : *array) check_value(item, depth + 1);
    }
}

void check_object(const JsonObject& object, int depth) {
    require(depth <= JsonObject::max_depth, "objects are no deeper than the limit");
    require(object.size() <= JsonObject::max_members, "objects are no larger than the limit");
    for (const JsonMember& member : object.members()) {
        require(object.find(member.key) == &member.value, "no key is there twice");
        require(member.key.find('\0') == std::string::npos, "no key holds U+0000");
        check_value(member.value, depth);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::optional<JsonObject> object = read(fuzz::text_of(data, size));
    if (!object) return 0;
    check_object(*object, 1);

    const std::string text = object->to_text();
    const std::optional<JsonObject> again = read(text);
    require(again.has_value(), "what is written is read");
    require(*again == *object, "what is written is the same");
    require(again->to_text() == text, "it is written in one way");
    require(read("\r\n\t " + text + " \n") == object, "white space around says nothing");
    require(!read(std::string_view{text}.substr(0, text.size() - 1)), "an end is needed");
    require(!read(text + "}"), "one end is enough");
    require(!read("[" + text + "]"), "an array is no object");
    return 0;
}
