#include "adapters/auth/base64url.hpp"
#include "adapters/auth/hmac.hpp"
#include "fuzz/property.hpp"

#include <lvng/crm/auth.hpp>
#include <lvng/crm/error.hpp>
#include <lvng/crm/json.hpp>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <optional>
#include <string>

using namespace lvng::crm;
using fuzz::require;

namespace {

constexpr std::string_view secret = "kX3!vT9#qL5$wR7%zN1&mB4*cF6(hJ8)";

class NoonClock final : public Clock {
public:
    [[nodiscard]] Timestamp now() const override { return Timestamp{1'775'044'800'000}; }
};

const TokenVerifier& verifier() {
    static const NoonClock clock;
    static const auto made = jwt_verifier(
        {.secret = std::string{secret}, .default_tenant = {DefaultTenant::Kind::private_one, {}}},
        clock);
    return *made;
}

std::optional<VerifiedToken> verify(const std::string& token) {
    try {
        return verifier().verify(token);
    } catch (const Error& error) {
        require(error.code() == ErrorCode::unauthenticated, "a refusal is unauthenticated");
        require(error.message() == "the credential does not hold", "a refusal tells nothing");
        return std::nullopt;
    }
}

/// Whether the third part is the MAC of what is before it, by another way than the library's.
bool is_signed(std::string_view token) {
    const std::size_t dot = token.rfind('.');
    if (dot == std::string_view::npos) return false;
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
    unsigned length = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(token.data()), dot, mac.data(), &length);
    return token.substr(dot + 1) ==
           auth::encode_base64url({reinterpret_cast<const char*>(mac.data()), length});
}

std::string seal(std::string_view header, std::string_view payload) {
    const std::string input =
        auth::encode_base64url(header) + '.' + auth::encode_base64url(payload);
    const auth::Hs256Key::Mac mac = auth::Hs256Key{secret}.sign(input);
    return input + '.' +
           auth::encode_base64url({reinterpret_cast<const char*>(mac.data()), mac.size()});
}

void check(const std::string& token) {
    const std::optional<VerifiedToken> held = verify(token);
    require(verify(token) == held, "a token has one answer");
    if (!held) return;
    require(is_signed(token), "nothing holds without a signature");

    const std::size_t first = token.find('.');
    const std::string_view payload =
        std::string_view{token}.substr(first + 1, token.rfind('.') - first - 1);
    const JsonObject claims = JsonObject::parse(auth::decode_base64url(payload).value());
    require(claims.find("exp") != nullptr, "nothing holds without an end");
    require(!held->principal.user.empty(), "somebody is meant");
    const std::string& tenant = held->principal.tenant.to_string();
    require(TenantId::parse(tenant).has_value(), "a tenant is an id");
    require(tenant.starts_with("private:") == (claims.find("organizationId") == nullptr),
            "a private tenant is nobody's to name");

    std::string changed = token;
    changed.back() = changed.back() == 'A' ? 'E' : 'A';
    require(!verify(changed), "another signature does not hold");
}

}  // namespace

/// The first byte says what the others are: a header, a payload, or a whole token.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text = fuzz::text_of(data, size).substr(1);
    switch (data[0]) {
    case 'h':
        check(seal(text, R"({"sub":"ana","exp":1775048400})"));
        break;
    case 'p':
        check(seal(R"({"alg":"HS256"})", text));
        break;
    default:
        check(std::string{text});
    }
    return 0;
}
