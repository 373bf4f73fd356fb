#include "secret_file.hpp"

#include <lvng/crm/auth.hpp>

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

namespace lvng::server {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path) {
    throw std::system_error{errno, std::generic_category(), path.string()};
}

std::optional<std::string> read_secret(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    if (!file) {
        if (std::filesystem::exists(path)) fail(path);
        return std::nullopt;
    }
    std::string secret{std::istreambuf_iterator<char>{file}, {}};
    while (secret.ends_with('\n')) secret.pop_back();
    if (const auto weakness = crm::weak_secret(secret))
        throw std::runtime_error{fmt::format("{} holds no secret: {}", path.string(), *weakness)};
    return secret;
}

void write_private(const std::filesystem::path& path, std::string_view text) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) fail(path);
    const bool written =
        ::write(file, text.data(), text.size()) == static_cast<::ssize_t>(text.size()) &&
        ::fsync(file) == 0;
    ::close(file);
    if (!written) fail(path);
}

}  // namespace

std::string random_secret() {
    std::array<std::uint8_t, 32> bytes{};
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<::ssize_t>(bytes.size()))
        throw std::system_error{errno, std::generic_category(), "random numbers"};
    std::string secret;
    for (const std::uint8_t byte : bytes) secret += fmt::format("{:02x}", byte);
    return secret;
}

std::string secret_in_file(const std::filesystem::path& path) {
    if (auto secret = read_secret(path)) return *secret;
    // Written aside and linked: a file made in place could be read half-written, and linking
    // fails where another process was first, while renaming would replace its secret.
    const std::string secret = random_secret();
    const std::filesystem::path draft =
        fmt::format("{}.{}", path.string(), random_secret().substr(0, 16));
    write_private(draft, secret + '\n');
    const bool first = ::link(draft.c_str(), path.c_str()) == 0;
    const int why = errno;
    ::unlink(draft.c_str());
    if (!first && why != EEXIST)
        throw std::system_error{why, std::generic_category(), path.string()};
    return secret_in_file(path);
}

}  // namespace lvng::server
