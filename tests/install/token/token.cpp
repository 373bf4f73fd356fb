#include <lvng/crm/auth.hpp>
#include <lvng/crm/error.hpp>
#include <lvng/crm/testing.hpp>

#include <iostream>
#include <memory>
#include <string>

using namespace lvng::crm;

int main() {
    const std::string secret = "only for this test: 9f2c7a51d0e84b36";
    const testing::FixedClock clock;
    const Timestamp now = clock.now();
    const std::string token = sign_token({.user = UserId{"usr_ana"},
                                          .issued_at = now,
                                          .expires_at = Timestamp{now.milliseconds() + 60'000}},
                                         secret);

    const std::unique_ptr<TokenVerifier> verifier = jwt_verifier({.secret = secret}, clock);
    std::cout << verifier->verify(token).principal.user.to_string() << '\n';
    try {
        static_cast<void>(verifier->verify(token + "x"));
    } catch (const Error& error) {  // thrown by the library, caught by the program
        std::cout << to_string(error.code()) << '\n';
    }
}
