#pragma once

#include "adapters/sql/book_texts.hpp"
#include "adapters/sql/session.hpp"

#include <lvng/crm/ports/repositories.hpp>
#include <lvng/crm/principal.hpp>

#include <array>
#include <optional>
#include <span>
#include <string_view>

namespace lvng::crm::sql {

/// A number by chance and not the next one: a book that was put back to an earlier state while
/// servers run, from a backup or by a standby that lacks the last changes, must not get a version
/// again that they know. Never 0, which is the version of a book without a row.
std::int64_t new_book_version();

/// What finds one contact, for a store that finds many at once. What it refers to must outlive it.
class ContactById {
public:
    ContactById(const Principal& who, const ContactId& id)
        : user_{&who.user}, values_{std::string_view{who.tenant.to_string()},
                                    std::string_view{who.user.to_string()}, id.uuid()} {}

    [[nodiscard]] static std::string_view statement() noexcept;
    [[nodiscard]] std::span<const Value> values() const noexcept { return values_; }
    /// The contact that the answer has, or nothing.
    [[nodiscard]] std::optional<Contact> read(Cursor& answer) const;

private:
    const UserId* user_;
    std::array<Value, 3> values_;
};

/// Contacts in the tables `lvng_contacts`, `lvng_contact_emails` (which makes an e-mail unique in
/// a book), `lvng_contact_phones` and `lvng_books` (which counts a book's contacts, and whose
/// version is another one after every change to one of them).
class SqlContacts final : public ContactRepository {
public:
    /// All must outlive it. `texts` is null for a transaction that does not see one moment of the
    /// store, or that may see what is never committed.
    SqlContacts(Session& session, const Principal& who, BookTextCache* texts)
        : session_{&session}, who_{&who}, texts_{texts} {}

    std::optional<ContactId> insert(const Contact& contact, const ContactKeys& keys) override;
    std::optional<ContactId> replace(const Contact& contact, const ContactKeys& keys) override;
    bool remove(const ContactId& id) override;

    std::optional<Contact> find(const ContactId& id) override;
    std::optional<Contact> find_for_update(const ContactId& id) override;
    std::optional<Contact> find_by_email(std::string_view email_key) override;
    std::vector<Contact> find_by_phone(std::string_view phone_key, std::int64_t limit) override;

    ContactsState state() override;
    std::vector<Contact> page(const ContactQuery& query, const Page& page,
                              const ContactsState& state, std::int64_t& total) override;
    ContactChunk page_after(const ContactQuery& query, const ContactPlace& place,
                            std::int64_t limit) override;

private:
    std::optional<ContactId> take_email(const std::string& key, const ContactId& id);
    void drop_email(const std::string& key);
    void add_phone(const std::string& key, const ContactId& id);
    void drop_phone(const std::string& key, const ContactId& id);
    void note_change(std::int64_t more);
    std::shared_ptr<const BookTexts> texts_of(const ContactsState& state);
    std::vector<Contact> those(std::span<const Uuid> ids);
    std::vector<Contact> page_by_statement(const ContactQuery& query, const Page& page,
                                           const ContactsState& state, std::int64_t& total);
    std::optional<Contact> one(std::string_view statement, std::span<const Value> values);
    std::vector<Contact> all(std::string_view statement, std::span<const Value> values);

    [[nodiscard]] Value tenant() const { return std::string_view{who_->tenant.to_string()}; }
    [[nodiscard]] Value user() const { return std::string_view{who_->user.to_string()}; }

    Session* session_;
    const Principal* who_;
    BookTextCache* texts_;
};

}  // namespace lvng::crm::sql
