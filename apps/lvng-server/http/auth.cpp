#include "http/auth.hpp"

#include "http/ascii.hpp"

#include <lvng/crm/error.hpp>

#include <array>

#include <arpa/inet.h>

namespace lvng::server {

std::optional<std::string_view> bearer_token(const Request& request) noexcept {
    constexpr std::string_view scheme = "Bearer";
    const auto credentials = request.header("Authorization");
    if (!credentials || credentials->size() <= scheme.size() ||
        (*credentials)[scheme.size()] != ' ' ||
        !same_name(credentials->substr(0, scheme.size()), scheme))
        return std::nullopt;
    const std::string_view token = trim_blanks(credentials->substr(scheme.size()));
    return token.empty() ? std::nullopt : std::optional{token};
}

bool same_secret(std::string_view left, std::string_view right) noexcept {
    if (left.size() != right.size()) return false;
    unsigned difference = 0;
    for (std::size_t i = 0; i < left.size(); ++i) {
        // Volatile, else a compiler may stop at the first difference.
        volatile const unsigned char a = static_cast<unsigned char>(left[i]);
        difference |= static_cast<unsigned>(a ^ static_cast<unsigned char>(right[i]));
    }
    return difference == 0;
}

crm::VerifiedToken authenticate(const Request& request, const crm::TokenVerifier& verifier) {
    const auto token = bearer_token(request);
    if (!token) throw crm::Error{crm::ErrorCode::unauthenticated, "no bearer token"};
    return verifier.verify(*token);
}

std::string address_key(std::string_view peer) {
    constexpr std::size_t network_bytes = 8;
    std::string text{peer};
    std::array<char, sizeof(in6_addr)> bytes{};
    if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return text;
    constexpr std::string_view mapped{"\0\0\0\0\0\0\0\0\0\0\xFF\xFF", 12};
    const std::string_view address{bytes.data(), bytes.size()};
    // An IPv4 address that came in through an IPv6 socket.
    if (address.starts_with(mapped)) return text.substr(text.rfind(':') + 1);
    return std::string{address.substr(0, network_bytes)};
}

}  // namespace lvng::server
