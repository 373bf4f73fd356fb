#pragma once

#include <lvng/crm/contacts/contacts.hpp>

/// What a contact may hold, and how it is brought into form. Pure.
namespace lvng::crm::rules {

/// The contact that `draft` asks for, in form, without id, owner and times. Throws `invalid`
/// with every bad field.
Contact contact_from(const NewContact& draft);

/// Changes in form: texts trimmed, blank optional ones turned into `clear`, tags tidied. Throws
/// `invalid` with every bad field.
ContactChanges tidy(const ContactChanges& changes);

/// `contact` with `changes`, which are tidy. An address among `other_emails` that becomes the
/// e-mail leaves them; so does a number that is spelt the same.
Contact with_changes(Contact contact, const ContactChanges& changes);

}  // namespace lvng::crm::rules
