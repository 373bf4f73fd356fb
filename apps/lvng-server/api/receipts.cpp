#include "api/receipts.hpp"

#include "api/body.hpp"
#include "api/conversations.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace lvng::server {
namespace {

std::vector<crm::MessageId> bind_message_ids(const Call& call) {
    BodyReader reader{call};
    std::vector<crm::MessageId> ids;
    reader.require("message_ids");
    reader.take("message_ids", ids);
    reader.refuse_unknown();
    reader.check(crm::bad_message_ids(ids));
    return ids;
}

}  // namespace

Reply mark_read(const Call& call, crm::Receipts& receipts) {
    const crm::ConversationId conversation = conversation_id(call);
    const std::vector<crm::MessageId> ids = bind_message_ids(call);
    const std::int64_t marked = receipts.mark_read(call.principal, conversation, ids);
    return json_reply(200, R"({"success":true,"marked_read":)" + std::to_string(marked) + '}');
}

}  // namespace lvng::server
