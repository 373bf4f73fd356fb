#pragma once

#include "api/page_cache.hpp"
#include "http/reply.hpp"
#include "http/router.hpp"

#include <lvng/crm/contacts/contacts.hpp>

#include <array>
#include <string_view>

namespace lvng::server {

/// The query parameters of the list.
inline constexpr std::array<std::string_view, 6> contact_list_parameters{
    "search", "company", "tags", "source", "limit", "offset"};

// One function a route; what each promises is the REST contract, section 2.
Reply create_contact(const Call& call, crm::Contacts& contacts);
Reply list_contacts(const Call& call, crm::Contacts& contacts, PageCache& pages);
Reply get_contact(const Call& call, crm::Contacts& contacts, PageCache& pages);
Reply update_contact(const Call& call, crm::Contacts& contacts);
Reply delete_contact(const Call& call, crm::Contacts& contacts);

}  // namespace lvng::server
