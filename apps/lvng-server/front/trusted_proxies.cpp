#include "front/trusted_proxies.hpp"

#include "http/ascii.hpp"

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace lvng::server {
namespace {

constexpr unsigned all_bits = 128;
constexpr unsigned mapped_bits = 96;  // before an IPv4 address as IPv6 maps it

bool is_ipv4(std::string_view text) noexcept {
    return text.find(':') == std::string_view::npos;
}

std::optional<unsigned> parse_bits(std::string_view text, unsigned most) noexcept {
    unsigned bits = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, bits);
    if (error != std::errc{} || stop != end || bits > most) return std::nullopt;
    return bits;
}

bool same_bits(const AddressBytes& left, const AddressBytes& right, unsigned bits) noexcept {
    const auto whole = static_cast<std::ptrdiff_t>(bits / 8);
    if (!std::equal(left.begin(), left.begin() + whole, right.begin())) return false;
    const unsigned rest = bits % 8;
    if (rest == 0) return true;
    const unsigned differ = left[bits / 8] ^ right[bits / 8];
    return differ >> (8 - rest) == 0;
}

}  // namespace

std::optional<AddressBytes> parse_address(std::string_view text) noexcept {
    std::array<char, INET6_ADDRSTRLEN> name{};
    if (text.size() >= name.size() || text.find('\0') != std::string_view::npos)
        return std::nullopt;
    std::copy(text.begin(), text.end(), name.begin());
    AddressBytes bytes{};
    if (!is_ipv4(text)) {
        if (::inet_pton(AF_INET6, name.data(), bytes.data()) != 1) return std::nullopt;
        return bytes;
    }
    bytes[10] = bytes[11] = 0xff;
    if (::inet_pton(AF_INET, name.data(), &bytes[mapped_bits / 8]) != 1) return std::nullopt;
    return bytes;
}

std::optional<TrustedProxies> TrustedProxies::parse(std::string_view list) {
    TrustedProxies proxies;
    for (std::size_t begin = 0; begin <= list.size();) {
        const auto end = std::min(list.find(',', begin), list.size());
        const std::string_view text = trim_blanks(list.substr(begin, end - begin));
        begin = end + 1;
        const auto slash = std::min(text.find('/'), text.size());
        const auto address = parse_address(text.substr(0, slash));
        if (!address) return std::nullopt;
        const unsigned before = is_ipv4(text) ? mapped_bits : 0;
        const auto bits = slash == text.size()
                              ? all_bits - before
                              : parse_bits(text.substr(slash + 1), all_bits - before);
        if (!bits) return std::nullopt;
        proxies.networks_.push_back({.address = *address, .bits = before + *bits});
    }
    return proxies;
}

bool TrustedProxies::trusts(const AddressBytes& address) const noexcept {
    return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
        return same_bits(network.address, address, network.bits);
    });
}

std::string_view TrustedProxies::client_of(const Request& request, std::string_view peer) const {
    std::string_view client = peer;
    for (auto field = request.headers.rbegin(); field != request.headers.rend(); ++field) {
        if (!same_name(field->name, "X-Forwarded-For")) continue;
        std::string_view list = field->value;
        while (!list.empty()) {
            const auto comma = list.rfind(',');
            const auto begin = comma == std::string_view::npos ? 0 : comma + 1;
            const std::string_view text = trim_blanks(list.substr(begin));
            list = list.substr(0, comma == std::string_view::npos ? 0 : comma);
            const auto address = parse_address(text);
            if (!address) return client;
            client = text;
            if (!trusts(*address)) return client;
        }
    }
    return client;
}

}  // namespace lvng::server
