#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

struct evp_mac_ctx_st;

namespace lvng::crm::auth {

/// An HS256 key. It signs with its one algorithm and no other: a token is asked whether it names
/// `algorithm`, never what it would like. Source: RFC 7518, section 3.2. Safe to share.
class Hs256Key {
public:
    static constexpr std::string_view algorithm = "HS256";
    static constexpr std::size_t mac_bytes = 32;
    using Mac = std::array<unsigned char, mac_bytes>;

    /// Throws `internal` where OpenSSL has no HMAC or no SHA-256.
    explicit Hs256Key(std::string_view secret);

    [[nodiscard]] Mac sign(std::string_view input) const;
    /// Compares the whole length, whatever differs first.
    [[nodiscard]] bool verify(std::string_view input, std::string_view signature) const;

private:
    struct FreeContext {
        void operator()(evp_mac_ctx_st* context) const noexcept;
    };
    using Context = std::unique_ptr<evp_mac_ctx_st, FreeContext>;
    struct ThreadContexts;

    [[nodiscard]] evp_mac_ctx_st& context() const;

    Context keyed_;     // only ever copied from
    std::uint64_t id_;  // never used again by another key of the process
};

}  // namespace lvng::crm::auth
