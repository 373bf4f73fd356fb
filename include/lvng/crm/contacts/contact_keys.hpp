#pragma once

#include <lvng/crm/contacts/contacts.hpp>

#include <optional>
#include <string>
#include <vector>

/// What stores know a contact by: for authors of stores, a host has no use for it.
namespace lvng::crm::inline v0 {

/// What a store compares, sorts and searches a contact by: made once, when it is written.
struct ContactKeys {
    std::string name{};    ///< folded name, its first 200 code points
    std::string search{};  ///< folded name, e-mail and company, see `rules/contact_keys`
    std::string tags{};    ///< folded tags, each between two U+001F; empty without any
    std::vector<std::string> emails{};  ///< identity keys of `email` and `other_emails`, distinct
    std::vector<std::string> phones{};  ///< comparison keys of `phone` and `other_phones`, distinct

    bool operator==(const ContactKeys&) const = default;
};

/// A filter as a store reads it.
struct ContactQuery {
    /// Each must be part of `ContactKeys::search`.
    std::vector<std::string> search_parts{};
    /// Each must be part of `ContactKeys::tags`.
    std::vector<std::string> tag_parts{};
    std::optional<ContactSource> source{};

    [[nodiscard]] bool matches_all() const {
        return search_parts.empty() && tag_parts.empty() && !source;
    }
};

/// The place behind which a page starts, in list order.
struct ContactPlace {
    std::string name_key{};
    ContactId id{};
};

}  // namespace lvng::crm::inline v0
