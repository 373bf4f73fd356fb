#include "api/conversations.hpp"

#include "api/answers.hpp"
#include "api/body.hpp"
#include "api/conditions.hpp"
#include "api/path.hpp"
#include "api/query_reader.hpp"
#include "http/digest.hpp"

#include <lvng/crm/page.hpp>

#include <map>
#include <utility>
#include <vector>

namespace lvng::server {
namespace {

using MemberTypes = std::map<std::string, crm::MemberType>;

struct ConversationList {
    crm::ConversationFilter filter{};
    crm::Page page{.limit = crm::ConversationLimits::page_default};
};

std::string body_of(const crm::ConversationDetail& detail) {
    std::string body = R"({"success":true,"data":)";
    crm::append_json(body, detail.conversation);
    body.back() = ',';  // the object goes on
    body += R"("members":)";
    append_list(body, detail.members);
    body += "}}";
    return body;
}

/// Of what a GET shows. No counter would do: the names of the members come from elsewhere.
std::string tag_of_body(std::string_view body) {
    constexpr std::size_t enough = 32;  // digits: 128 bits
    return '"' + digest({body}).substr(0, enough) + '"';
}

std::string tag_of(const crm::ConversationDetail& detail) {
    return tag_of_body(body_of(detail));
}

Reply conversation_reply(int status, const crm::ConversationDetail& detail) {
    Reply reply = value_reply(status, "data", detail.conversation);
    reply.set("ETag", tag_of(detail));
    return reply;
}

void append_entry(std::string& out, const crm::ConversationEntry& entry) {
    crm::append_json(out, entry.conversation);
    out.back() = ',';  // the object goes on
    out += R"("unread_count":)" + std::to_string(entry.unread_count);
    out += R"(,"last_message":)";
    if (entry.last_message)
        crm::append_json(out, *entry.last_message);
    else
        out += "null";
    out += '}';
}

std::string json_of(const crm::Listing<crm::ConversationEntry>& found, const crm::Page& page) {
    std::string body = R"({"success":true,"data":)";
    append_list(body, found.items, append_entry);
    body += R"(,"pagination":{"limit":)" + std::to_string(page.limit);
    body += R"(,"offset":)" + std::to_string(page.offset);
    body += R"(,"total":)" + std::to_string(found.total);
    body += "}}";
    return body;
}

/// The member with their type, which is taken out of `types`.
crm::NewMember member_of(const crm::UserId& id, MemberTypes& types) {
    const auto type = types.extract(id.to_string());
    return {.id = id, .type = type ? type.mapped() : crm::MemberType::user};
}

/// The members, and the caller where their type is told. What stays in `types` is no member's.
std::vector<crm::NewMember> members_of(const std::vector<crm::UserId>& ids, MemberTypes& types,
                                       const crm::UserId& caller) {
    std::vector<crm::NewMember> members;
    members.reserve(ids.size() + 1);
    // The library takes the first of repeats, which has the type.
    for (const crm::UserId& id : ids) members.push_back(member_of(id, types));
    if (types.contains(caller.to_string())) members.push_back(member_of(caller, types));
    return members;
}

void refuse_read_only(BodyReader& reader) {
    for (const auto field : {"id", "member_count", "members", "unread_count", "last_message",
                             "created_by", "created_at", "updated_at"})
        reader.refuse(field, "is read-only");
}

crm::NewConversation bind_new_conversation(const Call& call) {
    BodyReader reader{call};
    crm::NewConversation draft;
    std::vector<crm::UserId> ids;
    MemberTypes types;
    reader.require("conversation_type");
    reader.take("conversation_type", draft.type);
    reader.require("member_ids");
    reader.take("member_ids", ids);
    reader.take("member_types", types);
    draft.members = members_of(ids, types, call.principal.user);
    // Without usable ids every key would be a stranger.
    if (!ids.empty() && !types.empty())
        reader.refuse("member_types", "must name nobody but the caller and those in member_ids");
    reader.take("name", draft.name);
    reader.take("description", draft.description);
    reader.take("project_id", draft.project_id);
    reader.take("parent_message_id", draft.parent_message_id);
    reader.take("settings", draft.settings);
    reader.refuse("is_archived", "is set by a later change only");
    refuse_read_only(reader);
    reader.refuse_unknown();
    reader.check(crm::bad_fields(draft, call.principal.user));
    return draft;
}

crm::ConversationChanges bind_conversation_changes(const Call& call) {
    BodyReader reader{call};
    crm::ConversationChanges changes;
    reader.take("name", changes.name);
    reader.take("description", changes.description);
    reader.take("is_archived", changes.is_archived);
    reader.take("settings", changes.settings);
    for (const auto field : {"conversation_type", "project_id", "parent_message_id"})
        reader.refuse(field, "can be set at creation only");
    refuse_read_only(reader);
    reader.refuse_unknown();
    reader.check(crm::bad_fields(changes));
    return changes;
}

ConversationList bind_list(const Call& call) {
    QueryReader reader{call};
    ConversationList list;
    reader.take("type", list.filter.type);
    reader.take("unread", list.filter.unread);
    reader.take("archived", list.filter.archived);
    list.page.limit = reader.number("limit", list.page.limit, {1, crm::ConversationLimits::page});
    list.page.offset = reader.number("offset", 0, {0, crm::ConversationLimits::offset});
    reader.check();
    return list;
}

}  // namespace

crm::ConversationId conversation_id(const Call& call) {
    return path_id<crm::ConversationId>(call, 0, "id");
}

std::string conversation_path(const crm::ConversationId& id) {
    std::string path = "/api/v2/conversations/";
    id.append_to(path);
    return path;
}

Reply create_conversation(const Call& call, crm::Conversations& conversations) {
    const crm::NewConversation draft = bind_new_conversation(call);
    const auto [conversation, created] = conversations.create(call.principal, draft);
    Reply reply =
        conversation_reply(created ? 201 : 200, conversations.get(call.principal, conversation.id));
    if (created) reply.set("Location", conversation_path(conversation.id));
    return reply;
}

Reply list_conversations(const Call& call, crm::Conversations& conversations, PageCache& pages) {
    const ConversationList wanted = bind_list(call);
    return pages.reply(
        PageCache::key_of(call.principal, call.target),
        [&](const crm::ListVersion& known) {
            return conversations.list_if_changed(call.principal, known, wanted.filter, wanted.page);
        },
        [&](const auto& found) { return json_of(found, wanted.page); });
}

Reply get_conversation(const Call& call, crm::Conversations& conversations) {
    const crm::ConversationId id = conversation_id(call);
    refuse_errors(call);
    std::string body = body_of(conversations.get(call.principal, id));
    std::string tag = tag_of_body(body);
    Reply reply = json_reply(200, std::move(body));
    reply.set("ETag", std::move(tag));
    return reply;
}

Reply update_conversation(const Call& call, crm::Conversations& conversations) {
    const crm::ConversationId id = conversation_id(call);
    const crm::ConversationChanges changes = bind_conversation_changes(call);
    conversations.update(call.principal, id, changes, condition(call, tag_of));
    return conversation_reply(200, conversations.get(call.principal, id));
}

Reply delete_conversation(const Call& call, crm::Conversations& conversations) {
    const crm::ConversationId id = conversation_id(call);
    refuse_errors(call);
    const auto end = conversations.remove(call.principal, id, condition(call, tag_of));
    return json_reply(200, end == crm::ConversationEnd::deleted
                               ? R"({"success":true,"deleted":true})"
                               : R"({"success":true,"left":true})");
}

}  // namespace lvng::server
