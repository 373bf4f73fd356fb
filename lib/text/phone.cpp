#include "text/phone.hpp"

#include "text/unicode.hpp"

#include <algorithm>
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

// A North American number as E.164 writes it. That code has one length, and no area code begins
// with the 1 that is dialled in front of it, so there is nothing to find out about such a number.
// Source: ITU-T E.164; North American Numbering Plan.
bool is_north_american_e164(std::string_view text) {
    constexpr std::string_view code = "+1";
    constexpr std::size_t length = code.size() + 10;
    return text.size() == length && text.starts_with(code) && text[code.size()] >= '2' &&
           std::all_of(text.begin() + code.size(), text.end(),
                       [](char c) { return c >= '0' && c <= '9'; });
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
    // Reading it would take a sixth of the time that a contact takes to make.
    if (is_north_american_e164(text)) return std::string{text};
    if (std::optional<std::string> key = e164_key(text, region)) return *std::move(key);
    std::string digits{text};
    phone_numbers().NormalizeDigitsOnly(&digits);
    return digits.empty() ? fold(text) : digits;
}

}  // namespace lvng::crm::text
