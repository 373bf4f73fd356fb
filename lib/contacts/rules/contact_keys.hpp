#pragma once

#include <lvng/crm/contacts/contact_keys.hpp>
#include <lvng/crm/contacts/contacts.hpp>

#include <optional>
#include <string_view>

/// What contacts are found, compared and ordered by. Pure.
///
/// `ContactKeys::search` is the folded name, a line feed, the folded e-mail, and for a contact
/// with a company U+001E on both sides of the folded company. No field can hold these controls,
/// so a term never matches across two fields, and the whole company is a part between two of
/// them.
namespace lvng::crm::rules {

ContactKeys contact_keys(const Contact& contact, std::string_view phone_region);

/// The filter as a store reads it; nothing where no contact can match it.
std::optional<ContactQuery> contact_query(const ContactFilter& filter);

}  // namespace lvng::crm::rules
