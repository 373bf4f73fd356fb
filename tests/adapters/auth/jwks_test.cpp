#include "adapters/auth/signing_key.hpp"
#include "adapters/auth/tokens.hpp"
#include "support/key_server.hpp"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using namespace tokens;
using namespace signing;
using namespace std::chrono_literals;
using key_server::KeyServer;
using key_server::ok;

namespace {

/// A token of `usr_ana`; `more` makes one that no verifier has seen before.
std::string signed_by(const SigningKey& key, std::string_view kid, int more = 0) {
    return key.token(fmt::format(R"({{"alg":"ES256","kid":"{}"}})", kid),
                     fmt::format(R"({{"userId":"usr_ana","exp":{},"n":{}}})", start + 3600, more));
}

std::string keys_of(const SigningKey& key, std::string_view kid) {
    return set_of(key.jwk(fmt::format(R"("kid":"{}")", kid)));
}

/// What goes wrong with a source, line by line.
class Problems {
public:
    std::function<void(const std::string&)> hear() {
        return [this](const std::string& line) {
            const std::lock_guard lock{mutex_};
            lines_.push_back(line);
        };
    }
    [[nodiscard]] std::string last() const {
        const std::lock_guard lock{mutex_};
        return lines_.empty() ? "none" : lines_.back();
    }

private:
    mutable std::mutex mutex_;
    std::vector<std::string> lines_;
};

const testing::FixedClock& fixed_clock() {
    static const testing::FixedClock clock;
    return clock;
}

std::unique_ptr<TokenVerifier> verifier_of(JwksOptions jwks) {
    return jwt_verifier({.algorithms = {JwtAlgorithm::es256}, .jwks = std::move(jwks)},
                        fixed_clock());
}

constexpr auto never = std::chrono::hours{1};

}  // namespace

