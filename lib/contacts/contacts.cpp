#include <lvng/crm/contacts/contacts.hpp>

#include "contacts/contact_writing.hpp"
#include "contacts/rules/contact_keys.hpp"
#include "contacts/rules/contact_rules.hpp"
#include "json_printing.hpp"
#include "list_version.hpp"
#include "page_limits.hpp"
#include "text/email_address.hpp"
#include "text/field_rules.hpp"
#include "text/phone.hpp"
#include "text/unicode.hpp"
#include "unit_of_work.hpp"

#include <algorithm>

namespace lvng::crm::inline v0 {
namespace {

constexpr std::int64_t each_chunk = 200;

Error unknown_contact() {
    return Error{ErrorCode::not_found, "no such contact"};
}

Error email_taken(const ContactId& holder) {
    return Error{
        ErrorCode::already_exists,
        "another contact has this e-mail address",
        {.fields = {{"email", "belongs to another contact"}}, .related_id = holder.to_string()}};
}

void check(const Condition<Contact>& condition, const Contact& contact) {
    if (condition && !condition(contact)) {
        throw Error{ErrorCode::precondition_failed, "the contact has changed meanwhile"};
    }
}

Contact found(std::optional<Contact> contact) {
    if (!contact) throw unknown_contact();
    return *std::move(contact);
}

ListVersion version_of(const ContactsState& state) {
    ListVersionBuilder version;
    version.add(state.version);
    return version.finish();
}

std::optional<ContactQuery> checked_query(const ContactFilter& filter) {
    std::vector<FieldError> fields;
    const auto check = [&](const char* field, std::string_view text) {
        if (auto complaint = text::bad_search(text)) fields.push_back({field, *complaint});
    };
    check("search", filter.search);
    check("company", filter.company);
    const auto bad_tag = std::find_if(filter.tags.begin(), filter.tags.end(),
                                      [](const auto& tag) { return text::bad_search(tag); });
    if (bad_tag != filter.tags.end()) check("tags", *bad_tag);
    text::refuse(std::move(fields));
    return rules::contact_query(filter);
}

}  // namespace

std::string_view to_string(ContactSource source) noexcept {
    switch (source) {
    case ContactSource::manual:
        return "manual";
    case ContactSource::meeting:
        return "meeting";
    case ContactSource::message:
        return "message";
    case ContactSource::email:
        return "email";
    }
    return "manual";
}

std::optional<ContactSource> parse_contact_source(std::string_view text) noexcept {
    using enum ContactSource;
    for (const ContactSource source : {manual, meeting, message, email}) {
        if (text == to_string(source)) return source;
    }
    return std::nullopt;
}

Contact Contacts::create(const Principal& who, const NewContact& draft) {
    Contact contact = rules::contact_from(draft);
    contact.user_id = who.user;
    contact.created_at = contact.updated_at = writing_->clock.now();
    contact.id = ContactId{writing_->ids.next(contact.created_at)};
    const ContactKeys keys = rules::contact_keys(contact, writing_->phone_region);
    in_transaction(*scope_, who, Access::write, [&](StoreTransaction& tx) {
        if (const auto holder = tx.contacts().insert(contact, keys)) throw email_taken(*holder);
    });
    return contact;
}

Contact Contacts::update(const Principal& who, const ContactId& id, const ContactChanges& changes,
                         const Condition<Contact>& condition) {
    const ContactChanges tidy = rules::tidy(changes);
    return in_transaction(
        *scope_, who, Access::write,
        [&](StoreTransaction& tx) {
            Contact before = found(tx.contacts().find_for_update(id));
            check(condition, before);
            Contact after = rules::with_changes(before, tidy);
            if (after == before) return before;
            // The clock may have been set back, or not have moved since the last change.
            after.updated_at =
                std::max(writing_->clock.now(), Timestamp{before.updated_at.milliseconds() + 1});
            ++after.version;
            const ContactKeys keys = rules::contact_keys(after, writing_->phone_region);
            if (const auto holder = tx.contacts().replace(after, keys)) throw email_taken(*holder);
            return after;
        },
        thread_for(condition));
}

void Contacts::remove(const Principal& who, const ContactId& id,
                      const Condition<Contact>& condition) {
    in_transaction(
        *scope_, who, Access::write,
        [&](StoreTransaction& tx) {
            if (condition) check(condition, found(tx.contacts().find_for_update(id)));
            if (!tx.contacts().remove(id)) throw unknown_contact();
        },
        thread_for(condition));
}

Contact Contacts::get(const Principal& who, const ContactId& id) const {
    return found(in_transaction(*scope_, who, Access::glance,
                                [&](StoreTransaction& tx) { return tx.contacts().find(id); }));
}

void Contacts::get_each(std::span<ContactRequest> requests) const {
    for (ContactRequest& request : requests) {
        request.contact.reset();
        request.failure = nullptr;
    }
    scope_->find_each(requests);
    for (ContactRequest& request : requests) {
        if (request.failure || request.contact) continue;
        request.failure = std::make_exception_ptr(unknown_contact());
    }
}

Listing<Contact> Contacts::list(const Principal& who, const ContactFilter& filter,
                                const Page& page) const {
    return list_if_changed(who, {}, filter, page).value();
}

std::optional<Listing<Contact>> Contacts::list_if_changed(const Principal& who,
                                                          const ListVersion& known,
                                                          const ContactFilter& filter,
                                                          const Page& page) const {
    check(page, {.limit = ContactLimits::page, .offset = ContactLimits::offset});
    const std::optional<ContactQuery> query = checked_query(filter);
    const Deadline until = scope_->deadline();
    const auto look = [](StoreTransaction& tx) { return tx.contacts().state(); };
    // By itself, because mostly it is all that is asked, and on PostgreSQL a transaction for more
    // costs nearly as much again.
    if (known != ListVersion{} && version_of(in_transaction(*scope_, who, Access::glance, look,
                                                            WorkThread::any, until)) == known) {
        return std::nullopt;
    }
    const auto read = [&](StoreTransaction& tx) {
        const ContactsState state = look(tx);
        Listing<Contact> list{.version = version_of(state)};
        if (query) list.items = tx.contacts().page(*query, page, state, list.total);
        return list;
    };
    return in_transaction(*scope_, who, Access::read, read, WorkThread::any, until);
}

void Contacts::each(const Principal& who, const ContactFilter& filter,
                    const std::function<bool(const Contact&)>& sink) const {
    const std::optional<ContactQuery> query = checked_query(filter);
    ContactChunk chunk;
    do {
        chunk = in_transaction(*scope_, who, Access::read, [&](StoreTransaction& tx) {
            return query ? tx.contacts().page_after(*query, chunk.end, each_chunk) : ContactChunk{};
        });
        for (const Contact& contact : chunk.contacts) {
            if (!sink(contact)) return;
        }
    } while (static_cast<std::int64_t>(chunk.contacts.size()) == each_chunk);
}

std::optional<Contact> Contacts::with_email(const Principal& who, std::string_view email) const {
    const std::optional<std::string> key =
        text::is_utf8(email) ? text::email_key(text::trim(email)) : std::nullopt;
    return in_transaction(*scope_, who, Access::glance, [&](StoreTransaction& tx) {
        return key ? tx.contacts().find_by_email(*key) : std::nullopt;
    });
}

std::vector<Contact> Contacts::with_phone(const Principal& who, std::string_view phone) const {
    const bool usable = text::is_utf8(phone) && !text::is_blank(phone);
    const std::string key =
        usable ? text::phone_key(text::trim(phone), writing_->phone_region) : std::string{};
    return in_transaction(*scope_, who, Access::glance, [&](StoreTransaction& tx) {
        return usable ? tx.contacts().find_by_phone(key, ContactLimits::page)
                      : std::vector<Contact>{};
    });
}

void append_json(std::string& out, const Contact& contact) {
    out += R"({"id":)";
    append_value(out, contact.id);
    out += R"(,"user_id":)";
    append_value(out, contact.user_id);
    out += R"(,"name":)";
    append_value(out, contact.name);
    out += R"(,"email":)";
    append_value(out, contact.email);
    out += R"(,"phone":)";
    append_value(out, contact.phone);
    out += R"(,"company":)";
    append_value(out, contact.company);
    out += R"(,"title":)";
    append_value(out, contact.title);
    out += R"(,"tags":)";
    append_value(out, contact.tags);
    out += R"(,"notes":)";
    append_value(out, contact.notes);
    out += R"(,"source":")";
    out += to_string(contact.source);
    out += R"(","other_emails":)";
    append_value(out, contact.other_emails);
    out += R"(,"other_phones":)";
    append_value(out, contact.other_phones);
    out += R"(,"created_at":)";
    append_value(out, contact.created_at);
    out += R"(,"updated_at":)";
    append_value(out, contact.updated_at);
    out += '}';
}

std::string to_json(const Contact& contact) {
    std::string out;
    out.reserve(512);
    append_json(out, contact);
    return out;
}

}  // namespace lvng::crm::inline v0
