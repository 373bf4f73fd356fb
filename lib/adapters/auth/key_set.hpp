#pragma once

#include "adapters/auth/public_key.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lvng::crm::auth {

/// The public keys of a JSON Web Key Set that can check RS256 or ES256. Immutable value.
///
/// A set is read strictly: the library's own JSON, an array `keys` of objects. A key with a `kty`
/// or `crv` of something else, with a `use` that is not `sig`, `key_ops` without `verify`, or an
/// `alg` of another algorithm is none of ours. One that would be ours and is broken, weak, private
/// or has the `kid` of one before it is left out with a reason: the others of the set still count,
/// as RFC 7517, section 5 says.
class KeySet {
public:
    static constexpr std::size_t max_keys = 100;

    /// Throws `invalid` for a text that is no set, or holds more than `max_keys`, or no key that
    /// can be used.
    static KeySet parse(std::string_view text);

    /// The key with this `kid` for that algorithm. Without a `kid` it is the only key that the set
    /// has for the algorithm: with several, nobody tries which one fits. Null: there is none.
    [[nodiscard]] const PublicKey* find(JwtAlgorithm algorithm, std::string_view kid) const;

    [[nodiscard]] std::size_t size() const noexcept { return keys_.size(); }
    /// A line for each key that was left out.
    [[nodiscard]] const std::vector<std::string>& left_out() const noexcept { return left_out_; }

private:
    struct NamedKey {
        std::string kid{};
        PublicKey key;
    };

    std::vector<NamedKey> keys_{};
    std::vector<std::string> left_out_{};
};

}  // namespace lvng::crm::auth
