#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace lvng::server {

struct HeaderField {
    std::string_view name{};
    std::string_view value{};
};

/// A request as a front read it. Views into the front's own buffers, which must outlive the
/// exchange; a front may use one `Request` again and again. One thread at a time.
struct Request {
    std::string_view method{};
    std::string_view target{};  ///< as on the wire
    std::string_view version = "HTTP/1.1";
    std::vector<HeaderField> headers{};
    std::string_view body{};  ///< chunks joined
    std::string_view peer{};  ///< the client's address, without port

    /// The value of the first header of that name.
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const noexcept;
    [[nodiscard]] std::size_t count(std::string_view name) const noexcept;
};

}  // namespace lvng::server
