#include "contacts/rules/contact_keys.hpp"

#include "text/email_address.hpp"
#include "text/phone.hpp"
#include "text/unicode.hpp"

#include <algorithm>

namespace lvng::crm::rules {
namespace {

constexpr char email_mark = '\n';
constexpr char company_mark = '\x1e';
constexpr char tag_mark = '\x1f';

void add_distinct(std::vector<std::string>& values, std::string value) {
    if (std::find(values.begin(), values.end(), value) == values.end()) {
        values.push_back(std::move(value));
    }
}

std::string name_key(const Contact& contact) {
    std::string folded = text::fold(contact.name);
    folded.resize(text::first_code_points(folded, ContactLimits::name).size());
    return folded;
}

std::string company_part(std::string_view company) {
    return company_mark + text::fold(company) + company_mark;
}

std::string search_key(const Contact& contact) {
    std::string key = text::fold(contact.name) + email_mark;
    if (contact.email) key += text::fold(*contact.email);
    if (contact.company) key += company_part(*contact.company);
    return key;
}

std::string tags_key(const std::vector<std::string>& tags) {
    std::string key;
    if (!tags.empty()) key = tag_mark;
    for (const std::string& tag : tags) key += text::fold(tag) + tag_mark;
    return key;
}

std::vector<std::string> email_keys(const Contact& contact) {
    std::vector<std::string> keys;
    // An address was checked when it came in; one that newer rules refuse is no key.
    const auto add = [&](const std::string& email) {
        if (auto key = text::email_key(email)) add_distinct(keys, *std::move(key));
    };
    if (contact.email) add(*contact.email);
    for (const std::string& email : contact.other_emails) add(email);
    return keys;
}

std::vector<std::string> phone_keys(const Contact& contact, std::string_view region) {
    std::vector<std::string> keys;
    if (contact.phone) keys.push_back(text::phone_key(*contact.phone, region));
    for (const std::string& phone : contact.other_phones) {
        add_distinct(keys, text::phone_key(phone, region));
    }
    return keys;
}

/// The wanted tags between their marks; nothing where some tag cannot be on any contact.
std::optional<std::vector<std::string>> tag_parts(const std::vector<std::string>& tags) {
    std::vector<std::string> parts;
    for (const std::string& given : tags) {
        const std::string_view tag = text::trim(given);
        if (tag.empty()) continue;
        if (text::has_control(tag)) return std::nullopt;
        add_distinct(parts, tag_mark + text::fold(tag) + tag_mark);
        if (parts.size() > ContactLimits::tags) return std::nullopt;
    }
    return parts;
}

}  // namespace

ContactKeys contact_keys(const Contact& contact, std::string_view phone_region) {
    return {.name = name_key(contact),
            .search = search_key(contact),
            .tags = tags_key(contact.tags),
            .emails = email_keys(contact),
            .phones = phone_keys(contact, phone_region)};
}

std::optional<ContactQuery> contact_query(const ContactFilter& filter) {
    ContactQuery query{.source = filter.source};
    if (text::has_control(filter.company)) return std::nullopt;
    if (!text::is_blank(filter.search)) {
        if (text::has_control(filter.search)) return std::nullopt;
        query.search_parts.push_back(text::fold(filter.search));
    }
    if (!filter.company.empty()) query.search_parts.push_back(company_part(filter.company));
    std::optional<std::vector<std::string>> tags = tag_parts(filter.tags);
    if (!tags) return std::nullopt;
    query.tag_parts = *std::move(tags);
    return query;
}

}  // namespace lvng::crm::rules
