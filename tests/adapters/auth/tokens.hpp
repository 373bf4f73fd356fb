#pragma once

#include "adapters/auth/base64url.hpp"
#include "adapters/auth/hmac.hpp"

#include <lvng/crm/auth.hpp>
#include <lvng/crm/error.hpp>
#include <lvng/crm/testing.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

/// Builds tokens that break any rule, and prints what a verifier makes of one.
namespace tokens {

using namespace lvng::crm;

inline constexpr std::string_view secret = "kX3!vT9#qL5$wR7%zN1&mB4*cF6(hJ8)";
inline constexpr std::string_view other_secret = "pW2@gY8^dS4!eU6?aK0=iO5+xC7-tV3_";
inline constexpr std::string_view good_header = R"({"alg":"HS256","typ":"JWT"})";

/// The start of `testing::FixedClock`, 2026-04-01T12:00:00Z, in seconds.
inline constexpr std::int64_t start = 1'775'044'800;

/// Three parts as they come, the third a true HS256 signature of the others.
inline std::string seal(std::string_view header_part, std::string_view payload_part,
                        std::string_view key = secret) {
    std::string token = fmt::format("{}.{}", header_part, payload_part);
    const auth::Hs256Key::Mac mac = auth::Hs256Key{key}.sign(token);
    return token + '.' +
           auth::encode_base64url({reinterpret_cast<const char*>(mac.data()), mac.size()});
}

/// A token of these two texts, rightly signed.
inline std::string token_of(std::string_view header, std::string_view payload,
                            std::string_view key = secret) {
    return seal(auth::encode_base64url(header), auth::encode_base64url(payload), key);
}

/// A token of `usr_ana` that expires in an hour; `more` are further members.
inline std::string token_with(std::string_view more) {
    return token_of(good_header, fmt::format(R"({{"userId":"usr_ana","exp":{}{}{}}})", start + 3600,
                                             more.empty() ? "" : ",", more));
}

/// `tenant/user`, then what else is known of the user; `refused` where the verifier says so.
inline std::string verdict(const TokenVerifier& verifier, std::string_view token) {
    try {
        const Principal who = verifier.verify(token).principal;
        std::string out = fmt::format("{}/{}", who.tenant.to_string(), who.user.to_string());
        for (const auto& [name, value] :
             {std::pair{"email", who.email}, {"name", who.name}, {"role", who.role}}) {
            if (!value.empty()) out += fmt::format(" {}={}", name, value);
        }
        return out;
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::unauthenticated);
        CHECK(error.message() == "the credential does not hold");
        return "refused";
    }
}

/// What a new verifier with `options` and a clock at `start` says.
inline std::string verdict(JwtOptions options, std::string_view token) {
    const testing::FixedClock clock;
    if (options.secret.empty()) options.secret = secret;
    return verdict(*jwt_verifier(std::move(options), clock), token);
}
inline std::string verdict(std::string_view token) {
    return verdict(JwtOptions{}, token);
}

}  // namespace tokens
