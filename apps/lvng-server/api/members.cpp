#include "api/members.hpp"

#include "api/body.hpp"
#include "api/conversations.hpp"
#include "api/path.hpp"
#include "http/percent.hpp"

#include <string>
#include <utility>

namespace lvng::server {
namespace {

crm::NewMember bind_new_member(const Call& call) {
    BodyReader reader{call};
    crm::NewMember member;
    reader.require("member_id");
    reader.take("member_id", member.id);
    reader.take("member_type", member.type);
    reader.refuse_unknown();
    reader.check();
    return member;
}

Reply member_reply(int status, std::string_view outcome, const crm::UserId& member) {
    std::string body = R"({"success":true,)";
    body += outcome;
    body += R"(,"member_id":)";
    crm::append_json_string(body, member.to_string());
    body += '}';
    return json_reply(status, std::move(body));
}

}  // namespace

Reply add_member(const Call& call, crm::Members& members) {
    const crm::ConversationId conversation = conversation_id(call);
    const crm::NewMember member = bind_new_member(call);
    if (!members.add(call.principal, conversation, member))
        return member_reply(200, R"("added":false)", member.id);
    Reply reply = member_reply(201, R"("added":true)", member.id);
    reply.set("Location", conversation_path(conversation) + "/members/" +
                              percent_encode(member.id.to_string()));
    return reply;
}

Reply remove_member(const Call& call, crm::Members& members) {
    const crm::ConversationId conversation = conversation_id(call);
    const auto member = path_id<crm::UserId>(call, 1, "memberId");
    refuse_errors(call);
    members.remove(call.principal, conversation, member);
    return member_reply(200, R"("removed":true)", member);
}

}  // namespace lvng::server
