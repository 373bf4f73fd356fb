#pragma once

#include "adapters/sql/session.hpp"

#include <lvng/crm/ports/repositories.hpp>
#include <lvng/crm/principal.hpp>

namespace lvng::crm::sql {

/// Contacts in the tables `lvng_contacts`, `lvng_contact_emails` (which makes an e-mail unique in
/// a book), `lvng_contact_phones` and `lvng_books` (which counts a book's contacts).
class SqlContacts final : public ContactRepository {
public:
    /// Both must outlive it.
    SqlContacts(Session& session, const Principal& who) : session_{&session}, who_{&who} {}

    std::optional<ContactId> insert(const Contact& contact, const ContactKeys& keys) override;
    std::optional<ContactId> replace(const Contact& contact, const ContactKeys& keys) override;
    bool remove(const ContactId& id) override;

    std::optional<Contact> find(const ContactId& id) override;
    std::optional<Contact> find_for_update(const ContactId& id) override;
    std::optional<Contact> find_by_email(std::string_view email_key) override;
    std::vector<Contact> find_by_phone(std::string_view phone_key, std::int64_t limit) override;

    std::vector<Contact> page(const ContactQuery& query, const Page& page) override;
    ContactChunk page_after(const ContactQuery& query, const ContactPlace& place,
                            std::int64_t limit) override;
    std::int64_t count(const ContactQuery& query) override;

private:
    std::optional<ContactId> take_email(const std::string& key, const ContactId& id);
    void drop_email(const std::string& key);
    void add_phone(const std::string& key, const ContactId& id);
    void drop_phone(const std::string& key, const ContactId& id);
    void count_contacts(std::int64_t change);
    std::optional<Contact> one(std::string_view statement, std::span<const Value> values);
    std::vector<Contact> all(std::string_view statement, std::span<const Value> values);

    [[nodiscard]] Value tenant() const { return std::string_view{who_->tenant.to_string()}; }
    [[nodiscard]] Value user() const { return std::string_view{who_->user.to_string()}; }

    Session* session_;
    const Principal* who_;
};

}  // namespace lvng::crm::sql
