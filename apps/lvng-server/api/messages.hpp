#pragma once

#include "api/page_cache.hpp"
#include "http/reply.hpp"
#include "http/router.hpp"

#include <lvng/crm/conversations/messages.hpp>

#include <array>
#include <string_view>

namespace lvng::server {

/// The query parameters of the list.
inline constexpr std::array<std::string_view, 5> message_list_parameters{
    "cursor", "limit", "direction", "around", "search"};

// One function a route; what each promises is the REST contract, section 3, Messages.
Reply send_message(const Call& call, crm::Messages& messages);
Reply list_messages(const Call& call, crm::Messages& messages, PageCache& pages);
Reply edit_message(const Call& call, crm::Messages& messages);
Reply delete_message(const Call& call, crm::Messages& messages);

}  // namespace lvng::server
