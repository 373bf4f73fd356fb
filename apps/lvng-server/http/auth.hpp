#pragma once

#include "http/request.hpp"

#include <lvng/crm/ports/environment.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace lvng::server {

/// The token of `Authorization: Bearer TOKEN`; nothing where there is none. The scheme's case
/// does not matter. Source: RFC 6750, section 2.1.
std::optional<std::string_view> bearer_token(const Request& request) noexcept;

/// Whether both are equal, in a time that does not tell how much of them is.
bool same_secret(std::string_view left, std::string_view right) noexcept;

/// Throws `unauthenticated` for a missing token as for one that does not hold.
crm::VerifiedToken authenticate(const Request& request, const crm::TokenVerifier& verifier);

/// What failures of an address are counted under. An IPv6 address stands for its first 64 bits: a
/// household has that many addresses, and could use each of them once.
std::string address_key(std::string_view peer);

}  // namespace lvng::server
