#pragma once

#include <filesystem>
#include <string>

namespace lvng::server {

/// 64 random hexadecimal digits from the kernel.
std::string random_secret();

/// The secret in the file, which is made with a random one and mode 0600 where it is missing. Of
/// several processes that make it at once all get the same. Throws `std::system_error`, and
/// `std::runtime_error` for a file that holds no usable secret.
std::string secret_in_file(const std::filesystem::path& path);

}  // namespace lvng::server
