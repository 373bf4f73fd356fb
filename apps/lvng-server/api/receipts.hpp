#pragma once

#include "http/reply.hpp"
#include "http/router.hpp"

#include <lvng/crm/conversations/receipts.hpp>

namespace lvng::server {

/// What it promises is the REST contract, section 3, Read receipts.
Reply mark_read(const Call& call, crm::Receipts& receipts);

}  // namespace lvng::server
