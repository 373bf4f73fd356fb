#pragma once

#include "http/request.hpp"

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

namespace lvng::server {

/// Whether a caller's id may be taken over: 1 to 128 visible ASCII characters.
bool is_request_id(std::string_view text) noexcept;

/// Makes ids that no other process makes: `req_`, 16 random digits of this object, a number.
/// Safe to share.
class RequestIds {
public:
    RequestIds();
    /// The caller's own id, where there is one and it may be taken over, else a new one.
    [[nodiscard]] std::string id_of(const Request& request);

private:
    std::string prefix_;
    std::atomic<std::uint64_t> count_{0};
};

}  // namespace lvng::server
