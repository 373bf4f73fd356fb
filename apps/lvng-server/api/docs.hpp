#pragma once

#include "http/reply.hpp"
#include "http/router.hpp"

namespace lvng::server {

/// A page that shows the OpenAPI document and tries its calls, with the two files it is made of.
/// Nothing on it comes from elsewhere, and its policy would not let it.
Reply docs_page(const Call& call);
Reply docs_style(const Call& call);
Reply docs_script(const Call& call);

}  // namespace lvng::server
