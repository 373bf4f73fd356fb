#pragma once

#include <lvng/crm/api_keys.hpp>
#include <lvng/crm/contacts/contact_keys.hpp>
#include <lvng/crm/contacts/contacts.hpp>
#include <lvng/crm/users.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lvng::crm::inline v0 {

/// A part of a list, and the place behind it.
struct ContactChunk {
    std::vector<Contact> contacts{};
    ContactPlace end{};
};

/// What is known of all contacts of a principal together. Each change to one of them gives it
/// another version, by chance and not in order.
struct ContactsState {
    std::int64_t contact_count = 0;
    std::int64_t version = 0;
};

/// The contacts of the principal that the transaction was begun for. One thread at a time.
class LVNG_CRM_EXPORT ContactRepository {
public:
    virtual ~ContactRepository();

    /// Writes a new contact. Returns the holder of an e-mail that is taken; the caller then
    /// rolls back.
    virtual std::optional<ContactId> insert(const Contact& contact, const ContactKeys& keys) = 0;
    /// Writes a contact over the one that `find_for_update` read in this transaction. Returns
    /// the holder of an e-mail that is taken; the caller then rolls back.
    virtual std::optional<ContactId> replace(const Contact& contact, const ContactKeys& keys) = 0;
    /// False where there is none.
    virtual bool remove(const ContactId& id) = 0;

    virtual std::optional<Contact> find(const ContactId& id) = 0;
    /// The same, and nobody else changes it before this transaction ends.
    virtual std::optional<Contact> find_for_update(const ContactId& id) = 0;
    virtual std::optional<Contact> find_by_email(std::string_view email_key) = 0;
    /// In list order.
    virtual std::vector<Contact> find_by_phone(std::string_view phone_key, std::int64_t limit) = 0;

    virtual ContactsState state() = 0;
    /// In list order. `total` counts all that match. `state` was read in this transaction.
    virtual std::vector<Contact> page(const ContactQuery& query, const Page& page,
                                      const ContactsState& state, std::int64_t& total) = 0;
    virtual ContactChunk page_after(const ContactQuery& query, const ContactPlace& place,
                                    std::int64_t limit) = 0;
};

/// The directory of the principal's tenant. One thread at a time.
class LVNG_CRM_EXPORT UserRepository {
public:
    virtual ~UserRepository();
    /// Adds the user or brings name and e-mail up to date; an empty one leaves the known one.
    virtual void save(const User& user) = 0;
    virtual std::optional<User> find(const UserId& id) = 0;
};

/// The API keys of the principal's tenant; the last two see all tenants. One thread at a time.
class LVNG_CRM_EXPORT ApiKeyRepository {
public:
    virtual ~ApiKeyRepository();
    /// False where there is such a key, of whatever tenant; then nothing is written.
    virtual bool insert(const ApiKey& key, const ApiKeyDigest& digest) = 0;
    virtual std::optional<ApiKey> find(const ApiKeyDigest& digest) = 0;
    /// Oldest first.
    virtual std::vector<ApiKey> list() = 0;
    /// The key as it is now. One that was revoked before keeps that time.
    virtual std::optional<ApiKey> revoke(const ApiKeyId& id, Timestamp now) = 0;
    virtual void note_use(const ApiKeyId& id, Timestamp now) = 0;

    virtual std::optional<TenantId> tenant_of(const ApiKeyId& id) = 0;
    /// Those that have keys, in order.
    virtual std::vector<TenantId> tenants() = 0;
};

}  // namespace lvng::crm::inline v0
