#include "text/phone.hpp"

#include "text/unicode.hpp"

#include <optional>
#include <phonenumbers/phonenumberutil.h>
#include <set>

namespace lvng::crm::text {

namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

// libphonenumber's own word for "no region".
constexpr const char* no_region = "ZZ";

// One object in the process, safe to share, also with a host that uses libphonenumber itself. Its
// logger is left alone: it writes nothing until somebody sets another one, and where the host has
// set one, what we ask belongs in the host's log too.
const PhoneNumberUtil& phone_numbers() {
    return *PhoneNumberUtil::GetInstance();
}

// Possible and not valid: validity rests on numbering plans that are years old in a distribution's
// package, and refuses the documented sample `+1-555-0100`.
std::optional<std::string> e164_key(std::string_view text, std::string_view region) {
    PhoneNumber number;
    const std::string default_region{region.empty() ? no_region : region};
    const auto parsed = phone_numbers().Parse(std::string{text}, default_region, &number);
    if (parsed != PhoneNumberUtil::NO_PARSING_ERROR) return std::nullopt;
    if (!phone_numbers().IsPossibleNumber(number)) return std::nullopt;

    std::string key;
    phone_numbers().Format(number, PhoneNumberUtil::E164, &key);
    if (!number.extension().empty()) key += ";ext=" + number.extension();
    return key;
}

}  // namespace

bool is_phone_region(std::string_view region) {
    std::set<std::string> regions;
    phone_numbers().GetSupportedRegions(&regions);
    return regions.count(std::string{region}) > 0;
}

std::string phone_key(std::string_view text, std::string_view region) {
    if (std::optional<std::string> key = e164_key(text, region)) return *std::move(key);
    std::string digits{text};
    phone_numbers().NormalizeDigitsOnly(&digits);
    return digits.empty() ? fold(text) : digits;
}

}  // namespace lvng::crm::text
