#include "adapters/auth/key_set.hpp"
#include "fuzz/property.hpp"

#include <lvng/crm/error.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

using namespace lvng::crm;
using fuzz::require;

/// A key set as its source may send it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        const auth::KeySet set = auth::KeySet::parse(fuzz::text_of(data, size));
        require(set.size() > 0, "a set has a key");
        require(set.size() + set.left_out().size() <= auth::KeySet::max_keys, "a set has an end");
        require(set.find(JwtAlgorithm::hs256, "") == nullptr, "no public key is a secret");
        for (const JwtAlgorithm algorithm : {JwtAlgorithm::rs256, JwtAlgorithm::es256}) {
            const auth::PublicKey* const key = set.find(algorithm, "");
            if (key == nullptr) continue;
            require(key->algorithm() == algorithm, "a key has one algorithm");
            require(!key->verify("input", "signature"), "nothing holds without a signature");
            require(!key->verify("input", std::string(64, '\0')), "zeros sign nothing");
        }
    } catch (const Error& error) {
        require(error.code() == ErrorCode::invalid, "a refusal is invalid");
    }
    return 0;
}
