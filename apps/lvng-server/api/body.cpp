#include "api/body.hpp"

#include <algorithm>
#include <utility>

namespace lvng::server {
namespace {

constexpr std::string_view wants_text = "must be a string";
constexpr std::string_view wants_texts = "must be a list of strings";

/// At most 64 bytes of a name that the caller chose, cut between two characters.
std::string_view shortened(std::string_view name) {
    constexpr std::size_t longest = 64;
    if (name.size() <= longest) return name;
    std::size_t end = longest;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xc0) == 0x80) --end;
    return name.substr(0, end);
}

std::optional<std::vector<std::string>> texts_of(const crm::JsonValue& value) {
    const crm::JsonArray* items = value.array();
    if (items == nullptr) return std::nullopt;
    std::vector<std::string> texts;
    texts.reserve(items->size());
    for (const crm::JsonValue& item : *items) {
        if (item.string() == nullptr) return std::nullopt;
        texts.push_back(*item.string());
    }
    return texts;
}

}  // namespace

const crm::JsonValue* BodyReader::find(std::string_view field) {
    known_.push_back(field);
    return body_.find(field);
}

void BodyReader::note(std::string_view field, std::string_view message) {
    const bool noted =
        std::any_of(errors_.begin(), errors_.end(),
                    [&](const crm::FieldError& error) { return error.field == field; });
    if (!noted) errors_.push_back({.field = std::string{field}, .message = std::string{message}});
}

template <class Text>
void BodyReader::take_text(std::string_view field, Text& out) {
    const crm::JsonValue* value = find(field);
    if (value == nullptr || value->is_null()) return;
    if (const std::string* text = value->string())
        out = *text;
    else
        note(field, wants_text);
}

void BodyReader::take(std::string_view field, std::string& out) {
    take_text(field, out);
}

void BodyReader::take(std::string_view field, std::optional<std::string>& out) {
    take_text(field, out);
}

void BodyReader::take(std::string_view field, std::vector<std::string>& out) {
    const crm::JsonValue* value = find(field);
    if (value == nullptr || value->is_null()) return;
    if (auto texts = texts_of(*value))
        out = std::move(*texts);
    else
        note(field, wants_texts);
}

void BodyReader::take(std::string_view field, crm::ContactSource& out) {
    const crm::JsonValue* value = find(field);
    if (value == nullptr || value->is_null()) return;
    const std::string* text = value->string();
    if (text == nullptr) return note(field, wants_text);
    if (const auto source = crm::parse_contact_source(*text))
        out = *source;
    else
        note(field, "must be manual, meeting, message or email");
}

void BodyReader::require(std::string_view field) {
    const crm::JsonValue* value = find(field);
    if (value == nullptr || value->is_null()) note(field, "is required");
}

void BodyReader::take(std::string_view field, crm::Change<std::string>& out) {
    const crm::JsonValue* value = find(field);
    if (value == nullptr) return;
    if (value->is_null())
        out = crm::clear;
    else if (const std::string* text = value->string())
        out = *text;
    else
        note(field, wants_text);
}

void BodyReader::take(std::string_view field, crm::Change<std::vector<std::string>>& out) {
    const crm::JsonValue* value = find(field);
    if (value == nullptr) return;
    if (value->is_null())
        out = crm::clear;
    else if (auto texts = texts_of(*value))
        out = std::move(*texts);
    else
        note(field, wants_texts);
}

void BodyReader::refuse(std::string_view field, std::string_view reason) {
    if (find(field) != nullptr) note(field, reason);
}

void BodyReader::refuse_unknown() {
    for (const crm::JsonMember& member : body_.members())
        if (std::find(known_.begin(), known_.end(), member.key) == known_.end())
            note(shortened(member.key), "is not a known field");
}

void BodyReader::check(const std::vector<crm::FieldError>& broken_rules) {
    for (const crm::FieldError& broken : broken_rules) note(broken.field, broken.message);
    if (!errors_.empty()) throw crm::invalid_fields(errors_);
}

}  // namespace lvng::server
