#pragma once

#include "http/request.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lvng::server {

/// An IP address; one of IPv4 as IPv6 maps it, so that both compare.
using AddressBytes = std::array<std::uint8_t, 16>;

std::optional<AddressBytes> parse_address(std::string_view text) noexcept;

/// The proxies whose `X-Forwarded-For` is believed. Immutable value.
class TrustedProxies {
public:
    TrustedProxies() = default;
    /// Addresses and networks separated by commas, as `10.0.0.0/8, ::1`. Nothing where one of
    /// them is neither.
    static std::optional<TrustedProxies> parse(std::string_view list);

    [[nodiscard]] bool trusts(const AddressBytes& address) const noexcept;

    /// The client of a request that came from a trusted proxy: of the addresses that the proxies
    /// wrote down the last that is none of theirs. What stands before it is the client's own
    /// word. `peer` where nothing can be believed.
    [[nodiscard]] std::string_view client_of(const Request& request, std::string_view peer) const;

private:
    struct Network {
        AddressBytes address{};
        unsigned bits = 0;
    };

    std::vector<Network> networks_;
};

}  // namespace lvng::server
