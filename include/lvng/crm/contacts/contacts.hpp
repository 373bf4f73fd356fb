#pragma once

#include <lvng/crm/change.hpp>
#include <lvng/crm/condition.hpp>
#include <lvng/crm/error.hpp>
#include <lvng/crm/export.hpp>
#include <lvng/crm/id.hpp>
#include <lvng/crm/page.hpp>
#include <lvng/crm/principal.hpp>
#include <lvng/crm/timestamp.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lvng::crm::inline v0 {

class Scope;
struct ContactWriting;

/// How a contact came into the book.
enum class ContactSource { manual, meeting, message, email };

LVNG_CRM_EXPORT std::string_view to_string(ContactSource source) noexcept;
LVNG_CRM_EXPORT std::optional<ContactSource> parse_contact_source(std::string_view text) noexcept;

/// The rules' numbers, all in Unicode code points unless they say otherwise.
/// Source: REST contract, section 5, Text.
struct ContactLimits {
    static constexpr std::size_t name = 200;
    static constexpr std::size_t email = 254;
    static constexpr std::size_t phone = 64;
    static constexpr std::size_t company = 200;
    static constexpr std::size_t title = 200;
    static constexpr std::size_t notes = 20'000;
    static constexpr std::size_t tag = 64;
    static constexpr std::size_t tags = 100;               ///< tags of one contact
    static constexpr std::int64_t page = 200;              ///< greatest `Page::limit` of a list
    static constexpr std::int64_t offset = 1'000'000'000;  ///< greatest `Page::offset`
};

/// A person in somebody's book.
struct Contact {
    ContactId id{};
    UserId user_id{};    ///< whose book it is in
    std::string name{};  ///< trimmed, 1 to 200 code points
    std::optional<std::string> email{};
    std::optional<std::string> phone{};
    std::optional<std::string> company{};
    std::optional<std::string> title{};
    std::vector<std::string> tags{};  ///< in the order given, no two alike without case
    std::string notes{};              ///< byte for byte as given
    ContactSource source = ContactSource::manual;
    std::vector<std::string> other_emails{};  ///< kept from merged duplicates
    std::vector<std::string> other_phones{};  ///< kept from merged duplicates
    Timestamp created_at{};
    Timestamp updated_at{};
    std::int64_t version = 1;  ///< grows by one with every change

    bool operator==(const Contact&) const = default;
};

/// The contact as the REST API shows it: every field, compact, `version` left out.
LVNG_CRM_EXPORT std::string to_json(const Contact& contact);
LVNG_CRM_EXPORT void append_json(std::string& out, const Contact& contact);

/// What a new contact starts with. Single-line texts are trimmed; blank optional ones count as
/// absent; blank and repeated tags are dropped.
struct NewContact {
    std::string name{};
    std::optional<std::string> email{};
    std::optional<std::string> phone{};
    std::optional<std::string> company{};
    std::optional<std::string> title{};
    std::vector<std::string> tags{};
    std::string notes{};
    ContactSource source = ContactSource::manual;
};

/// A partial update. A cleared name is refused; a cleared list or note becomes empty.
struct ContactChanges {
    Change<std::string> name{};
    Change<std::string> email{};
    Change<std::string> phone{};
    Change<std::string> company{};
    Change<std::string> title{};
    Change<std::vector<std::string>> tags{};
    Change<std::string> notes{};
};

/// Every rule that `Contacts::create` would refuse the value for, in the order of its fields;
/// empty where it would not. Reads no store, so a taken e-mail is not among them.
LVNG_CRM_EXPORT std::vector<FieldError> bad_fields(const NewContact& draft);
LVNG_CRM_EXPORT std::vector<FieldError> bad_fields(const ContactChanges& changes);

/// Which contacts a list shows. All given conditions must hold; a default one shows all.
struct ContactFilter {
    std::string
        search{};  ///< part of name, e-mail or company, without case; white space alone is none
    std::string company{};            ///< the whole company, without case; empty is none
    std::vector<std::string> tags{};  ///< has all of them, without case; blank ones are none
    std::optional<ContactSource> source{};
};

