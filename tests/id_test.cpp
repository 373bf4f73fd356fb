#include <doctest/doctest.h>
#include <lvng/crm/error.hpp>
#include <lvng/crm/id.hpp>

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

using namespace lvng::crm;

namespace {

// RFC 9562, appendix A.6: the example of a UUID version 7.
constexpr std::string_view rfc_v7 = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";

struct MergeKind {
    static constexpr std::string_view prefix = "mrg_";
    static constexpr std::string_view field = "merge_id";
};
using PrefixedId = UuidId<MergeKind>;

template <class Make>
FieldError refusal(Make make) {
    try {
        make();
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::invalid);
        REQUIRE(error.fields().size() == 1);
        return error.fields().front();
    }
    return {"nothing", "was thrown"};
}

}  // namespace

TEST_SUITE("id") {
    TEST_CASE("the published version 7 example is read and printed") {
        const auto uuid = Uuid::parse(rfc_v7);
        REQUIRE(uuid);
        const Uuid::Bytes expected{0x01, 0x7F, 0x22, 0xE2, 0x79, 0xB0, 0x7C, 0xC3,
                                   0x98, 0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8F};
        CHECK(uuid->bytes() == expected);
        CHECK(uuid->to_string() == rfc_v7);
    }

    TEST_CASE("letters of a UUID are read in either case and printed in lower case") {
        // RFC 9562, section 4: the example in upper case.
        const auto upper = Uuid::parse("F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6");
        REQUIRE(upper);
        CHECK(upper == Uuid::parse("f81d4fae-7dec-11d0-a765-00a0c91e6bf6"));
        CHECK(upper->to_string() == "f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
    }

    TEST_CASE("the nil and the max UUID are UUIDs") {
        const auto nil = Uuid::parse("00000000-0000-0000-0000-000000000000");
        REQUIRE(nil);
        CHECK(nil->is_nil());
        CHECK(*nil == Uuid{});
        const auto max = Uuid::parse("ffffffff-ffff-ffff-ffff-ffffffffffff");
        REQUIRE(max);
        CHECK_FALSE(max->is_nil());
        CHECK(*nil < *max);
    }

    TEST_CASE("any other text is no UUID") {
        const std::vector<std::string> texts{
            "",
            "017f22e279b07cc398c4dc0c0c07398f",
            "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
            "urn:uuid:017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
            "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
            "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",
            " 17f22e2-79b0-7cc3-98c4-dc0c0c07398f",
            "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
            "017f22e2-79b0-7cc3-98c4-dc0c0c07398/",
            "017f22e2-79b0-7cc3-98c4-dc0c0c07398:",
            "017f22e2-79b0-7cc3-98c4-dc0c0c07398@",
            "017f22e2-79b0-7cc3-98c4-dc0c0c07398`",
            "017f22e2+79b0-7cc3-98c4-dc0c0c07398f",
            "017f22e27-9b0-7cc3-98c4-dc0c0c07398f",
            "+17f22e2-79b0-7cc3-98c4-dc0c0c07398f",
            "017f22e2-79b0-7cc3-98c4-dc0c0c0739\xC3\xA4",
            std::string{"017f22e2-79b0-7cc3-98c4-dc0c0c07398\0", 36},
        };
        for (const std::string& text : texts) {
            CAPTURE(text);
            CHECK_FALSE(Uuid::parse(text));
        }
    }

    TEST_CASE("every byte survives printing and reading, at every place") {
        for (unsigned value = 0; value < 256; ++value) {
            Uuid::Bytes bytes{};
            for (std::size_t i = 0; i < bytes.size(); ++i) {
                bytes[i] = static_cast<std::uint8_t>(value + 17 * i);
            }
            const Uuid uuid{bytes};
            CHECK(Uuid::parse(uuid.to_string()) == uuid);
        }
    }

    TEST_CASE("printing appends to what is there") {
        std::string out = "id=";
        Uuid::parse(rfc_v7)->append_to(out);
        CHECK(out == "id=" + std::string{rfc_v7});
    }

    TEST_CASE("a contact id is a bare UUID and says so when it is not") {
        CHECK(ContactId{rfc_v7}.to_string() == rfc_v7);
        CHECK(ContactId::parse(rfc_v7) == ContactId{rfc_v7});
        CHECK_FALSE(ContactId::parse("42"));
        CHECK(ContactId{}.uuid().is_nil());
        CHECK(refusal([] { ContactId{"42"}; }) == FieldError{"id", "must be a UUID"});
    }

    TEST_CASE("a prefixed id needs its prefix") {
        const std::string text = "mrg_" + std::string{rfc_v7};
        CHECK(PrefixedId{text}.to_string() == text);
        CHECK(PrefixedId::parse("MRG_017F22E2-79B0-7CC3-98C4-DC0C0C07398F") == PrefixedId{text});
        CHECK_FALSE(PrefixedId::parse(rfc_v7));
        CHECK_FALSE(PrefixedId::parse("mrg"));
        CHECK_FALSE(PrefixedId::parse("msg_" + std::string{rfc_v7}));
        CHECK(refusal([] { PrefixedId{rfc_v7}; }) ==
              FieldError{"merge_id", "must be `mrg_` and a UUID"});
    }

    TEST_CASE("an opaque id is 1 to 128 visible ASCII characters") {
        CHECK(UserId{"usr_ana"}.to_string() == "usr_ana");
        CHECK(UserId::parse("!~"));
        CHECK(UserId::parse(std::string(128, 'x')));
        CHECK_FALSE(UserId::parse(std::string(129, 'x')));
        CHECK_FALSE(UserId::parse(""));
        CHECK_FALSE(UserId::parse("a b"));
        CHECK_FALSE(UserId::parse("a\x7F"));
        CHECK_FALSE(UserId::parse("a\n"));
        CHECK_FALSE(UserId::parse("\xC3\xA4"));
        CHECK_FALSE(UserId::parse(std::string_view{"a\0b", 3}));
        CHECK(UserId{}.empty());
        CHECK(refusal([] { UserId{""}; }) ==
              FieldError{"user_id", "must be 1 to 128 visible ASCII characters"});
        CHECK(refusal([] { TenantId{"a b"}; }).field == "tenant_id");
    }

    TEST_CASE("opaque ids are compared byte by byte") {
        CHECK(UserId{"Ana"} != UserId{"ana"});
        CHECK(UserId{"Ana"} < UserId{"ana"});
    }

    TEST_CASE("ids are keys of hash tables") {
        const std::unordered_set<ContactId> contacts{ContactId{rfc_v7}, ContactId{}};
        CHECK(contacts.count(ContactId{rfc_v7}) == 1);
        const std::unordered_set<UserId> users{UserId{"a"}, UserId{"b"}, UserId{"a"}};
        CHECK(users.size() == 2);
    }
}
