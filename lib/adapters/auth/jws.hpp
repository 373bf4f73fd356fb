#pragma once

#include <lvng/crm/auth.hpp>
#include <lvng/crm/json.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace lvng::crm::auth {

/// The members of a JSON text that the strict parser takes.
std::optional<JsonObject> read_object(std::string_view text);

/// What a JOSE header asks for. It is a wish: which algorithms there are is not for it to say.
struct JoseHeader {
    JwtAlgorithm algorithm = JwtAlgorithm::hs256;
    std::string kid{};  ///< empty: none
};

/// Nothing for a header that asks for anything but a plain signature.
///
/// `alg` is one of the three, letter by letter. `typ`, where present, is what RFC 7515, section
/// 4.1.9 calls equal to `JWT`: any case, `application/` before it or not. `kid`, where present, is
/// 1 to 128 visible ASCII characters. `crit`, `zip`, `b64` and keys or addresses of keys are
/// refused whatever they say; other members are ignored.
std::optional<JoseHeader> read_header(const JsonObject& header);

/// A compact JWS whose signature nobody has looked at.
struct Jws {
    JoseHeader header{};
    std::string_view signing_input{};  ///< a part of the token
    std::string payload{};
    std::string signature{};
};

/// Nothing for a text that is none, in the strict form of the REST contract.
/// Source: RFC 7515, section 5.2; RFC 8725.
std::optional<Jws> read_jws(std::string_view token);

}  // namespace lvng::crm::auth
