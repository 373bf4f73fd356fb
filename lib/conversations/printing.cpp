#include "json_printing.hpp"

#include <lvng/crm/conversations/conversations.hpp>
#include <lvng/crm/conversations/members.hpp>
#include <lvng/crm/conversations/messages.hpp>

namespace lvng::crm::inline v0 {
namespace {

template <class Word, std::size_t count>
std::optional<Word> parse_word(const Word (&words)[count], std::string_view text) noexcept {
    for (const Word word : words) {
        if (text == to_string(word)) return word;
    }
    return std::nullopt;
}

}  // namespace

std::string_view to_string(ConversationType type) noexcept {
    switch (type) {
    case ConversationType::direct:
        return "direct";
    case ConversationType::group:
        return "group";
    case ConversationType::project:
        return "project";
    }
    return "group";
}

std::optional<ConversationType> parse_conversation_type(std::string_view text) noexcept {
    using enum ConversationType;
    return parse_word({direct, group, project}, text);
}

std::string_view to_string(MemberType type) noexcept {
    switch (type) {
    case MemberType::user:
        return "user";
    case MemberType::twin:
        return "twin";
    case MemberType::agent:
        return "agent";
    }
    return "user";
}

std::optional<MemberType> parse_member_type(std::string_view text) noexcept {
    using enum MemberType;
    return parse_word({user, twin, agent}, text);
}

std::string_view to_string(MemberRole role) noexcept {
    switch (role) {
    case MemberRole::member:
        return "member";
    case MemberRole::admin:
        return "admin";
    }
    return "member";
}

std::optional<MemberRole> parse_member_role(std::string_view text) noexcept {
    using enum MemberRole;
    return parse_word({member, admin}, text);
}

std::string_view to_string(MessageType type) noexcept {
    switch (type) {
    case MessageType::user:
        return "user";
    case MessageType::twin:
        return "twin";
    case MessageType::agent:
        return "agent";
    case MessageType::system:
        return "system";
    }
    return "user";
}

std::optional<MessageType> parse_message_type(std::string_view text) noexcept {
    using enum MessageType;
    return parse_word({user, twin, agent, system}, text);
}

void append_json(std::string& out, const Conversation& conversation) {
    out += R"({"id":)";
    append_value(out, conversation.id);
    out += R"(,"name":)";
    append_value(out, conversation.name);
    out += R"(,"conversation_type":")";
    out += to_string(conversation.type);
    out += R"(","description":)";
    append_value(out, conversation.description);
    out += R"(,"project_id":)";
    append_value(out, conversation.project_id);
    out += R"(,"parent_message_id":)";
    append_value(out, conversation.parent_message_id);
    out += R"(,"is_archived":)";
    out += conversation.is_archived ? "true" : "false";
    out += R"(,"settings":)";
    out += conversation.settings.text();
    out += R"(,"member_count":)";
    out += std::to_string(conversation.member_count);
    out += R"(,"created_by":)";
    append_value(out, conversation.created_by);
    out += R"(,"created_at":)";
    append_value(out, conversation.created_at);
    out += R"(,"updated_at":)";
    append_value(out, conversation.updated_at);
    out += '}';
}

std::string to_json(const Conversation& conversation) {
    std::string out;
    out.reserve(512);
    append_json(out, conversation);
    return out;
}

void append_json(std::string& out, const Member& member) {
    out += R"({"id":)";
    append_value(out, member.id);
    out += R"(,"display_name":)";
    append_value(out, member.display_name);
    out += R"(,"role":")";
    out += to_string(member.role);
    out += R"(","member_type":")";
    out += to_string(member.type);
    out += R"(","joined_at":)";
    append_value(out, member.joined_at);
    out += '}';
}

void append_json(std::string& out, const Message& message) {
    out += R"({"id":)";
    append_value(out, message.id);
    out += R"(,"conversation_id":)";
    append_value(out, message.conversation_id);
    out += R"(,"number":)";
    out += std::to_string(message.number);
    out += R"(,"user_id":)";
    append_value(out, message.user_id);
    out += R"(,"content":)";
    append_value(out, message.content);
    out += R"(,"message_type":")";
    out += to_string(message.type);
    out += R"(","parent_message_id":)";
    append_value(out, message.parent_message_id);
    out += R"(,"metadata":)";
    out += message.metadata.text();
    out += R"(,"created_at":)";
    append_value(out, message.created_at);
    out += R"(,"updated_at":)";
    append_value(out, message.updated_at);
    out += R"(,"edited_at":)";
    append_value(out, message.edited_at);
    out += R"(,"deleted_at":)";
    append_value(out, message.deleted_at);
    out += '}';
}

std::string to_json(const Message& message) {
    std::string out;
    out.reserve(512 + message.content.size() + message.metadata.text().size());
    append_json(out, message);
    return out;
}

}  // namespace lvng::crm::inline v0
