#pragma once

#include "api/page_cache.hpp"
#include "http/reply.hpp"
#include "http/router.hpp"

#include <lvng/crm/conversations/conversations.hpp>
#include <lvng/crm/id.hpp>

#include <array>
#include <string>
#include <string_view>

namespace lvng::server {

/// The query parameters of the list.
inline constexpr std::array<std::string_view, 5> conversation_list_parameters{
    "type", "unread", "archived", "limit", "offset"};

/// The conversation that the path names first, for what is below it too.
crm::ConversationId conversation_id(const Call& call);
/// `/api/v2/conversations/conv_…`.
std::string conversation_path(const crm::ConversationId& id);

// One function a route; what each promises is the REST contract, section 3.
Reply create_conversation(const Call& call, crm::Conversations& conversations);
Reply list_conversations(const Call& call, crm::Conversations& conversations, PageCache& pages);
Reply get_conversation(const Call& call, crm::Conversations& conversations);
Reply update_conversation(const Call& call, crm::Conversations& conversations);
Reply delete_conversation(const Call& call, crm::Conversations& conversations);

}  // namespace lvng::server
