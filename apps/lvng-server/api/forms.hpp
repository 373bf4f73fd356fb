#pragma once

#include <lvng/crm/contacts/contacts.hpp>
#include <lvng/crm/conversations/conversations.hpp>
#include <lvng/crm/conversations/members.hpp>
#include <lvng/crm/conversations/messages.hpp>
#include <lvng/crm/error.hpp>
#include <lvng/crm/id.hpp>
#include <lvng/crm/json.hpp>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lvng::server {

/// What a value must be where it is not: the message of a `FieldError`. Empty: it was read.
using Complaint = std::string;

// How values are written as texts, in queries, paths and strings of a body. Pure; `out` stays as
// it is where there is a complaint.
Complaint read_text(std::string_view text, std::string& out);
Complaint read_text(std::string_view text, bool& out);
Complaint read_text(std::string_view text, crm::ContactSource& out);
Complaint read_text(std::string_view text, crm::ConversationType& out);
Complaint read_text(std::string_view text, crm::MemberType& out);
Complaint read_text(std::string_view text, crm::MessageType& out);
Complaint read_text(std::string_view text, crm::PageDirection& out);

/// An id of any kind, in the library's own words where it is none.
template <class Id>
Complaint read_id(std::string_view text, Id& out) try {
    out = Id{text};
    return {};
} catch (const crm::Error& error) {
    return error.fields().front().message;
}
template <class Kind>
Complaint read_text(std::string_view text, crm::UuidId<Kind>& out) {
    return read_id(text, out);
}
template <class Kind>
Complaint read_text(std::string_view text, crm::OpaqueId<Kind>& out) {
    return read_id(text, out);
}

// How values are written in a body.
Complaint read_json(const crm::JsonValue& value, bool& out);
Complaint read_json(const crm::JsonValue& value, crm::JsonText& out);

template <class Value>
Complaint read_json(const crm::JsonValue& value, Value& out) {
    if (const std::string* text = value.string()) return read_text(*text, out);
    return "must be a string";
}

template <class Item>
Complaint read_json(const crm::JsonValue& value, std::vector<Item>& out) {
    const crm::JsonArray* items = value.array();
    if (items == nullptr) return "must be a list";
    std::vector<Item> read(items->size());
    for (std::size_t i = 0; i < read.size(); ++i)
        if (const Complaint wrong = read_json((*items)[i], read[i]); !wrong.empty())
            return "each item " + wrong;
    out = std::move(read);
    return {};
}

/// An object whose keys the caller chooses.
template <class Value>
Complaint read_json(const crm::JsonValue& value, std::map<std::string, Value>& out) {
    const crm::JsonObject* object = value.object();
    if (object == nullptr) return "must be an object";
    std::map<std::string, Value> read;
    for (const crm::JsonMember& member : object->members())
        if (const Complaint wrong = read_json(member.value, read[member.key]); !wrong.empty())
            return "each value " + wrong;
    out = std::move(read);
    return {};
}

}  // namespace lvng::server
