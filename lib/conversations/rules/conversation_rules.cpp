#include "conversations/rules/conversation_rules.hpp"

#include "conversations/rules/json_rules.hpp"
#include "text/field_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace lvng::crm::rules {
namespace {

using text::Complaint;

void report(std::vector<FieldError>& fields, const char* field, Complaint complaint) {
    if (complaint) fields.push_back({field, *std::move(complaint)});
}

Complaint bad_members(const NewConversation& draft, const UserId& creator) {
    const auto nameless = [](const NewMember& member) { return member.id.empty(); };
    if (std::any_of(draft.members.begin(), draft.members.end(), nameless)) {
        return "must not have an empty id";
    }
    const std::size_t others = first_members(draft, creator).size() - 1;
    if (draft.type == ConversationType::direct) {
        if (others != 1) return "must be exactly one beside the caller";
    } else if (others < 1 || others > ConversationLimits::members) {
        return fmt::format("must be from 1 to {} beside the caller", ConversationLimits::members);
    }
    return std::nullopt;
}

/// The bound on twins and agents as it stands in the settings; null is none.
std::optional<JsonValue> given_run_limit(const JsonText& settings) {
    constexpr std::string_view key = "agent_run_limit";
    // Most have none, and need not be parsed for it.
    if (settings.text().find(key) == std::string::npos) return std::nullopt;
    const JsonObject object = settings.object();
    const JsonValue* limit = object.find(key);
    if (!limit || limit->is_null()) return std::nullopt;
    return *limit;
}

Complaint bad_settings(const JsonText& settings) {
    if (Complaint complaint = bad_json(settings, ConversationLimits::settings)) return complaint;
    if (!given_run_limit(settings)) return std::nullopt;
    const std::optional<std::int64_t> limit = agent_run_limit(settings);
    if (limit && *limit >= 0 && *limit <= ConversationLimits::agent_run_limit) return std::nullopt;
    return fmt::format("must have an agent_run_limit from 0 to {}",
                       ConversationLimits::agent_run_limit);
}

/// A name in form; a blank one is absent.
Complaint tidy_name(std::optional<std::string>& name) {
    if (!name) return std::nullopt;
    *name = text::trimmed(*name);
    Complaint complaint = text::bad_line(*name, ConversationLimits::name);
    if (name->empty()) name.reset();
    return complaint;
}

NewConversation tidied(NewConversation draft, const UserId& creator,
                       std::vector<FieldError>& fields) {
    report(fields, "member_ids", bad_members(draft, creator));
    report(fields, "name", tidy_name(draft.name));
    if (draft.description) {
        report(fields, "description",
               text::bad_block(*draft.description, ConversationLimits::description));
    }
    report(fields, "settings", bad_settings(draft.settings));
    return draft;
}

ConversationChanges tidied(ConversationChanges changes, std::vector<FieldError>& fields) {
    if (changes.name.value()) {
        std::optional<std::string> name{*changes.name.value()};
        report(fields, "name", tidy_name(name));
        changes.name = name ? Change<std::string>{*std::move(name)} : Change<std::string>{clear};
    }
    if (const std::string* description = changes.description.value()) {
        report(fields, "description",
               text::bad_block(*description, ConversationLimits::description));
    }
    if (changes.is_archived.clears()) {
        report(fields, "is_archived", "must be true or false");
    }
    if (const JsonText* settings = changes.settings.value()) {
        report(fields, "settings", bad_settings(*settings));
    }
    return changes;
}

}  // namespace

Conversation conversation_from(const NewConversation& draft, const UserId& creator) {
    std::vector<FieldError> fields;
    NewConversation in_form = tidied(draft, creator, fields);
    text::refuse(std::move(fields));
    return Conversation{.name = std::move(in_form.name),
                        .type = in_form.type,
                        .description = std::move(in_form.description),
                        .project_id = std::move(in_form.project_id),
                        .parent_message_id = in_form.parent_message_id,
                        .settings = std::move(in_form.settings)};
}

std::vector<NewMember> first_members(const NewConversation& draft, const UserId& creator) {
    std::vector<NewMember> members{{.id = creator}};
    std::unordered_set<UserId> seen;
    for (const NewMember& member : draft.members) {
        if (!seen.insert(member.id).second) continue;
        if (member.id == creator) {
            members.front().type = member.type;
        } else {
            members.push_back(member);
        }
    }
    return members;
}

std::string direct_key(const NewConversation& draft, const std::vector<NewMember>& members) {
    if (draft.type != ConversationType::direct || draft.project_id || draft.parent_message_id) {
        return {};
    }
    const auto [low, high] = std::minmax(members.at(0).id, members.at(1).id);
    return low.to_string() + ' ' + high.to_string();
}

std::optional<std::int64_t> agent_run_limit(const JsonText& settings) {
    const std::optional<JsonValue> limit = given_run_limit(settings);
    return limit && limit->number() ? limit->number()->to_int64() : std::nullopt;
}

ConversationChanges tidy(const ConversationChanges& changes) {
    std::vector<FieldError> fields;
    ConversationChanges in_form = tidied(changes, fields);
    text::refuse(std::move(fields));
    return in_form;
}

Conversation with_changes(Conversation conversation, const ConversationChanges& changes) {
    text::apply(conversation.name, changes.name);
    text::apply(conversation.description, changes.description);
    if (changes.is_archived.value()) conversation.is_archived = *changes.is_archived.value();
    apply(conversation.settings, changes.settings);
    return conversation;
}

}  // namespace lvng::crm::rules

namespace lvng::crm::inline v0 {

std::vector<FieldError> bad_fields(const NewConversation& draft, const UserId& creator) {
    std::vector<FieldError> fields;
    rules::tidied(draft, creator, fields);
    return fields;
}

std::vector<FieldError> bad_fields(const ConversationChanges& changes) {
    std::vector<FieldError> fields;
    rules::tidied(changes, fields);
    return fields;
}

}  // namespace lvng::crm::inline v0
