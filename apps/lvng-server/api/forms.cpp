#include "api/forms.hpp"

#include <optional>

namespace lvng::server {
namespace {

template <class Value>
Complaint accept(const std::optional<Value>& read, std::string_view wanted, Value& out) {
    if (!read) return Complaint{wanted};
    out = *read;
    return {};
}

}  // namespace

Complaint read_text(std::string_view text, std::string& out) {
    out = text;
    return {};
}

Complaint read_text(std::string_view text, bool& out) {
    if (text != "true" && text != "false") return "must be true or false";
    out = text == "true";
    return {};
}

Complaint read_text(std::string_view text, crm::ContactSource& out) {
    return accept(crm::parse_contact_source(text), "must be manual, meeting, message or email",
                  out);
}

Complaint read_text(std::string_view text, crm::ConversationType& out) {
    return accept(crm::parse_conversation_type(text), "must be direct, group or project", out);
}

Complaint read_text(std::string_view text, crm::MemberType& out) {
    return accept(crm::parse_member_type(text), "must be user, twin or agent", out);
}

Complaint read_text(std::string_view text, crm::MessageType& out) {
    return accept(crm::parse_message_type(text), "must be user, twin, agent or system", out);
}

Complaint read_text(std::string_view text, crm::PageDirection& out) {
    if (text != "older" && text != "newer") return "must be older or newer";
    out = text == "older" ? crm::PageDirection::older : crm::PageDirection::newer;
    return {};
}

Complaint read_json(const crm::JsonValue& value, bool& out) {
    const bool* read = value.boolean();
    if (read == nullptr) return "must be true or false";
    out = *read;
    return {};
}

Complaint read_json(const crm::JsonValue& value, crm::JsonText& out) {
    const crm::JsonObject* object = value.object();
    if (object == nullptr) return "must be an object";
    out = *object;
    return {};
}

}  // namespace lvng::server
