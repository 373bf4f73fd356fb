#include "front/trusted_proxies.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace lvng::server;

namespace {

bool trusts(std::string_view list, std::string_view address) {
    const auto proxies = TrustedProxies::parse(list);
    REQUIRE(proxies);
    const auto bytes = parse_address(address);
    REQUIRE(bytes);
    return proxies->trusts(*bytes);
}

std::string client_of(const std::vector<std::string_view>& forwarded) {
    Request request;
    for (const std::string_view value : forwarded)
        request.headers.push_back({.name = "x-forwarded-for", .value = value});
    return std::string{
        TrustedProxies::parse("10.0.0.0/8, fd00::/8")->client_of(request, "10.0.0.1")};
}

}  // namespace

TEST_SUITE("server.trusted_proxies") {

    TEST_CASE("a network holds its addresses and no others") {
        CHECK(trusts("10.0.0.0/8", "10.255.0.1"));
        CHECK_FALSE(trusts("10.0.0.0/8", "11.0.0.1"));
        CHECK(trusts("192.0.2.128/25", "192.0.2.200"));
        CHECK_FALSE(trusts("192.0.2.128/25", "192.0.2.127"));
        CHECK(trusts("192.0.2.1", "192.0.2.1"));
        CHECK_FALSE(trusts("192.0.2.1", "192.0.2.2"));
        CHECK(trusts("192.0.2.1, ::1", "::1"));
        CHECK(trusts("2001:db8::/33", "2001:db8:7fff::1"));
        CHECK_FALSE(trusts("2001:db8::/33", "2001:db8:8000::1"));
        CHECK(trusts("0.0.0.0/0", "192.0.2.1"));
        CHECK_FALSE(trusts("0.0.0.0/0", "2001:db8::1"));
        CHECK(trusts("10.0.0.0/8", "::ffff:10.1.2.3"));
    }

    TEST_CASE("what is neither address nor network is refused") {
        for (const auto* list :
             {"", "proxy", "10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "::1/129", "10.0.0.1,", ",::1",
              "10.0.0.0/-1", "[::1]", "10.0.0.0/8/8", "10.0.0.0/8 ::1"}) {
            CAPTURE(list);
            CHECK_FALSE(TrustedProxies::parse(list));
        }
    }

    TEST_CASE("the client is the last address that no trusted proxy has") {
        CHECK(client_of({"192.0.2.7"}) == "192.0.2.7");
        CHECK(client_of({"192.0.2.7, 10.1.1.1, fd00::2"}) == "192.0.2.7");
        CHECK(client_of({"198.51.100.1, 192.0.2.7"}) == "192.0.2.7");
        CHECK(client_of({"198.51.100.1", "192.0.2.7", "10.1.1.1"}) == "192.0.2.7");
        CHECK(client_of({"10.2.2.2,10.1.1.1"}) == "10.2.2.2");
        CHECK(client_of({"2001:db8::1"}) == "2001:db8::1");
    }

    TEST_CASE("what is no address is not believed, nor what stands before it") {
        CHECK(client_of({}) == "10.0.0.1");
        CHECK(client_of({""}) == "10.0.0.1");
        CHECK(client_of({"unknown"}) == "10.0.0.1");
        CHECK(client_of({"192.0.2.7, unknown"}) == "10.0.0.1");
        CHECK(client_of({"192.0.2.7, evil, 10.1.1.1"}) == "10.1.1.1");
        using namespace std::string_view_literals;
        CHECK(client_of({"192.0.2.7\0evil"sv}) == "10.0.0.1");
    }

}  // TEST_SUITE
