#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace lvng::server {

/// SHA-256 of the parts, each with its length before it, in 64 lower-case hexadecimal digits.
std::string digest(std::initializer_list<std::string_view> parts);

}  // namespace lvng::server
