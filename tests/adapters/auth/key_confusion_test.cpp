#include "adapters/auth/signing_key.hpp"
#include "adapters/auth/tokens.hpp"

#include <openssl/pem.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace tokens;
using namespace signing;

namespace {

constexpr std::string_view rs256 = R"({"alg":"RS256","kid":"rsa"})";
constexpr std::string_view es256 = R"({"alg":"ES256","kid":"ec"})";

std::string claims() {
    return fmt::format(R"({{"userId":"usr_ana","exp":{}}})", start + 3600);
}

/// A file with both keys, gone with the object.
class KeyFile {
public:
    explicit KeyFile(const std::string& text)
        : path_{std::filesystem::temp_directory_path() /
                fmt::format("lvng-keys-{}.json", reinterpret_cast<std::uintptr_t>(this))} {
        std::ofstream{path_} << text;
    }
    ~KeyFile() { std::filesystem::remove(path_); }
    KeyFile(const KeyFile&) = delete;
    KeyFile& operator=(const KeyFile&) = delete;

    [[nodiscard]] std::string path() const { return path_.string(); }

private:
    std::filesystem::path path_;
};

std::string both_keys() {
    return set_of(
        fmt::format("{},{}", rsa_key().jwk(R"("kid":"rsa")"), ec_key().jwk(R"("kid":"ec")")));
}

/// What a verifier with these algorithms says, which has a secret where HS256 is one of them.
std::string verdict_of(std::vector<JwtAlgorithm> algorithms, std::string_view token,
                       const std::string& keys = both_keys()) {
    const KeyFile file{keys};
    const testing::FixedClock clock;
    JwtOptions options{.algorithms = std::move(algorithms)};
    for (const JwtAlgorithm algorithm : options.algorithms) {
        if (algorithm == JwtAlgorithm::hs256)
            options.secret = secret;
        else
            options.jwks.source = file.path();
    }
    options.jwks.pause = std::chrono::hours{1};
    return verdict(*jwt_verifier(std::move(options), clock), token);
}

const std::vector<JwtAlgorithm> all{JwtAlgorithm::hs256, JwtAlgorithm::rs256, JwtAlgorithm::es256};

std::string verdict_of_all(std::string_view token) {
    return verdict_of(all, token);
}

/// A token of this header whose third part is `signature`, given what is signed.
template <class Sign>
std::string sealed(std::string_view header, Sign sign) {
    const std::string input = encode_base64url(header) + '.' + encode_base64url(claims());
    return input + '.' + encode_base64url(sign(input));
}

std::string pem_of(const SigningKey& key) {
    BIO* const memory = BIO_new(BIO_s_mem());
    PEM_write_bio_PUBKEY(memory, key.native());
    char* text = nullptr;
    const long length = BIO_get_mem_data(memory, &text);
    std::string out{text, static_cast<std::size_t>(length)};
    BIO_free(memory);
    return out;
}

std::string der_of(const SigningKey& key) {
    unsigned char* bytes = nullptr;
    const int length = i2d_PUBKEY(key.native(), &bytes);
    std::string out{reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length)};
    OPENSSL_free(bytes);
    return out;
}

const std::string order_of_p256 =  // SEC 2, section 2.4.2
    "\xFF\xFF\xFF\xFF" + std::string(4, '\0') + std::string(8, '\xFF') +
    "\xBC\xE6\xFA\xAD\xA7\x17\x9E\x84\xF3\xB9\xCA\xC2\xFC\x63\x25\x51";

}  // namespace