/// One of several contacts that are asked for in one call, and its outcome.
struct ContactRequest {
    Principal who{};
    ContactId id{};
    /// For so long its caller has waited already, which counts as time of the call.
    std::chrono::steady_clock::duration waited{};
    std::optional<Contact> contact{};  ///< what `get` returns
    std::exception_ptr failure{};      ///< or what it throws
};

/// The contacts of a user: create, find, list, change, delete.
///
/// Order of every list: name without case (the first 200 code points of its folded form, byte
/// order of UTF-8), then id. Each call is one transaction. All calls throw `invalid` (a principal
/// without tenant or user) and `unavailable` (the store does not answer within
/// `Options::timeout`). Safe to share. Source: REST contract, section 2.
class LVNG_CRM_EXPORT Contacts {
public:
    /// Throws `invalid` (each bad field named) and `already_exists` (the e-mail is taken in this
    /// book; `related_id` is the holder's id). Of two racing calls one succeeds.
    Contact create(const Principal& who, const NewContact& draft);

    /// Changes the given fields. An update that changes nothing writes nothing and leaves
    /// `updated_at` and `version` alone. An address among the contact's own `other_emails` given
    /// as `email` moves there. Throws `invalid`, `not_found`, `already_exists` as `create` does,
    /// and `precondition_failed` (the condition does not hold).
    Contact update(const Principal& who, const ContactId& id, const ContactChanges& changes,
                   const Condition<Contact>& condition = {});

    /// Deletes the contact with all that hangs on it. Throws `not_found`, `precondition_failed`
    /// (the condition does not hold).
    void remove(const Principal& who, const ContactId& id,
                const Condition<Contact>& condition = {});

    /// Throws `not_found` (unknown, or in another book).
    [[nodiscard]] Contact get(const Principal& who, const ContactId& id) const;

    /// Makes several `get`, for one principal or many, and returns when each has its outcome. In a
    /// database server they are asked for together: a program that has many requests at hand needs
    /// no thread that waits for each. Throws `invalid`, `conflict` before anything is read.
    void get_each(std::span<ContactRequest> requests) const;

    /// `page.limit` 1 to 200, `page.offset` 0 to 1,000,000,000, else `invalid`. The total of a
    /// list without filter costs the same at any size.
    [[nodiscard]] Listing<Contact> list(const Principal& who, const ContactFilter& filter = {},
                                        const Page& page = {}) const;

    /// The same, or nothing where the list is still as it was at `known`, the version of an
    /// earlier one: found out without reading contacts. Throws as `list` does.
    [[nodiscard]] std::optional<Listing<Contact>> list_if_changed(const Principal& who,
                                                                  const ListVersion& known,
                                                                  const ContactFilter& filter = {},
                                                                  const Page& page = {}) const;

    /// Hands every matching contact to `sink`, in list order, in short reads: no long
    /// transaction is held, so a contact changed meanwhile is seen in one of its states.
    /// `sink` returns false to stop.
    void each(const Principal& who, const ContactFilter& filter,
              const std::function<bool(const Contact&)>& sink) const;

    /// The contact that has this address as `email` or among `other_emails`; nothing for a text
    /// that is no address.
    [[nodiscard]] std::optional<Contact> with_email(const Principal& who,
                                                    std::string_view email) const;

    /// The contacts with this number as `phone` or among `other_phones`, in list order, at most
    /// 200: compared in E.164 where it parses (`Options::phone_region`), else digit by digit.
    [[nodiscard]] std::vector<Contact> with_phone(const Principal& who,
                                                  std::string_view phone) const;

private:
    friend class Crm;
    friend class Transaction;
    Contacts(Scope& scope, const ContactWriting& writing) : scope_{&scope}, writing_{&writing} {}

    Scope* scope_;
    const ContactWriting* writing_;
};

}  // namespace lvng::crm::inline v0
