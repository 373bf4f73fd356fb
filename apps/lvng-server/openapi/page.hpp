#pragma once

#include <string_view>

namespace lvng::server {

/// The files of the page at `/docs`, as they are in this folder. They live as long as the
/// program. Safe to share.
std::string_view docs_page_html() noexcept;
std::string_view docs_page_css() noexcept;
std::string_view docs_page_js() noexcept;

}  // namespace lvng::server
