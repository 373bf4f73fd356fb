#include "conversations/rules/message_rules.hpp"

#include "conversations/rules/json_rules.hpp"
#include "text/field_rules.hpp"
#include "text/unicode.hpp"

#include <fmt/format.h>

#include <utility>

namespace lvng::crm::rules {
namespace {

using text::Complaint;

Complaint bad_content(const std::string& content) {
    Complaint complaint = text::bad_block(content, MessageLimits::content);
    if (!complaint && text::is_blank(content)) return "must not be blank";
    return complaint;
}

std::vector<FieldError> refused(const std::string* content, const JsonText* metadata) {
    std::vector<FieldError> fields;
    if (content) {
        if (Complaint complaint = bad_content(*content)) fields.push_back({"content", *complaint});
    }
    if (metadata) {
        if (Complaint complaint = bad_json(*metadata, MessageLimits::metadata)) {
            fields.push_back({"metadata", *complaint});
        }
    }
    return fields;
}

}  // namespace

void check(const NewMessage& draft) {
    std::vector<FieldError> fields = bad_fields(draft);
    if (!fields.empty()) throw invalid_fields(std::move(fields));
}

void check(const MessageChanges& changes) {
    std::vector<FieldError> fields = bad_fields(changes);
    if (!fields.empty()) throw invalid_fields(std::move(fields));
}

void check(const MessageQuery& query) {
    std::vector<FieldError> fields = bad_fields(query);
    if (!fields.empty()) throw invalid_fields(std::move(fields));
}

Message with_changes(Message message, const MessageChanges& changes) {
    text::apply(message.content, changes.content);
    apply(message.metadata, changes.metadata);
    return message;
}

Message tombstone_of(Message message, Timestamp at) {
    message.content.clear();
    message.metadata = JsonText{};
    message.updated_at = at;
    message.deleted_at = at;
    return message;
}

}  // namespace lvng::crm::rules

namespace lvng::crm::inline v0 {

std::vector<FieldError> bad_fields(const NewMessage& draft) {
    return rules::refused(&draft.content, &draft.metadata);
}

std::vector<FieldError> bad_fields(const MessageChanges& changes) {
    static const std::string cleared;
    return rules::refused(changes.content.clears() ? &cleared : changes.content.value(),
                          changes.metadata.value());
}

std::vector<FieldError> bad_fields(const MessageQuery& query) {
    std::vector<FieldError> fields;
    if (query.limit < 1 || query.limit > MessageLimits::page) {
        fields.push_back({"limit", fmt::format("must be from 1 to {}", MessageLimits::page)});
    }
    const text::Complaint bad_search = text::bad_search(query.search);
    if (bad_search) fields.push_back({"search", *bad_search});
    const bool searches = bad_search || !text::is_blank(query.search);
    if (query.around && (query.cursor || query.direction == PageDirection::newer || searches)) {
        fields.push_back({"around", "must stand without cursor, direction and search"});
    }
    return fields;
}

}  // namespace lvng::crm::inline v0