TEST_SUITE("auth.jwks") {

    TEST_CASE("a kid that the set does not have makes it newer") {
        KeyServer server{ok(keys_of(ec_key(), "old"))};
        const auto verifier = verifier_of({.source = server.url(), .refresh = never, .pause = 0ms});
        CHECK(verdict(*verifier, signed_by(ec_key(), "old")) == "default/usr_ana");
        CHECK(server.requests() == 1);

        server.set(ok(keys_of(other_ec_key(), "new")));
        CHECK(verdict(*verifier, signed_by(ec_key(), "old", 1)) == "default/usr_ana");
        CHECK(verdict(*verifier, signed_by(other_ec_key(), "new")) == "default/usr_ana");
        CHECK(server.requests() == 2);
        // The old key has left the set.
        CHECK(verdict(*verifier, signed_by(ec_key(), "old", 2)) == "refused");
    }

    TEST_CASE("kids that somebody invents fetch once in a pause") {
        KeyServer server{ok(keys_of(ec_key(), "a"))};
        const auto verifier =
            verifier_of({.source = server.url(), .refresh = never, .pause = never});
        for (int i = 0; i < 100; ++i) {
            const std::string kid = fmt::format("invented-{}", i);
            CHECK(verdict(*verifier, signed_by(ec_key(), kid)) == "refused");
        }
        CHECK(server.requests() == 2);
        CHECK(verdict(*verifier, signed_by(ec_key(), "a")) == "default/usr_ana");
    }

    TEST_CASE("a signature that does not hold fetches nothing") {
        KeyServer server{ok(keys_of(ec_key(), "a"))};
        const auto verifier = verifier_of({.source = server.url(), .refresh = never, .pause = 0ms});
        CHECK(verdict(*verifier, signed_by(other_ec_key(), "a")) == "refused");
        CHECK(verdict(*verifier, token_of(good_header, "{}")) == "refused");
        CHECK(server.requests() == 1);
    }

    TEST_CASE("the set is fetched again and again by itself") {
        KeyServer server{ok(keys_of(ec_key(), "a"))};
        const auto verifier = verifier_of({.source = server.url(), .refresh = 1ms, .pause = never});
        CHECK(server.wait_for_requests(5));
        server.set(ok(keys_of(other_ec_key(), "a")));
        const int before = server.requests();
        CHECK(server.wait_for_requests(before + 3));
        CHECK(verdict(*verifier, signed_by(other_ec_key(), "a")) == "default/usr_ana");
        CHECK(verdict(*verifier, signed_by(ec_key(), "a")) == "refused");
    }

    TEST_CASE("max-age puts the next fetch off") {
        KeyServer server{ok(keys_of(ec_key(), "a"), "Cache-Control: max-age=3600\r\n")};
        const auto verifier = verifier_of({.source = server.url(), .refresh = 1ms, .pause = 0ms});
        for (int i = 0; i < 3; ++i) {
            CHECK(verdict(*verifier, signed_by(ec_key(), "unknown", i)) == "refused");
        }
        CHECK(server.requests() == 4);  // none but the first and what was asked for
    }

    TEST_CASE("the keys go on while the source is down or sends nonsense") {
        Problems problems;
        KeyServer server{ok(keys_of(ec_key(), "a"))};
        const auto verifier = verifier_of({.source = server.url(),
                                           .refresh = never,
                                           .pause = 0ms,
                                           .on_problem = problems.hear()});
        const std::string down = "HTTP/1.1 500 Down\r\nContent-Length: 0\r\n\r\n";
        int more = 0;
        for (const auto& [answer, problem] :
             {std::pair{down, "answers 500 instead of 200"},
              {ok("{}"), "cannot be used: it has no array of keys"},
              {ok("<html>"), "cannot be used: it is no JSON object"},
              {ok(set_of("")), "cannot be used: it has no key for RS256 or ES256"},
              {ok(std::string(2'000'000, '[')), "sends more than 1048576 bytes"},
              {std::string{}, "cannot be fetched: "}}) {
            server.set(answer);
            CHECK(verdict(*verifier, signed_by(other_ec_key(), "b")) == "refused");
            CHECK(verdict(*verifier, signed_by(ec_key(), "a", ++more)) == "default/usr_ana");
            CAPTURE(problems.last());
            CHECK(problems.last().starts_with(
                fmt::format("the key set {} {}", server.url(), problem)));
        }
        server.set(ok(keys_of(other_ec_key(), "b")));
        CHECK(verdict(*verifier, signed_by(other_ec_key(), "b")) == "default/usr_ana");
    }

    TEST_CASE("a key that is left out is a problem that is told") {
        Problems problems;
        KeyServer server{ok(set_of(ec_key().jwk() + R"(,{"kty":"RSA","n":"AAAA","e":"AQAB"})"))};
        const auto verifier =
            verifier_of({.source = server.url(), .refresh = never, .on_problem = problems.hear()});
        CHECK(problems.last() ==
              fmt::format("the key set {} key 2 has a number with a leading zero "
                          "octet",
                          server.url()));
    }

    TEST_CASE("what is told of a source leaves out its query") {
        Problems problems;
        KeyServer server{"HTTP/1.1 503 Down\r\nContent-Length: 0\r\n\r\n"};
        const auto verifier = verifier_of({.source = server.url() + "?key=hunter2",
                                           .refresh = never,
                                           .on_problem = problems.hear()});
        CHECK(problems.last() ==
              fmt::format("the key set {} answers 503 instead of 200", server.url()));
    }

    TEST_CASE("before the first fetch has worked nobody knows") {
        Problems problems;
        KeyServer server{"HTTP/1.1 503 Down\r\nContent-Length: 0\r\n\r\n"};
        const auto verifier = verifier_of({.source = server.url(),
                                           .refresh = never,
                                           .pause = 0ms,
                                           .on_problem = problems.hear()});
        const std::string token = signed_by(ec_key(), "a");
        try {
            static_cast<void>(verifier->verify(token));
            FAIL("held");
        } catch (const Error& error) {
            CHECK(error.code() == ErrorCode::unavailable);
        }
        CHECK(verdict(*verifier, token_of(good_header, "{}")) == "refused");
        server.set(ok(keys_of(ec_key(), "a")));
        CHECK(verdict(*verifier, token) == "default/usr_ana");
    }

    TEST_CASE("a source that hangs keeps nobody beyond the timeout") {
        KeyServer server{ok(keys_of(ec_key(), "a"))};
        auto verifier = verifier_of(
            {.source = server.url(), .timeout = 200ms, .refresh = never, .pause = never});
        server.stall(true);
        const auto before = std::chrono::steady_clock::now();
        std::atomic<int> refused = 0;
        std::vector<std::thread> callers;
        for (int i = 0; i < 4; ++i) {
            callers.emplace_back([&, i] {
                const std::string token = signed_by(other_ec_key(), fmt::format("b{}", i));
                if (verdict(*verifier, token) == "refused") ++refused;
            });
        }
        CHECK(verdict(*verifier, signed_by(ec_key(), "a")) == "default/usr_ana");
        for (std::thread& caller : callers) caller.join();
        CHECK(refused == 4);
        CHECK(server.requests() == 2);
        verifier.reset();  // does not wait for the server either
        CHECK(std::chrono::steady_clock::now() - before < 20s);
    }

    TEST_CASE("four at most wait for a source that hangs, and the others hear so at once") {
        KeyServer server{ok(keys_of(ec_key(), "a"))};
        const auto verifier =
            verifier_of({.source = server.url(), .timeout = 10s, .refresh = never, .pause = never});
        server.stall(true);
        std::atomic<int> waited = 0;
        std::atomic<int> turned_away = 0;
        std::vector<std::thread> callers;
        for (int i = 0; i < 20; ++i) {
            callers.emplace_back([&, i] {
                try {
                    static_cast<void>(
                        verifier->verify(signed_by(other_ec_key(), fmt::format("b{}", i))));
                } catch (const Error& error) {
                    ++(error.code() == ErrorCode::unavailable ? turned_away : waited);
                }
            });
        }
        const auto patience = std::chrono::steady_clock::now() + 5s;
        while (turned_away < 16 && std::chrono::steady_clock::now() < patience)
            std::this_thread::yield();
        CHECK(turned_away == 16);
        CHECK(waited == 0);
        server.stall(false);
        for (std::thread& caller : callers) caller.join();
        CHECK(waited == 4);
    }

    TEST_CASE("callers do not put off the next fetch of a source that is down") {
        KeyServer server{"HTTP/1.1 503 Down\r\nContent-Length: 0\r\n\r\n"};
        const auto verifier =
            verifier_of({.source = server.url(), .refresh = never, .retry = 200ms, .pause = 0ms});
        for (int i = 0; i < 8; ++i) {
            try {
                static_cast<void>(verifier->verify(signed_by(ec_key(), "a", i)));
            } catch (const Error& error) {
                CHECK(error.code() == ErrorCode::unavailable);
            }
        }
        CHECK(server.wait_for_requests(10));  // the first, these eight, and one by itself
    }

    TEST_CASE("threads verify while keys change under them") {
        KeyServer server{ok(keys_of(ec_key(), "a"))};
        const auto verifier = verifier_of({.source = server.url(), .refresh = 1ms, .pause = 0ms});
        std::atomic<int> held = 0;
        std::vector<std::thread> callers;
        for (int i = 0; i < 4; ++i) {
            callers.emplace_back([&, i] {
                for (int n = 0; n < 25; ++n) {
                    if (verdict(*verifier, signed_by(ec_key(), "a", 100 * i + n)) != "refused")
                        ++held;
                }
            });
        }
        const std::string both =
            set_of(ec_key().jwk(R"("kid":"a")") + ',' + other_ec_key().jwk(R"("kid":"b")"));
        for (int i = 0; i < 10; ++i) {
            server.set(ok(i % 2 == 0 ? both : keys_of(ec_key(), "a")));
            CHECK(server.wait_for_requests(server.requests() + 1));
        }
        for (std::thread& caller : callers) caller.join();
        CHECK(held == 100);
    }

    TEST_CASE("the keys come by https") {
        const key_server::Certificate certificate;
        const std::string ca =
            (std::filesystem::temp_directory_path() /
             fmt::format("lvng-jwks-{}.pem", reinterpret_cast<std::uintptr_t>(&certificate)))
                .string();
        certificate.write_to(ca);
        KeyServer server{ok(keys_of(ec_key(), "a")), &certificate};
        const auto verifier =
            verifier_of({.source = server.url(), .refresh = never, .pause = 0ms, .ca_file = ca});
        CHECK(verdict(*verifier, signed_by(ec_key(), "a")) == "default/usr_ana");
        server.set(ok(keys_of(other_ec_key(), "b")));
        CHECK(verdict(*verifier, signed_by(other_ec_key(), "b")) == "default/usr_ana");
        std::filesystem::remove(ca);
    }

    TEST_CASE("a file is read again too") {
        int place = 0;
        const std::string path =
            (std::filesystem::temp_directory_path() /
             fmt::format("lvng-set-{}.json", reinterpret_cast<std::uintptr_t>(&place)))
                .string();
        const auto write = [&](const std::string& text) { std::ofstream{path} << text; };
        write(keys_of(ec_key(), "a"));
        const auto verifier = verifier_of({.source = path, .refresh = never, .pause = 0ms});
        CHECK(verdict(*verifier, signed_by(ec_key(), "a")) == "default/usr_ana");
        write(keys_of(other_ec_key(), "b"));
        CHECK(verdict(*verifier, signed_by(other_ec_key(), "b")) == "default/usr_ana");
        std::filesystem::remove(path);
        CHECK(verdict(*verifier, signed_by(ec_key(), "c")) == "refused");
        CHECK(verdict(*verifier, signed_by(other_ec_key(), "b", 1)) == "default/usr_ana");
    }

}  // TEST_SUITE
