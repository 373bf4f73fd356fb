#include "api/body.hpp"

#include <algorithm>

namespace lvng::server {
namespace {

/// At most 64 bytes of a name that the caller chose, cut between two characters.
std::string_view shortened(std::string_view name) {
    constexpr std::size_t longest = 64;
    if (name.size() <= longest) return name;
    std::size_t end = longest;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xc0) == 0x80) --end;
    return name.substr(0, end);
}

}  // namespace

const crm::JsonValue* BodyReader::find(std::string_view field) {
    known_.push_back(field);
    return body_.find(field);
}

void BodyReader::require(std::string_view field) {
    const crm::JsonValue* value = find(field);
    if (value == nullptr || value->is_null()) errors_.note(field, "is required");
}

void BodyReader::refuse(std::string_view field, std::string_view reason) {
    if (find(field) != nullptr) errors_.note(field, reason);
}

void BodyReader::refuse_unknown() {
    for (const crm::JsonMember& member : body_.members())
        if (std::find(known_.begin(), known_.end(), member.key) == known_.end())
            errors_.note(shortened(member.key), "is not a known field");
}

}  // namespace lvng::server
