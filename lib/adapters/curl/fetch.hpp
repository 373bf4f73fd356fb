#pragma once

#include <chrono>
#include <cstddef>
#include <stop_token>
#include <string>
#include <string_view>

namespace lvng::crm::curl {

/// Whether `url` may be fetched: `https://`, or `http://` of a loopback address or `localhost`,
/// without user, password or fragment. Whoever could answer for such an address decides who is
/// believed, so nothing on the way may be able to.
bool is_safe_url(std::string_view url);

struct Fetch {
    std::string url{};                        ///< a safe one
    std::chrono::milliseconds timeout{2000};  ///< for all of it, from the look-up of the name on
    std::size_t max_bytes = 1024 * 1024;
    std::string ca_file{};  ///< certificates to trust, in PEM; empty: the system's
};

struct Fetched {
    std::string body{};
    std::chrono::seconds max_age{0};  ///< as Cache-Control says; 0 where it says nothing
};

/// The body of a 200 answer; a redirect is none. Throws `unavailable`, in words that go on from
/// the address, where there is no such answer in time and size, or `stop` was asked for.
Fetched fetch(const Fetch& what, const std::stop_token& stop);

}  // namespace lvng::crm::curl
