#pragma once

#include "http/reply.hpp"

namespace lvng::server {

/// Adds the headers that keep a browser careful, on every answer there is. What the reply has
/// already stays: a page has a policy of its own.
void set_security_headers(Reply& reply);

}  // namespace lvng::server
