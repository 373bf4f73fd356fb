#include "adapters/sql/contacts.hpp"

#include "adapters/sql/built_statement.hpp"
#include "adapters/sql/lists.hpp"

#include <lvng/crm/error.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <random>

namespace lvng::crm::sql {
namespace {

// The order of `read_contact`.
#define LVNG_CONTACT_COLUMNS                                                                       \
    "c.id, c.name, c.email, c.phone, c.company, c.title, c.tags, c.notes, c.source,"               \
    " c.other_emails, c.other_phones, c.created_at, c.updated_at, c.version"

constexpr int contact_columns = 14;

constexpr std::string_view insert_contact =
    "insert into lvng_contacts (tenant_id, user_id, id, name, email, phone, company, title, tags,"
    " notes, source, other_emails, other_phones, created_at, updated_at, version, name_key,"
    " search_key, tags_key, email_keys, phone_keys)"
    " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,"
    " $19, $20, $21)";
constexpr std::string_view update_contact =
    "update lvng_contacts set name = $4, email = $5, phone = $6, company = $7, title = $8,"
    " tags = $9, notes = $10, source = $11, other_emails = $12, other_phones = $13,"
    " created_at = $14, updated_at = $15, version = $16, name_key = $17, search_key = $18,"
    " tags_key = $19, email_keys = $20, phone_keys = $21"
    " where tenant_id = $1 and user_id = $2 and id = $3";
constexpr std::string_view delete_contact =
    "delete from lvng_contacts where tenant_id = $1 and user_id = $2 and id = $3"
    " returning email_keys, phone_keys";
constexpr std::string_view keys_of_contact = "select email_keys, phone_keys from lvng_contacts"
                                             " where tenant_id = $1 and user_id = $2 and id = $3";

constexpr std::string_view contact_by_id =
    "select " LVNG_CONTACT_COLUMNS " from lvng_contacts c"
    " where c.tenant_id = $1 and c.user_id = $2 and c.id = $3";
constexpr std::string_view contact_by_email =
    "select " LVNG_CONTACT_COLUMNS " from lvng_contact_emails e join lvng_contacts c"
    " on c.tenant_id = e.tenant_id and c.user_id = e.user_id and c.id = e.contact_id"
    " where e.tenant_id = $1 and e.user_id = $2 and e.email_key = $3";
constexpr std::string_view contacts_by_phone =
    "select " LVNG_CONTACT_COLUMNS " from lvng_contact_phones p join lvng_contacts c"
    " on c.tenant_id = p.tenant_id and c.user_id = p.user_id and c.id = p.contact_id"
    " where p.tenant_id = $1 and p.user_id = $2 and p.phone_key = $3"
    " order by c.name_key, c.id limit $4";
constexpr std::string_view contacts_by_ids = "select " LVNG_CONTACT_COLUMNS " from lvng_contacts c"
                                             " where c.tenant_id = $1 and c.user_id = $2"
                                             " and c.id in ";
// What goes through a book says so by what always holds, `source <> ''`: on PostgreSQL the index
// in list order is for such statements alone.
#define LVNG_CONTACTS_OF_BOOK                                                                      \
    " from lvng_contacts c where c.tenant_id = $1 and c.user_id = $2 and c.source <> ''"
constexpr std::string_view contacts_of_book = "select " LVNG_CONTACT_COLUMNS LVNG_CONTACTS_OF_BOOK;
constexpr std::string_view contacts_of_book_with_key =
    "select " LVNG_CONTACT_COLUMNS ", c.name_key" LVNG_CONTACTS_OF_BOOK;
constexpr std::string_view count_of_filter = "select count(*)" LVNG_CONTACTS_OF_BOOK;
constexpr std::string_view book_of_user =
    "select contact_count, version from lvng_books where tenant_id = $1 and user_id = $2";
constexpr std::string_view length_of_texts =
    "select coalesce(sum(length(c.search_key) + length(c.tags_key)), 0)" LVNG_CONTACTS_OF_BOOK;
constexpr std::string_view texts_of_book =
    "select c.id, c.search_key, c.tags_key, c.source" LVNG_CONTACTS_OF_BOOK
    " order by c.name_key, c.id";
// A book with more is searched where it lies: reading all of it would hold one caller up, and
// push all others out of memory.
constexpr std::int64_t most_texts = 100'000;
constexpr std::int64_t most_code_points = 8'000'000;

constexpr std::string_view insert_email =
    "insert into lvng_contact_emails (tenant_id, user_id, email_key, contact_id)"
    " values ($1, $2, $3, $4) on conflict (tenant_id, user_id, email_key) do nothing";
constexpr std::string_view holder_of_email =
    "select contact_id from lvng_contact_emails"
    " where tenant_id = $1 and user_id = $2 and email_key = $3";
constexpr std::string_view delete_email =
    "delete from lvng_contact_emails where tenant_id = $1 and user_id = $2 and email_key = $3";
constexpr std::string_view insert_phone =
    "insert into lvng_contact_phones (tenant_id, user_id, phone_key, contact_id)"
    " values ($1, $2, $3, $4)";
constexpr std::string_view delete_phone =
    "delete from lvng_contact_phones"
    " where tenant_id = $1 and user_id = $2 and phone_key = $3 and contact_id = $4";
constexpr std::string_view change_book =
    "insert into lvng_books (tenant_id, user_id, contact_count, version) values ($1, $2, $3, $4)"
    " on conflict (tenant_id, user_id) do update"
    " set contact_count = lvng_books.contact_count + excluded.contact_count,"
    " version = excluded.version";

ContactSource read_source(const Rows& rows, int column) {
    const std::optional<ContactSource> source = parse_contact_source(rows.text(column));
    if (!source) throw Error{ErrorCode::corrupt, "a contact has an unknown source"};
    return *source;
}

Contact read_contact(const Rows& rows, const UserId& user) {
    return Contact{.id = ContactId{rows.uuid(0)},
                   .user_id = user,
                   .name = std::string{rows.text(1)},
                   .email = optional_text(rows, 2),
                   .phone = optional_text(rows, 3),
                   .company = optional_text(rows, 4),
                   .title = optional_text(rows, 5),
                   .tags = split(rows.text(6)),
                   .notes = std::string{rows.text(7)},
                   .source = read_source(rows, 8),
                   .other_emails = split(rows.text(9)),
                   .other_phones = split(rows.text(10)),
                   .created_at = Timestamp{rows.integer(11)},
                   .updated_at = Timestamp{rows.integer(12)},
                   .version = rows.integer(13)};
}

/// The columns of a contact as values: the texts made for them live as long as this.
class ContactRow {
public:
    ContactRow(const Principal& who, const Contact& contact, const ContactKeys& keys)
        : tags_{joined(contact.tags)}, other_emails_{joined(contact.other_emails)},
          other_phones_{joined(contact.other_phones)}, email_keys_{joined(keys.emails)},
          phone_keys_{joined(keys.phones)}, values_{who.tenant.to_string(),
                                                    who.user.to_string(),
                                                    contact.id.uuid(),
                                                    contact.name,
                                                    nullable(contact.email),
                                                    nullable(contact.phone),
                                                    nullable(contact.company),
                                                    nullable(contact.title),
                                                    tags_,
                                                    contact.notes,
                                                    to_string(contact.source),
                                                    other_emails_,
                                                    other_phones_,
                                                    contact.created_at.milliseconds(),
                                                    contact.updated_at.milliseconds(),
                                                    contact.version,
                                                    keys.name,
                                                    keys.search,
                                                    keys.tags,
                                                    email_keys_,
                                                    phone_keys_} {}

