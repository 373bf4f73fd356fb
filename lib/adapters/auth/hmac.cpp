#include "adapters/auth/hmac.hpp"

#include <lvng/crm/error.hpp>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <atomic>
#include <cassert>

namespace lvng::crm::auth {

namespace {

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

void check(bool worked) {
    if (!worked) throw Error{ErrorCode::internal, "OpenSSL cannot compute HMAC with SHA-256"};
}

}  // namespace

void Hs256Key::FreeContext::operator()(evp_mac_ctx_st* context) const noexcept {
    EVP_MAC_CTX_free(context);
}

/// The contexts of the keys that this thread used last. Starting one anew costs a third of making
/// one; a key that has gone leaves its context here until another takes the place.
struct Hs256Key::ThreadContexts {
    struct Place {
        std::uint64_t key = 0;
        Context context{};
    };
    std::array<Place, 4> places{};
    std::size_t next = 0;
};

Hs256Key::Hs256Key(std::string_view secret) {
    static std::atomic<std::uint64_t> last_id{0};
    id_ = ++last_id;

    EVP_MAC* const hmac = EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr);
    keyed_.reset(EVP_MAC_CTX_new(hmac));
    EVP_MAC_free(hmac);  // the context holds it
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    check(keyed_ != nullptr &&
          EVP_MAC_init(keyed_.get(), bytes_of(secret), secret.size(), parameters) == 1);
}

evp_mac_ctx_st& Hs256Key::context() const {
    thread_local ThreadContexts mine;
    for (ThreadContexts::Place& place : mine.places) {
        if (place.key != id_) continue;
        check(EVP_MAC_init(place.context.get(), nullptr, 0, nullptr) == 1);
        return *place.context;
    }
    ThreadContexts::Place& place = mine.places[mine.next];
    mine.next = (mine.next + 1) % mine.places.size();
    place.key = 0;
    place.context.reset(EVP_MAC_CTX_dup(keyed_.get()));
    check(place.context != nullptr);
    place.key = id_;
    return *place.context;
}

Hs256Key::Mac Hs256Key::sign(std::string_view input) const {
    evp_mac_ctx_st& mac = context();
    Mac out{};
    std::size_t written = 0;
    check(EVP_MAC_update(&mac, bytes_of(input), input.size()) == 1 &&
          EVP_MAC_final(&mac, out.data(), &written, out.size()) == 1);
    assert(written == out.size());
    return out;
}

bool Hs256Key::verify(std::string_view input, std::string_view signature) const {
    if (signature.size() != mac_bytes) return false;
    const Mac expected = sign(input);
    return CRYPTO_memcmp(expected.data(), signature.data(), expected.size()) == 0;
}

}  // namespace lvng::crm::auth
