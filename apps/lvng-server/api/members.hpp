#pragma once

#include "http/reply.hpp"
#include "http/router.hpp"

#include <lvng/crm/conversations/members.hpp>

namespace lvng::server {

// One function a route; what each promises is the REST contract, section 3, Members.
Reply add_member(const Call& call, crm::Members& members);
Reply remove_member(const Call& call, crm::Members& members);

}  // namespace lvng::server
