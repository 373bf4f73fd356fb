#include "adapters/auth/tokens.hpp"
#include "support/busy_store.hpp"

#include <lvng/crm/crm.hpp>
#include <lvng/crm/sqlite.hpp>

#include <algorithm>
#include <set>
#include <string>

using namespace tokens;
using namespace std::chrono_literals;

namespace {

/// Counts what reaches it, and knows one token.
class Others final : public TokenVerifier {
public:
    [[nodiscard]] VerifiedToken verify(std::string_view token) const override {
        ++asked;
        if (token == "known") {
            return {.principal = {.tenant = TenantId{"t"}, .user = UserId{"u"}}};
        }
        throw Error{ErrorCode::unauthenticated, "the credential does not hold"};
    }
    mutable int asked = 0;
};

struct Desk {
    Crm crm{sqlite_store({.path = ":memory:"})};
    testing::FixedClock clock{};
    Others others{};
    std::unique_ptr<TokenVerifier> verifier = api_key_verifier(crm.api_keys(), others, clock);

    CreatedApiKey create(NewApiKey wanted = {}) {
        wanted.tenant = TenantId{"acme"};
        wanted.user = UserId{"ana"};
        return create_api_key(crm.api_keys(), wanted, clock);
    }
    [[nodiscard]] std::string verdict_of(std::string_view text) const {
        return verdict(*verifier, text);
    }
};

}  // namespace

TEST_SUITE("auth.api_keys") {

    TEST_CASE("a key stands for its user") {
        Desk desk;
        const CreatedApiKey created = desk.create();
        CHECK(desk.verdict_of(created.text) == "acme/ana");
        const VerifiedToken token = desk.verifier->verify(created.text);
        CHECK(token.scopes == Scopes{});
        CHECK(token.expires_at.to_string() == "9999-12-31T23:59:59.999Z");
        CHECK(desk.others.asked == 0);
        CHECK(desk.verdict_of("known") == "t/u");
        CHECK(desk.others.asked == 1);
    }

    TEST_CASE("a key has the form of the contract, and no two are alike") {
        Desk desk;
        std::set<std::string> texts;
        for (int i = 0; i < 100; ++i) {
            const CreatedApiKey created = desk.create({.test = i % 2 == 0});
            const std::string start = i % 2 == 0 ? "lvng_sk_test_" : "lvng_sk_live_";
            REQUIRE(created.text.starts_with(start));
            const std::string digits = created.text.substr(start.size());
            CHECK(digits.size() == 32);
            CHECK(digits.find_first_not_of("0123456789abcdef") == std::string::npos);
            CHECK(created.key.hint == start + "..." + digits.substr(28));
            CHECK(texts.insert(created.text).second);
        }
        // What is kept does not hold what is shown once.
        for (const ApiKey& key : desk.crm.api_keys().list()) CHECK(key.hint.size() == 20);
    }

    TEST_CASE("scopes and end are those it was made with") {
        Desk desk;
        const CreatedApiKey created =
            desk.create({.scopes = {.read = true, .write = false}, .life = 1h});
        const VerifiedToken token = desk.verifier->verify(created.text);
        CHECK(token.scopes == Scopes{.read = true, .write = false});
        CHECK(token.expires_at.milliseconds() == desk.clock.now().milliseconds() + 3'600'000);
        desk.clock.advance(1h - 1ms);
        CHECK(desk.verdict_of(created.text) == "acme/ana");
        desk.clock.advance(1ms);  // no clock skew: it is our own clock that ends it
        CHECK(desk.verdict_of(created.text) == "refused");
    }

    TEST_CASE("whatever is not the key is refused") {
        Desk desk;
        const std::string good = desk.create().text;
        std::string upper = good;
        std::transform(upper.begin(), upper.end(), upper.begin(),
                       [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c; });
        std::string other = good;
        other.back() = other.back() == '0' ? '1' : '0';
        std::string as_test = good;
        as_test.replace(0, 13, "lvng_sk_test_");
        for (const std::string& text :
             {other, as_test, good + "0", good.substr(0, good.size() - 1), good + " ", " " + good,
              good + '\0', std::string{"lvng_sk_"}, std::string{"lvng_sk_live_"},
              "lvng_sk_live_" + std::string(32, '0'), "lvng_sk_live_" + std::string(32, 'g'),
              "lvng_sk_dead_" + std::string(32, '0'), "lvng_sk_live_" + std::string(10'000, '0'),
              std::string{"lvng_sk_live_' or 1=1 --"}}) {
            CAPTURE(text);
            CHECK(desk.verdict_of(text) == "refused");
        }
        for (std::size_t i = 0; i < good.size(); ++i) {
            std::string changed = good;
            changed[i] = static_cast<char>(changed[i] ^ 1);
            CHECK(desk.verdict_of(changed) == "refused");
        }
        CHECK(desk.verdict_of(good) == "acme/ana");
    }

    TEST_CASE("a revoked key holds a second longer at most, on every node") {
        Desk desk;
        const auto another_node = api_key_verifier(desk.crm.api_keys(), desk.others, desk.clock);
        const CreatedApiKey created = desk.create();
        CHECK(desk.verdict_of(created.text) == "acme/ana");
        CHECK(verdict(*another_node, created.text) == "acme/ana");
        desk.crm.api_keys().revoke(created.key.id, desk.clock.now());
        desk.clock.advance(1s);
        CHECK(desk.verdict_of(created.text) == "refused");
        CHECK(verdict(*another_node, created.text) == "refused");
    }

    TEST_CASE("a store that is busy is asked to note a use once a minute, and not for long") {
        auto owned = std::make_unique<test::BusyStore>();
        test::BusyStore& store = *owned;
        Crm crm{std::move(owned)};
        testing::FixedClock clock;
        const Others others;
        const auto verifier = api_key_verifier(crm.api_keys(), others, clock);
        const CreatedApiKey created = create_api_key(
            crm.api_keys(), {.tenant = TenantId{"acme"}, .user = UserId{"ana"}}, clock);
        store.busy = true;
        for (int second = 0; second < 60; ++second) {
            CHECK(verdict(*verifier, created.text) == "acme/ana");
            clock.advance(1s);
        }
        CHECK(store.refused == 1);
        CHECK(store.time_given <= 50ms);
        store.busy = false;
        CHECK(verdict(*verifier, created.text) == "acme/ana");
        CHECK(crm.api_keys().list().front().last_used_at == clock.now());
    }

    TEST_CASE("a use is noted once a minute") {
        Desk desk;
        const CreatedApiKey created = desk.create();
        const auto used_at = [&] {
            CHECK(desk.verdict_of(created.text) == "acme/ana");
            return desk.crm.api_keys().list().front().last_used_at.value().milliseconds();
        };
        const std::int64_t first = desk.clock.now().milliseconds();
        CHECK(used_at() == first);
        desk.clock.advance(59s);
        CHECK(used_at() == first);
        desk.clock.advance(1s);
        CHECK(used_at() == first + 60'000);
    }

}  // TEST_SUITE
