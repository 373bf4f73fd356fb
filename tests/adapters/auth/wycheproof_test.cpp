#include "adapters/auth/base64url.hpp"
#include "adapters/auth/key_set.hpp"

#include <lvng/crm/json.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <string>

using namespace lvng::crm;

namespace {

std::string text_of(const JsonObject& object, std::string_view name) {
    return *object.find(name)->string();
}

std::string bytes_of(const JsonObject& object, std::string_view name) {
    return auth::decode_base64url(text_of(object, name)).value();
}

struct Answers {
    int held = 0;
    int refused = 0;
};

/// Asks every vector of a file; what is answered otherwise than published fails.
Answers answers(std::string_view name, JwtAlgorithm algorithm) {
    std::ifstream in{fmt::format("{}/wycheproof/{}", LVNG_TEST_DATA, name)};
    REQUIRE(in);
    const JsonObject file = JsonObject::parse(std::string{std::istreambuf_iterator<char>{in}, {}});
    Answers out;
    for (const JsonValue& group : *file.find("groups")->array()) {
        const std::string jwk = group.object()->find("key")->object()->to_text();
        const auth::KeySet set = auth::KeySet::parse(fmt::format(R"({{"keys":[{}]}})", jwk));
        const auth::PublicKey* const key = set.find(algorithm, "");
        REQUIRE(key != nullptr);
        for (const JsonValue& value : *group.object()->find("tests")->array()) {
            const JsonObject& vector = *value.object();
            const bool holds = key->verify(bytes_of(vector, "msg"), bytes_of(vector, "sig"));
            CAPTURE(vector.to_text());
            // An `acceptable` one lacks a NULL that RFC 8017 wants: it is refused as well.
            CHECK(holds == (text_of(vector, "result") == "valid"));
            ++(holds ? out.held : out.refused);
        }
    }
    return out;
}

}  // namespace

TEST_SUITE("auth.wycheproof") {

    TEST_CASE("signatures of ES256 are answered as published") {
        const auto [held, refused] = answers("es256.json", JwtAlgorithm::es256);
        CHECK(held == 173);
        CHECK(refused == 89);
    }

    TEST_CASE("signatures of RS256 are answered as published") {
        const auto [held, refused] = answers("rs256.json", JwtAlgorithm::rs256);
        CHECK(held == 9);
        CHECK(refused == 250);
    }

}  // TEST_SUITE
