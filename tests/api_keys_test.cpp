#include "support/store_under_test.hpp"

#include <lvng/crm/api_keys.hpp>
#include <lvng/crm/error.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

using namespace lvng::crm;
using lvng::crm::test::CrmUnderTest;

namespace {

/// A digest whose two halves differ.
ApiKeyDigest digest(std::uint8_t first, std::uint8_t last = 0) {
    ApiKeyDigest bytes{};
    bytes.front() = first;
    bytes.back() = last;
    return bytes;
}

ApiKey key_of(std::string_view tenant, std::string_view user, std::int64_t created_at = 1000) {
    return {.tenant = TenantId{tenant},
            .user = UserId{user},
            .hint = "lvng_sk_live_...abcd",
            .created_at = Timestamp{created_at}};
}

std::string describe(const ApiKey& key) {
    const auto at = [](const char* what, const std::optional<Timestamp>& instant) {
        return instant ? fmt::format(" {} {}", what, instant->milliseconds()) : std::string{};
    };
    return fmt::format("{}/{} {}{} {} created {}{}{}{}", key.tenant.to_string(),
                       key.user.to_string(), key.scopes.read ? "r" : "",
                       key.scopes.write ? "w" : "", key.hint, key.created_at.milliseconds(),
                       at("expires", key.expires_at), at("revoked", key.revoked_at),
                       at("used", key.last_used_at));
}

std::string describe(const std::vector<ApiKey>& keys) {
    std::string out;
    for (const ApiKey& key : keys) out += describe(key) + '\n';
    return out;
}

ErrorCode failure(const std::function<void()>& call) {
    try {
        call();
    } catch (const Error& error) {
        return error.code();
    }
    FAIL("went well");
    return ErrorCode::internal;
}

}  // namespace

TEST_SUITE("api_keys") {

    TEST_CASE("a key is found by its whole digest, with all it is") {
        CrmUnderTest test;
        ApiKeys& keys = test.crm().api_keys();
        ApiKey key = key_of("acme", "ana");
        key.scopes.write = false;
        key.expires_at = Timestamp{5000};
        keys.add(key, digest(1));
        CHECK(describe(keys.find(digest(1)).value()) ==
              "acme/ana r lvng_sk_live_...abcd created 1000 expires 5000");
        CHECK(keys.find(digest(1))->id == api_key_id(digest(1)));
        CHECK_FALSE(keys.find(digest(1, 1)));  // the same id, and another key
        CHECK_FALSE(keys.find(digest(2)));
    }

    TEST_CASE("a key needs an owner and a scope, and is there once") {
        CrmUnderTest test;
        ApiKeys& keys = test.crm().api_keys();
        ApiKey idle = key_of("acme", "ana");
        idle.scopes = {.read = false, .write = false};
        for (ApiKey bad : {ApiKey{.user = UserId{"ana"}}, ApiKey{.tenant = TenantId{"acme"}}, idle})
            CHECK(failure([&] { keys.add(bad, digest(1)); }) == ErrorCode::invalid);
        keys.add(key_of("acme", "ana"), digest(1));
        CHECK(failure([&] { keys.add(key_of("acme", "bob"), digest(1)); }) ==
              ErrorCode::already_exists);
        CHECK(failure([&] { keys.add(key_of("umbrella", "ana"), digest(1, 1)); }) ==
              ErrorCode::already_exists);
        CHECK(describe(keys.list()) == "acme/ana rw lvng_sk_live_...abcd created 1000\n");
    }

    TEST_CASE("keys are listed tenant by tenant, oldest first") {
        CrmUnderTest test;
        ApiKeys& keys = test.crm().api_keys();
        CHECK(keys.list().empty());
        keys.add(key_of("umbrella", "ana", 1), digest(1));
        keys.add(key_of("acme", "bob", 3), digest(2));
        keys.add(key_of("acme", "ana", 2), digest(3));
        CHECK(describe(keys.list()) == "acme/ana rw lvng_sk_live_...abcd created 2\n"
                                       "acme/bob rw lvng_sk_live_...abcd created 3\n"
                                       "umbrella/ana rw lvng_sk_live_...abcd created 1\n");
        CHECK(describe(keys.list(TenantId{"umbrella"})) ==
              "umbrella/ana rw lvng_sk_live_...abcd created 1\n");
        CHECK(keys.list(TenantId{"nobody"}).empty());
    }

    TEST_CASE("a key is revoked for good, and the first time counts") {
        CrmUnderTest test;
        ApiKeys& keys = test.crm().api_keys();
        keys.add(key_of("acme", "ana"), digest(1));
        keys.add(key_of("acme", "bob"), digest(2));
        CHECK(describe(keys.revoke(api_key_id(digest(1)), Timestamp{2000})) ==
              "acme/ana rw lvng_sk_live_...abcd created 1000 revoked 2000");
        CHECK(keys.revoke(api_key_id(digest(1)), Timestamp{3000}).revoked_at == Timestamp{2000});
        CHECK(keys.find(digest(1))->revoked_at == Timestamp{2000});
        CHECK_FALSE(keys.find(digest(2))->revoked_at);
        CHECK(failure([&] { keys.revoke(api_key_id(digest(9)), Timestamp{1}); }) ==
              ErrorCode::not_found);
    }

    TEST_CASE("a use is noted once a minute, and never goes back") {
        CrmUnderTest test;
        ApiKeys& keys = test.crm().api_keys();
        keys.add(key_of("acme", "ana"), digest(1));
        const ApiKey key = keys.find(digest(1)).value();
        const auto used_at = [&](std::int64_t now) {
            keys.note_use(key, Timestamp{now});
            return keys.find(digest(1))->last_used_at.value().milliseconds();
        };
        CHECK(used_at(2000) == 2000);
        CHECK(used_at(1500) == 2000);
        CHECK(used_at(61'999) == 2000);  // as another node would, that has not seen the first
        CHECK(used_at(62'000) == 62'000);
    }

    TEST_CASE("of many who add one key one succeeds") {
        CrmUnderTest test;
        ApiKeys& keys = test.crm().api_keys();
        std::atomic<int> added = 0;
        std::vector<std::thread> threads;
        for (int i = 0; i < 8; ++i) {
            threads.emplace_back([&, i] {
                try {
                    keys.add(key_of(fmt::format("t{}", i), "ana"), digest(7));
                    ++added;
                } catch (const Error& error) {
                    CHECK(error.code() == ErrorCode::already_exists);
                }
            });
        }
        for (std::thread& thread : threads) thread.join();
        CHECK(added == 1);
        CHECK(keys.list().size() == 1);
    }

}  // TEST_SUITE
