#include "adapters/auth/token_cache.hpp"

#include "adapters/auth/tokens.hpp"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

using namespace tokens;
using namespace std::chrono_literals;
using auth::CheckedToken;
using auth::TokenCache;

namespace {

constexpr Timestamp noon{start * 1000};

constexpr Timestamp after(std::chrono::milliseconds time) {
    return Timestamp{noon.milliseconds() + time.count()};
}

CheckedToken checked(std::string_view user, std::chrono::milliseconds life) {
    return {.token = {.principal = {.tenant = TenantId{"acme"}, .user = UserId{user}},
                      .expires_at = after(life)},
            .validity = {.until_ms = after(life).milliseconds()}};
}

}  // namespace

TEST_SUITE("auth.token_cache") {

    TEST_CASE("a token is known for a minute and no longer than it holds") {
        TokenCache cache;
        cache.put("long", checked("ana", 1h), noon);
        cache.put("short", checked("bob", 10s), noon);
        CHECK(cache.find("long", noon) == checked("ana", 1h).token);
        CHECK(cache.find("long", after(59'999ms)) == checked("ana", 1h).token);
        CHECK(cache.find("long", after(60s)) == std::nullopt);
        CHECK(cache.find("short", after(9'999ms)) == checked("bob", 10s).token);
        CHECK(cache.find("short", after(10s)) == std::nullopt);

        cache.put("long", checked("ana", 1h), after(60s));
        CHECK(cache.find("long", after(119s)).has_value());
    }

    TEST_CASE("a clock that is set back finds nothing") {
        TokenCache cache;
        cache.put("token", checked("ana", 1h), noon);
        CHECK(cache.find("token", after(-1ms)) == std::nullopt);
        CHECK(cache.find("token", noon).has_value());
    }

    TEST_CASE("only the whole token is known") {
        TokenCache cache;
        const std::string token(500, 'x');
        cache.put(token, checked("ana", 1h), noon);
        CHECK(cache.find(token, noon).has_value());
        for (const std::size_t at : {0u, 250u, 499u}) {
            std::string other = token;
            other[at] = 'y';
            CHECK(cache.find(other, noon) == std::nullopt);
        }
        CHECK(cache.find(token + "x", noon) == std::nullopt);
        CHECK(cache.find(std::string_view{token}.substr(1), noon) == std::nullopt);
        CHECK(cache.find("", noon) == std::nullopt);
    }

    TEST_CASE("the oldest leave when it is full") {
        TokenCache cache;
        const auto name = [](std::size_t i) { return fmt::format("token-{}", i); };
        const std::size_t count = 4 * TokenCache::shards * TokenCache::per_shard;
        for (std::size_t i = 0; i < count; ++i) cache.put(name(i), checked(name(i), 1h), noon);
        std::size_t known = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const auto found = cache.find(name(i), noon);
            if (found && found->principal.user.to_string() == name(i)) ++known;
        }
        CHECK(known == TokenCache::shards * TokenCache::per_shard);
        for (std::size_t i = count - 100; i < count; ++i)
            CHECK(cache.find(name(i), noon).has_value());
        CHECK(cache.find(name(0), noon) == std::nullopt);
    }

    TEST_CASE("a verifier gives one answer as long as a token holds") {
        testing::FixedClock clock;
        const auto verifier = jwt_verifier({.secret = std::string{secret}}, clock);
        const std::string token = token_of(
            good_header, fmt::format(R"({{"sub":"ana","name":"Ana","exp":{}}})", start + 10));
        const VerifiedToken first = verifier->verify(token);
        CHECK(verifier->verify(token) == first);
        clock.advance(39'999ms);
        CHECK(verifier->verify(token) == first);
        clock.advance(1ms);
        CHECK(verdict(*verifier, token) == "refused");
        CHECK(verdict(*verifier, token) == "refused");
    }

    TEST_CASE("a token that is not yet valid is not remembered as bad") {
        testing::FixedClock clock;
        const auto verifier = jwt_verifier({.secret = std::string{secret}}, clock);
        const std::string token = token_with(fmt::format("\"nbf\":{}", start + 100));
        CHECK(verdict(*verifier, token) == "refused");
        clock.advance(70s);
        CHECK(verdict(*verifier, token) == "default/usr_ana");
        clock.set(noon);
        CHECK(verdict(*verifier, token) == "refused");
    }

    TEST_CASE("what one verifier remembers another does not") {
        const testing::FixedClock clock;
        const auto ours = jwt_verifier({.secret = std::string{secret}}, clock);
        const auto theirs = jwt_verifier({.secret = std::string{other_secret}}, clock);
        const std::string token = token_with("");
        CHECK(verdict(*ours, token) == "default/usr_ana");
        CHECK(verdict(*theirs, token) == "refused");
        CHECK(verdict(*ours, token) == "default/usr_ana");
    }

    TEST_CASE("many threads and more keys than a thread keeps agree") {
        const testing::FixedClock clock;
        std::vector<std::unique_ptr<TokenVerifier>> verifiers;
        std::vector<std::string> keys;
        for (int i = 0; i < 6; ++i) {
            keys.push_back(fmt::format("{}{}", secret, i));
            verifiers.push_back(jwt_verifier({.secret = keys.back()}, clock));
        }
        std::atomic<int> wrong{0};
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&, t] {
                for (int i = 0; i < 300; ++i) {
                    const auto signer = static_cast<std::size_t>(i + t) % keys.size();
                    const auto reader = static_cast<std::size_t>(i / 2) % keys.size();
                    const std::string token = token_of(
                        good_header, fmt::format(R"({{"sub":"u{}","exp":{}}})", i % 7, start + 60),
                        keys[signer]);
                    bool held = true;
                    try {
                        (void)verifiers[reader]->verify(token);
                    } catch (const Error&) {
                        held = false;
                    }
                    if (held != (signer == reader)) ++wrong;
                }
            });
        }
        for (std::thread& thread : threads) thread.join();
        CHECK(wrong == 0);
    }

}  // TEST_SUITE
