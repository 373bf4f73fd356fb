#include "api/messages.hpp"

#include "api/answers.hpp"
#include "api/body.hpp"
#include "api/conversations.hpp"
#include "api/path.hpp"
#include "api/query_reader.hpp"

#include <optional>
#include <string>
#include <utility>

namespace lvng::server {
namespace {

crm::MessageId message_id(const Call& call) {
    return path_id<crm::MessageId>(call, 1, "messageId");
}

Reply message_reply(int status, const crm::Message& message) {
    return value_reply(status, "data", message);
}

void append_cursor(std::string& out, const std::optional<crm::MessageId>& cursor) {
    if (!cursor) {
        out += "null";
        return;
    }
    out += '"';
    cursor->append_to(out);
    out += '"';
}

std::string json_of(const crm::MessagePage& page, const crm::MessageQuery& wanted) {
    std::string body = R"({"success":true,"data":)";
    append_list(body, page.messages);
    body += R"(,"pagination":{"cursor":)";
    append_cursor(body, page.cursor);
    body += R"(,"hasMore":)";
    body += page.has_more ? "true" : "false";
    body += R"(,"total":)" + std::to_string(page.total);
    if (wanted.around) {
        body += R"(,"newer_cursor":)";
        append_cursor(body, page.newer_cursor);
    }
    body += "}}";
    return body;
}

void refuse_others(BodyReader& reader) {
    for (const auto field : {"id", "conversation_id", "number", "user_id", "created_at",
                             "updated_at", "edited_at", "deleted_at"})
        reader.refuse(field, "is read-only");
    reader.refuse_unknown();
}

crm::NewMessage bind_new_message(const Call& call) {
    BodyReader reader{call};
    crm::NewMessage draft;
    reader.require("content");
    reader.take("content", draft.content);
    reader.take("message_type", draft.type);
    reader.take("parent_message_id", draft.parent_message_id);
    reader.take("metadata", draft.metadata);
    refuse_others(reader);
    reader.check(crm::bad_fields(draft));
    return draft;
}

crm::MessageChanges bind_message_changes(const Call& call) {
    BodyReader reader{call};
    crm::MessageChanges changes;
    reader.take("content", changes.content);
    reader.take("metadata", changes.metadata);
    for (const auto field : {"message_type", "parent_message_id"})
        reader.refuse(field, "is set when the message is sent");
    refuse_others(reader);
    reader.check(crm::bad_fields(changes));
    return changes;
}

crm::MessageQuery bind_query(const Call& call) {
    QueryReader reader{call};
    crm::MessageQuery wanted;
    if (!reader.text("cursor").empty()) reader.take("cursor", wanted.cursor);
    wanted.limit = reader.number("limit", wanted.limit, {1, crm::MessageLimits::page});
    reader.take("direction", wanted.direction);
    reader.take("around", wanted.around);
    // The library cannot tell a direction that was asked for from the one that is meant anyway.
    if (wanted.around && reader.has("direction"))
        reader.note("around", "must stand without cursor, direction and search");
    wanted.search = reader.text("search");
    reader.check(crm::bad_fields(wanted));
    return wanted;
}

}  // namespace

Reply send_message(const Call& call, crm::Messages& messages) {
    const crm::ConversationId conversation = conversation_id(call);
    const crm::NewMessage draft = bind_new_message(call);
    const crm::Message message = messages.send(call.principal, conversation, draft);
    Reply reply = message_reply(201, message);
    reply.set("Location", conversation_path(conversation) + "/messages/" + message.id.to_string());
    return reply;
}

Reply list_messages(const Call& call, crm::Messages& messages, PageCache& pages) {
    const crm::ConversationId conversation = conversation_id(call);
    const crm::MessageQuery wanted = bind_query(call);
    // All members see the same.
    return pages.reply(
        PageCache::key_of({.tenant = call.principal.tenant}, call.target),
        [&](const crm::ListVersion& known) {
            return messages.list_if_changed(call.principal, known, conversation, wanted);
        },
        [&](const crm::MessagePage& page) { return json_of(page, wanted); });
}

Reply edit_message(const Call& call, crm::Messages& messages) {
    const crm::ConversationId conversation = conversation_id(call);
    const crm::MessageId message = message_id(call);
    const crm::MessageChanges changes = bind_message_changes(call);
    return message_reply(200, messages.edit(call.principal, conversation, message, changes));
}

Reply delete_message(const Call& call, crm::Messages& messages) {
    const crm::ConversationId conversation = conversation_id(call);
    const crm::MessageId message = message_id(call);
    refuse_errors(call);
    messages.remove(call.principal, conversation, message);
    return json_reply(200, R"({"success":true,"deleted":true})");
}

}  // namespace lvng::server
