#include "contacts/rules/contact_rules.hpp"

#include "text/email_address.hpp"
#include "text/field_rules.hpp"
#include "text/unicode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <unordered_set>

namespace lvng::crm::rules {
namespace {

using text::Complaint;
using text::trimmed;

/// Brings one value into form and reports what is wrong with it.
class Tidying {
public:
    void line(const char* field, std::string& value, std::size_t limit) {
        value = trimmed(value);
        report(field, text::bad_line(value, limit));
    }

    void required_line(const char* field, std::string& value, std::size_t limit) {
        value = trimmed(value);
        report(field, value.empty() ? Complaint{"is required"} : text::bad_line(value, limit));
    }

    void email(std::string& value) {
        value = trimmed(value);
        Complaint complaint = text::bad_line(value, ContactLimits::email);
        if (!complaint && !value.empty() && !text::email_key(value)) {
            complaint = "must be an e-mail address";
        }
        report("email", std::move(complaint));
    }

    void tags(std::vector<std::string>& values) {
        std::vector<std::string> kept;
        std::unordered_set<std::string> seen;
        Complaint complaint;
        for (const std::string& given : values) {
            std::string tag = trimmed(given);
            if (tag.empty()) continue;
            if (!complaint) complaint = bad_tag(tag);
            if (!text::is_utf8(tag) || seen.insert(text::fold(tag)).second) {
                kept.push_back(std::move(tag));
            }
        }
        if (!complaint && kept.size() > ContactLimits::tags) {
            complaint = fmt::format("must be at most {} tags", ContactLimits::tags);
        }
        values = std::move(kept);
        report("tags", std::move(complaint));
    }

    void notes(const std::string& value) {
        report("notes", text::bad_block(value, ContactLimits::notes));
    }

    [[nodiscard]] std::vector<FieldError>& fields() { return fields_; }

private:
    static Complaint bad_tag(std::string_view tag) {
        Complaint complaint = text::bad_line(tag, ContactLimits::tag);
        if (!complaint && tag.find(',') != std::string_view::npos) {
            complaint = "must not contain a comma";
        }
        if (complaint) complaint = "each " + *complaint;
        return complaint;
    }

    void report(const char* field, Complaint complaint) {
        if (complaint) fields_.push_back({field, *std::move(complaint)});
    }

    std::vector<FieldError> fields_;
};

void tidy_optional(Tidying& tidying, const char* field, std::optional<std::string>& value,
                   std::size_t limit) {
    if (!value) return;
    tidying.line(field, *value, limit);
    if (value->empty()) value.reset();
}

NewContact tidied(NewContact draft, std::vector<FieldError>& fields) {
    Tidying tidying;
    tidying.required_line("name", draft.name, ContactLimits::name);
    if (draft.email) {
        tidying.email(*draft.email);
        if (draft.email->empty()) draft.email.reset();
    }
    tidy_optional(tidying, "phone", draft.phone, ContactLimits::phone);
    tidy_optional(tidying, "company", draft.company, ContactLimits::company);
    tidy_optional(tidying, "title", draft.title, ContactLimits::title);
    tidying.tags(draft.tags);
    tidying.notes(draft.notes);
    fields = std::move(tidying.fields());
    return draft;
}

/// Applies `tidy` to the value that a change sets; one that is blank afterwards clears.
template <class Tidy>
void tidy_change(Change<std::string>& change, Tidy tidy) {
    if (!change.value()) return;
    std::string value = *change.value();
    tidy(value);
    change = value.empty() ? Change<std::string>{clear} : Change<std::string>{std::move(value)};
}

ContactChanges tidied(ContactChanges changes, std::vector<FieldError>& fields) {
    Tidying tidying;
    if (!changes.name.keeps()) {
        std::string name = changes.name.value() ? *changes.name.value() : std::string{};
        tidying.required_line("name", name, ContactLimits::name);
        changes.name = std::move(name);
    }
    tidy_change(changes.email, [&](std::string& value) { tidying.email(value); });
    tidy_change(changes.phone,
                [&](std::string& value) { tidying.line("phone", value, ContactLimits::phone); });
    tidy_change(changes.company, [&](std::string& value) {
        tidying.line("company", value, ContactLimits::company);
    });
    tidy_change(changes.title,
                [&](std::string& value) { tidying.line("title", value, ContactLimits::title); });
    if (changes.tags.value()) {
        std::vector<std::string> tags = *changes.tags.value();
        tidying.tags(tags);
        changes.tags = std::move(tags);
    }
    if (changes.notes.value()) tidying.notes(*changes.notes.value());
    fields = std::move(tidying.fields());
    return changes;
}

}  // namespace

Contact contact_from(const NewContact& draft) {
    std::vector<FieldError> fields;
    NewContact tidy_draft = tidied(draft, fields);
    text::refuse(std::move(fields));
    return Contact{.name = std::move(tidy_draft.name),
                   .email = std::move(tidy_draft.email),
                   .phone = std::move(tidy_draft.phone),
                   .company = std::move(tidy_draft.company),
                   .title = std::move(tidy_draft.title),
                   .tags = std::move(tidy_draft.tags),
                   .notes = std::move(tidy_draft.notes),
                   .source = tidy_draft.source};
}

ContactChanges tidy(const ContactChanges& changes) {
    std::vector<FieldError> fields;
    ContactChanges result = tidied(changes, fields);
    text::refuse(std::move(fields));
    return result;
}

Contact with_changes(Contact contact, const ContactChanges& changes) {
    text::apply(contact.name, changes.name);
    text::apply(contact.email, changes.email);
    text::apply(contact.phone, changes.phone);
    text::apply(contact.company, changes.company);
    text::apply(contact.title, changes.title);
    text::apply(contact.notes, changes.notes);
    if (changes.tags.clears()) contact.tags.clear();
    if (changes.tags.value()) contact.tags = *changes.tags.value();
    if (contact.email) {
        const std::optional<std::string> key = text::email_key(*contact.email);
        std::erase_if(contact.other_emails,
                      [&](const std::string& other) { return text::email_key(other) == key; });
    }
    std::erase_if(contact.other_phones,
                  [&](const std::string& other) { return other == contact.phone; });
    return contact;
}

}  // namespace lvng::crm::rules

namespace lvng::crm::inline v0 {

std::vector<FieldError> bad_fields(const NewContact& draft) {
    std::vector<FieldError> fields;
    rules::tidied(draft, fields);
    return fields;
}

std::vector<FieldError> bad_fields(const ContactChanges& changes) {
    std::vector<FieldError> fields;
    rules::tidied(changes, fields);
    return fields;
}

}  // namespace lvng::crm::inline v0