    [[nodiscard]] std::span<const Value> values() const { return values_; }

private:
    std::string tags_;
    std::string other_emails_;
    std::string other_phones_;
    std::string email_keys_;
    std::string phone_keys_;
    std::array<Value, 21> values_;
};

/// A statement about the contacts of a book that grows by conditions. `search_key`, `tags_key`
/// and `source` stand in the index that gives the order, so a row that a condition refuses is
/// never fetched.
class BookStatement : public BuiltStatement {
public:
    BookStatement(std::string_view start, Value tenant, Value user)
        : BuiltStatement{start, {tenant, user}} {}

    using BuiltStatement::add;

    void add(const ContactQuery& query) {
        for (const std::string& part : query.search_parts) {
            add(" and strpos(c.search_key, ", std::string_view{part}, ") > 0");
        }
        for (const std::string& part : query.tag_parts) {
            add(" and strpos(c.tags_key, ", std::string_view{part}, ") > 0");
        }
        if (query.source) add(" and c.source = ", to_string(*query.source));
    }

    void order() { add(" order by c.name_key, c.id"); }
};

bool contains(const std::vector<std::string>& texts, const std::string& text) {
    return std::find(texts.begin(), texts.end(), text) != texts.end();
}

}  // namespace

std::string_view ContactById::statement() noexcept {
    return contact_by_id;
}

std::optional<Contact> ContactById::read(Cursor& answer) const {
    Rows rows{answer};
    if (!rows.next()) return std::nullopt;
    return read_contact(rows, *user_);
}

std::int64_t new_book_version() {
    thread_local std::random_device device;
    return std::uniform_int_distribution<std::int64_t>{1, std::numeric_limits<std::int64_t>::max()}(
        device);
}

std::optional<ContactId> SqlContacts::insert(const Contact& contact, const ContactKeys& keys) {
    for (const std::string& key : keys.emails) {
        if (const auto holder = take_email(key, contact.id)) return holder;
    }
    for (const std::string& key : keys.phones) add_phone(key, contact.id);
    session_->defer(insert_contact, ContactRow{*who_, contact, keys}.values());
    note_change(1);
    return std::nullopt;
}

std::optional<ContactId> SqlContacts::replace(const Contact& contact, const ContactKeys& keys) {
    std::vector<std::string> emails;
    std::vector<std::string> phones;
    {
        const std::array<Value, 3> values{tenant(), user(), contact.id.uuid()};
        Rows rows{session_->query(keys_of_contact, values)};
        if (!rows.next()) throw Error{ErrorCode::internal, "the contact to replace is not there"};
        emails = split(rows.text(0));
        phones = split(rows.text(1));
    }
    for (const std::string& key : keys.emails) {
        if (contains(emails, key)) continue;
        if (const auto holder = take_email(key, contact.id)) return holder;
    }
    for (const std::string& key : emails) {
        if (!contains(keys.emails, key)) drop_email(key);
    }
    for (const std::string& key : keys.phones) {
        if (!contains(phones, key)) add_phone(key, contact.id);
    }
    for (const std::string& key : phones) {
        if (!contains(keys.phones, key)) drop_phone(key, contact.id);
    }
    session_->defer(update_contact, ContactRow{*who_, contact, keys}.values());
    note_change(0);
    return std::nullopt;
}

bool SqlContacts::remove(const ContactId& id) {
    std::vector<std::string> emails;
    std::vector<std::string> phones;
    {
        const std::array<Value, 3> values{tenant(), user(), id.uuid()};
        Rows rows{session_->query(delete_contact, values)};
        if (!rows.next()) return false;
        emails = split(rows.text(0));
        phones = split(rows.text(1));
    }
    for (const std::string& key : emails) drop_email(key);
    for (const std::string& key : phones) drop_phone(key, id);
    note_change(-1);
    return true;
}

std::optional<Contact> SqlContacts::find(const ContactId& id) {
    const ContactById wanted{*who_, id};
    return wanted.read(session_->query(ContactById::statement(), wanted.values()));
}

std::optional<Contact> SqlContacts::find_for_update(const ContactId& id) {
    std::string statement{contact_by_id};
    statement += session_->for_update();
    return one(statement, std::array<Value, 3>{tenant(), user(), id.uuid()});
}

std::optional<Contact> SqlContacts::find_by_email(std::string_view email_key) {
    return one(contact_by_email, std::array<Value, 3>{tenant(), user(), email_key});
}

std::vector<Contact> SqlContacts::find_by_phone(std::string_view phone_key, std::int64_t limit) {
    return all(contacts_by_phone, std::array<Value, 4>{tenant(), user(), phone_key, limit});
}

ContactsState SqlContacts::state() {
    Rows rows{session_->query(book_of_user, std::array<Value, 2>{tenant(), user()})};
    if (!rows.next()) return {};
    return {.contact_count = rows.integer(0), .version = rows.integer(1)};
}

std::vector<Contact> SqlContacts::page(const ContactQuery& query, const Page& page,
                                       const ContactsState& state, std::int64_t& total) {
    if (query.matches_all() || texts_ == nullptr) {
        return page_by_statement(query, page, state, total);
    }
    const std::shared_ptr<const BookTexts> texts = texts_of(state);
    if (!texts) return page_by_statement(query, page, state, total);
    const BookTexts::Found found = texts->find(query, page);
    total = found.total;
    return those(found.page);
}

/// The texts of the reader's book as they see it, or null where they are not to be had cheaply.
std::shared_ptr<const BookTexts> SqlContacts::texts_of(const ContactsState& state) {
    if (state.contact_count > most_texts) return nullptr;
    BookTextCache::Known known = texts_->find(*who_, state.version);
    if (!known.is_worth_reading) return known.texts;
    const std::array<Value, 2> values{tenant(), user()};
    {
        Rows rows{session_->query(length_of_texts, values)};
        if (!rows.next() || rows.integer(0) > most_code_points) return nullptr;
    }
    const auto texts = std::make_shared<BookTexts>(state.version);
    {
        Rows rows{session_->query(texts_of_book, values)};
        while (rows.next()) {
            texts->add(rows.uuid(0), rows.text(1), rows.text(2), read_source(rows, 3));
        }
    }
    texts->finish();
    texts_->keep(*who_, texts);
    return texts;
}

/// The contacts with these ids, in their order.
std::vector<Contact> SqlContacts::those(std::span<const Uuid> ids) {
    if (ids.empty()) return {};
    BuiltStatement statement{contacts_by_ids, {tenant(), user()}};
    statement.add_list("", ids);
    std::vector<Contact> found = all(statement.text(), statement.values());
    std::vector<Contact> in_order;
    in_order.reserve(found.size());
    for (const Uuid& id : ids) {
        const auto it = std::find_if(found.begin(), found.end(), [&](const Contact& contact) {
            return contact.id.uuid() == id;
        });
        if (it != found.end()) in_order.push_back(std::move(*it));
    }
    return in_order;
}

std::vector<Contact> SqlContacts::page_by_statement(const ContactQuery& query, const Page& page,
                                                    const ContactsState& state,
                                                    std::int64_t& total) {
    BookStatement statement{contacts_of_book, tenant(), user()};
    statement.add(query);
    statement.order();
    statement.add(" limit ", page.limit);
    statement.add(" offset ", page.offset);
    std::vector<Contact> contacts = all(statement.text(), statement.values());
    const auto size = static_cast<std::int64_t>(contacts.size());
    // A page that is not full ends the list, unless it starts behind the end.
    const bool is_last = size < page.limit && (size > 0 || page.offset == 0);
    if (is_last) {
        total = page.offset + size;
    } else if (query.matches_all()) {
        total = state.contact_count;
    } else {
        BookStatement count{count_of_filter, tenant(), user()};
        count.add(query);
        Rows rows{session_->query(count.text(), count.values())};
        total = rows.next() ? rows.integer(0) : 0;
    }
    return contacts;
}

ContactChunk SqlContacts::page_after(const ContactQuery& query, const ContactPlace& place,
                                     std::int64_t limit) {
    BookStatement statement{contacts_of_book_with_key, tenant(), user()};
    const std::string_view name{place.name_key};
    // The first condition is what the index can start from.
    statement.add(" and c.name_key >= ", name);
    statement.add(" and (c.name_key > ", name);
    statement.add(" or c.id > ", place.id.uuid(), ")");
    statement.add(query);
    statement.order();
    statement.add(" limit ", limit);
    ContactChunk chunk;
    Rows rows{session_->query(statement.text(), statement.values())};
    while (rows.next()) {
        chunk.contacts.push_back(read_contact(rows, who_->user));
        // The stored key, not one made anew: another version of the rules may fold otherwise.
        chunk.end = {std::string{rows.text(contact_columns)}, chunk.contacts.back().id};
    }
    return chunk;
}

std::optional<ContactId> SqlContacts::take_email(const std::string& key, const ContactId& id) {
    const std::array<Value, 4> values{tenant(), user(), key, id.uuid()};
    if (session_->execute(insert_email, values) == 1) return std::nullopt;
    Rows rows{session_->query(holder_of_email, std::span{values}.first(3))};
    if (!rows.next())
        throw Error{ErrorCode::unavailable, "the e-mail was just let go", {.retryable = true}};
    return ContactId{rows.uuid(0)};
}

void SqlContacts::drop_email(const std::string& key) {
    session_->defer(delete_email, std::array<Value, 3>{tenant(), user(), key});
}

void SqlContacts::add_phone(const std::string& key, const ContactId& id) {
    session_->defer(insert_phone, std::array<Value, 4>{tenant(), user(), key, id.uuid()});
}

void SqlContacts::drop_phone(const std::string& key, const ContactId& id) {
    session_->defer(delete_phone, std::array<Value, 4>{tenant(), user(), key, id.uuid()});
}

/// Last of all in a change: the book's row makes whoever writes to it wait for the others. On
/// PostgreSQL what is deferred with it goes at the same time.
void SqlContacts::note_change(std::int64_t more) {
    session_->defer(change_book, std::array<Value, 4>{tenant(), user(), more, new_book_version()});
}

std::optional<Contact> SqlContacts::one(std::string_view statement, std::span<const Value> values) {
    Rows rows{session_->query(statement, values)};
    if (!rows.next()) return std::nullopt;
    return read_contact(rows, who_->user);
}

std::vector<Contact> SqlContacts::all(std::string_view statement, std::span<const Value> values) {
    std::vector<Contact> contacts;
    Rows rows{session_->query(statement, values)};
    while (rows.next()) contacts.push_back(read_contact(rows, who_->user));
    return contacts;
}

}  // namespace lvng::crm::sql
