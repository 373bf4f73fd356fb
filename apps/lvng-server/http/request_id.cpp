#include "http/request_id.hpp"

#include "http/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>

namespace lvng::server {

bool is_request_id(std::string_view text) noexcept {
    constexpr std::size_t longest = 128;
    return !text.empty() && text.size() <= longest &&
           std::all_of(text.begin(), text.end(), is_visible);
}

RequestIds::RequestIds() {
    std::random_device random;
    prefix_ = fmt::format("req_{:08x}{:08x}_", random(), random());
}

std::string RequestIds::id_of(const Request& request) {
    const auto given = request.header("X-Request-Id");
    if (given && request.count("X-Request-Id") == 1 && is_request_id(*given))
        return std::string{*given};
    return prefix_ + std::to_string(count_.fetch_add(1, std::memory_order_relaxed) + 1);
}

}  // namespace lvng::server