TEST_SUITE("auth.key_confusion") {

    TEST_CASE("the examples of RFC 7515 hold") {
        // Appendices A.2 and A.3, whose claims name no user.
        const testing::FixedClock clock{Timestamp{1'300'819'379'000}};
        const KeyFile file{set_of(
            R"({"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26)"
            R"(mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690)"
            R"(r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2Cap)"
            R"(Hg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q)"
            R"(2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"},{"kty":"EC","crv":"P-256",)"
            R"("x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
            R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})")};
        const auto verifier =
            jwt_verifier({.algorithms = {JwtAlgorithm::rs256, JwtAlgorithm::es256},
                          .jwks = {.source = file.path()},
                          .claims = {.user = "iss"}},
                         clock);
        const std::string payload =
            "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290"
            "Ijp0cnVlfQ";
        CHECK(verdict(*verifier,
                      "eyJhbGciOiJSUzI1NiJ9." + payload +
                          ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4"
                          "Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_n"
                          "ZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_"
                          "dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np"
                          "6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw") ==
              "default/joe");
        CHECK(verdict(*verifier,
                      "eyJhbGciOiJFUzI1NiJ9." + payload +
                          ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfK"
                          "TUJqPP3-Kg6NU1Q") == "default/joe");
    }

    TEST_CASE("each algorithm holds with its key, and only where it is accepted") {
        const std::string by_rsa = rsa_key().token(rs256, claims());
        const std::string by_ec = ec_key().token(es256, claims());
        const std::string by_secret = token_of(good_header, claims());
        for (const std::string& token : {by_rsa, by_ec, by_secret}) {
            CHECK(verdict_of(all, token) == "default/usr_ana");
        }
        CHECK(verdict_of({JwtAlgorithm::rs256}, by_rsa) == "default/usr_ana");
        CHECK(verdict_of({JwtAlgorithm::es256}, by_ec) == "default/usr_ana");
        CHECK(verdict_of({JwtAlgorithm::rs256}, by_ec) == "refused");
        CHECK(verdict_of({JwtAlgorithm::es256}, by_rsa) == "refused");
        CHECK(verdict_of({JwtAlgorithm::rs256, JwtAlgorithm::es256}, by_secret) == "refused");
        CHECK(verdict_of({JwtAlgorithm::hs256}, by_rsa) == "refused");
        CHECK(verdict_of({JwtAlgorithm::hs256}, by_ec) == "refused");
    }

    TEST_CASE("what is public never serves as a secret") {
        for (const SigningKey* key : {&rsa_key(), &ec_key()}) {
            const std::string kid = key->is_rsa() ? "rsa" : "ec";
            std::vector<std::string> secrets{pem_of(*key), der_of(*key), key->jwk(),
                                             key->jwk(fmt::format(R"("kid":"{}")", kid)),
                                             both_keys()};
            secrets.push_back(secrets.front().substr(0, secrets.front().size() - 1));
            if (key->is_rsa())
                secrets.push_back(key->number("n"));
            else
                secrets.push_back(key->number("x") + key->number("y"));
            for (const std::string& known : secrets) {
                for (const std::string_view alg : {"HS256", "RS256", "ES256"}) {
                    const std::string header =
                        fmt::format(R"({{"alg":"{}","kid":"{}"}})", alg, kid);
                    CAPTURE(header);
                    CHECK(verdict_of_all(token_of(header, claims(), known)) == "refused");
                }
            }
        }
        CHECK(verdict_of_all(token_of(R"({"alg":"HS256","kid":"rsa"})", claims())) ==
              "default/usr_ana");
    }

    TEST_CASE("a key signs by its one algorithm, whatever the header calls it") {
        for (const std::string_view alg :
             {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
              "ES256K", "EdDSA", "HS256", "HS384", "none", "None", "rs256", "es256", "RS256 ",
              ""}) {
            for (const std::string_view kid : {"rsa", "ec", "none"}) {
                const std::string header = fmt::format(R"({{"alg":"{}","kid":"{}"}})", alg, kid);
                CAPTURE(header);
                CHECK(verdict_of_all(rsa_key().token(header, claims())) ==
                      (header == rs256 ? "default/usr_ana" : "refused"));
                CHECK(verdict_of_all(ec_key().token(header, claims())) ==
                      (header == es256 ? "default/usr_ana" : "refused"));
            }
        }
    }

    TEST_CASE("another key's signature does not hold") {
        CHECK(verdict_of_all(other_rsa_key().token(rs256, claims())) == "refused");
        CHECK(verdict_of_all(other_ec_key().token(es256, claims())) == "refused");
        CHECK(verdict_of_all(SigningKey::ec("P-384").token(es256, claims())) == "refused");
        CHECK(verdict_of_all(SigningKey::ec("secp256k1").token(es256, claims())) == "refused");
        CHECK(verdict_of_all(sealed(rs256, [](auto&) { return std::string(256, '\0'); })) ==
              "refused");
        CHECK(verdict_of_all(sealed(rs256, [](auto&) { return rsa_key().number("n"); })) ==
              "refused");
    }

    TEST_CASE("a signature of RS256 has one form") {
        const auto with = [](auto change) {
            return verdict_of_all(sealed(rs256, [&](const std::string& input) {
                return change(rsa_key().sign(input), input);
            }));
        };
        using Text = const std::string&;
        CHECK(with([](Text good, Text) { return good; }) == "default/usr_ana");
        CHECK(with([](Text good, Text) { return good.substr(1); }) == "refused");
        CHECK(with([](Text good, Text) { return good.substr(0, 255); }) == "refused");
        CHECK(with([](Text good, Text) { return std::string(1, '\0') + good; }) == "refused");
        CHECK(with([](Text good, Text) { return good + '\0'; }) == "refused");
        CHECK(with([](Text good, Text) { return good + good; }) == "refused");
        for (const char* digest : {"SHA1", "SHA224", "SHA384", "SHA512", "MD5"}) {
            CAPTURE(digest);
            CHECK(with([&](Text, Text input) { return rsa_key().sign_plainly(input, digest); }) ==
                  "refused");
        }
        CHECK(with([](Text, Text input) {
                  return rsa_key().sign_plainly(input, "SHA256", RSA_PKCS1_PSS_PADDING);
              }) == "refused");
        // The same number again, n further on.
        CHECK(with([](Text good, Text) {
                  BIGNUM* const sum = BN_new();
                  BIGNUM* const n = BN_new();
                  const auto read = [](Text octets, BIGNUM* to) {
                      BN_bin2bn(reinterpret_cast<const unsigned char*>(octets.data()),
                                static_cast<int>(octets.size()), to);
                  };
                  read(good, sum);
                  read(rsa_key().number("n"), n);
                  BN_add(sum, sum, n);
                  std::string out = octets_of(sum);
                  BN_free(sum);
                  BN_free(n);
                  return out;
              }) == "refused");
    }

    TEST_CASE("a signature of ES256 is two numbers in range and nothing else") {
        const auto with = [](auto change) {
            return verdict_of_all(sealed(es256, [&](const std::string& input) {
                return change(ec_key().sign(input), input);
            }));
        };
        using Text = const std::string&;
        const std::string zero(32, '\0');
        const std::string one = std::string(31, '\0') + '\x01';
        CHECK(with([](Text good, Text) { return good; }) == "default/usr_ana");
        CHECK(with([](Text, Text input) { return ec_key().sign_plainly(input); }) == "refused");
        CHECK(with([](Text good, Text) { return good.substr(0, 63); }) == "refused");
        CHECK(with([](Text good, Text) { return good.substr(1); }) == "refused");
        CHECK(with([](Text good, Text) { return good + '\0'; }) == "refused");
        CHECK(with([](Text good, Text) { return good.substr(0, 32); }) == "refused");
        CHECK(with([](Text good, Text) { return good.substr(32) + good.substr(0, 32); }) ==
              "refused");
        // One more zero octet before each number: the same numbers, another form.
        CHECK(with([](Text good, Text) {
                  const std::string blank(1, '\0');
                  return blank + good.substr(0, 32) + blank + good.substr(32);
              }) == "refused");
        for (const std::string& r : {zero, one, order_of_p256, std::string(32, '\xFF')}) {
            for (const std::string& s : {zero, one, order_of_p256, std::string(32, '\xFF')}) {
                CHECK(with([&](Text, Text) { return r + s; }) == "refused");
            }
            CHECK(with([&](Text good, Text) { return r + good.substr(32); }) == "refused");
            CHECK(with([&](Text good, Text) { return good.substr(0, 32) + r; }) == "refused");
        }
        for (const char* digest : {"SHA1", "SHA384", "SHA512"}) {
            CAPTURE(digest);
            CHECK(with([&](Text, Text input) { return ec_key().sign(input, digest); }) ==
                  "refused");
        }
    }

    TEST_CASE("a token brings no key and no address of one") {
        const std::string mine = other_rsa_key().jwk(R"("kid":"rsa")");
        for (const std::string& more :
             {R"("jwk":)" + mine, R"("jwk":)" + rsa_key().jwk(),
              std::string{R"("jku":"https://example.org/keys")"},
              std::string{R"("x5u":"https://example.org/cert")"}, std::string{R"("x5c":["MIIB"])"},
              std::string{R"("crit":["exp"])"}, std::string{R"("crit":[])"},
              std::string{R"("b64":true)"}}) {
            const std::string header = fmt::format(R"({{"alg":"RS256","kid":"rsa",{}}})", more);
            CAPTURE(header);
            CHECK(verdict_of_all(rsa_key().token(header, claims())) == "refused");
            CHECK(verdict_of_all(other_rsa_key().token(header, claims())) == "refused");
        }
    }

    TEST_CASE("a kid names a key of the set and nothing else") {
        for (const std::string_view kid :
             {"", "RSA", "rsa ", " rsa", "rsa\\u0000", "../rsa", "/dev/null", "0", "*", "r%73a",
              "https://example.org/keys#rsa", "ec", "unknown"}) {
            const std::string header = fmt::format(R"({{"alg":"RS256","kid":"{}"}})", kid);
            CAPTURE(header);
            CHECK(verdict_of_all(rsa_key().token(header, claims())) == "refused");
        }
        for (const std::string_view kid : {"null", "7", "[\"rsa\"]", "{}"}) {
            const std::string header = fmt::format(R"({{"alg":"RS256","kid":{}}})", kid);
            CHECK(verdict_of_all(rsa_key().token(header, claims())) == "refused");
        }
        CHECK(verdict_of_all(rsa_key().token(R"({"alg":"RS256","kid":"\u0072sa"})", claims())) ==
              "default/usr_ana");
    }

    TEST_CASE("a token without kid needs a set with one key of its kind") {
        const std::string bare = rsa_key().token(R"({"alg":"RS256"})", claims());
        CHECK(verdict_of_all(bare) == "default/usr_ana");
        const std::string two = set_of(fmt::format("{},{}", rsa_key().jwk(R"("kid":"rsa")"),
                                                   other_rsa_key().jwk(R"("kid":"b")")));
        CHECK(verdict_of({JwtAlgorithm::rs256}, bare, two) == "refused");
        CHECK(verdict_of({JwtAlgorithm::rs256}, rsa_key().token(rs256, claims()), two) ==
              "default/usr_ana");
        CHECK(verdict_of({JwtAlgorithm::rs256}, rsa_key().token(rs256, claims()),
                         set_of(rsa_key().jwk())) == "refused");
    }

    TEST_CASE("a verifier that could verify nothing is not made") {
        const testing::FixedClock clock;
        const KeyFile file{both_keys()};
        const KeyFile empty{"{}"};
        const std::pair<JwtOptions, std::string> table[] = {
            {{.algorithms = {}}, "an algorithm is needed"},
            {{.algorithms = {JwtAlgorithm::hs256}}, "the secret must have at least 32 bytes"},
            {{.algorithms = {JwtAlgorithm::rs256}}, "RS256 and ES256 need a key set"},
            {{.secret = std::string{secret}, .jwks = {.source = file.path()}},
             "a key set is of no use without RS256 or ES256"},
            {{.algorithms = {JwtAlgorithm::es256},
              .secret = std::string{secret},
              .jwks = {.source = file.path()}},
             "a secret is of no use without HS256"},
            {{.algorithms = {JwtAlgorithm::es256}, .jwks = {.source = empty.path()}},
             "the key set cannot be used: it has no array of keys"},
            {{.algorithms = {JwtAlgorithm::es256}, .jwks = {.source = "/nowhere/keys.json"}},
             "the key set cannot be read"},
            {{.algorithms = {JwtAlgorithm::es256}, .jwks = {.source = "http://example.org/keys"}},
             "the address of the key set must be https://, or http:// on this machine, without "
             "user, password or fragment"},
        };
        for (const auto& [options, message] : table) {
            CAPTURE(message);
            try {
                static_cast<void>(jwt_verifier(options, clock));
                FAIL("made");
            } catch (const Error& error) {
                CHECK(error.code() == ErrorCode::invalid);
                CHECK(error.message() == message);
            }
        }
    }

}  // TEST_SUITE
