// A host program that keeps its people in one file: no server, nothing to install.

#include <lvng/crm/crm.hpp>
#include <lvng/crm/sqlite.hpp>

#include <filesystem>
#include <iostream>

using namespace lvng::crm;

namespace {

void print(const Contact& contact) {
    std::cout << contact.name << ", " << contact.title.value_or("no title") << '\n';
}

void use(Crm& crm, const Principal& ana) {
    const Contact jane = crm.contacts().create(ana, {.name = "Jane Smith",
                                                     .email = "jane@acme.com",
                                                     .company = "Acme Corp",
                                                     .tags = {"client", "engineering"}});
    crm.contacts().create(ana, {.name = "Bob Johnson", .email = "bob@acme.com"});
    print(crm.contacts().update(ana, jane.id, {.title = "CTO"}));

    // A refused call says why, in data.
    try {
        crm.contacts().create(ana, {.name = "J. Smith", .email = "Jane@ACME.com"});
    } catch (const Error& error) {
        const bool hers = error.related_id() == jane.id.to_string();
        std::cout << to_string(error.code()) << (hers ? ": it is Jane's" : "") << '\n';
    }

    const Listing<Contact> found = crm.contacts().list(ana, {.search = "acme"}, {.limit = 1});
    std::cout << found.total << " found, the first is " << found.items.front().name << '\n';

    // Both or neither.
    try {
        crm.transact(ana, [&](Transaction& tx) {
            tx.contacts().create(ana, {.name = "Carol"});
            tx.contacts().update(ana, jane.id, {.email = "no address"});
        });
    } catch (const Error& error) {
        std::cout << error.what() << '\n';
    }
    std::cout << crm.contacts().list(ana).total << " contacts\n";
}

}  // namespace

int main() {
    const auto file = std::filesystem::temp_directory_path() / "lvng-embedded-crm.db";
    std::filesystem::remove(file);
    const Principal ana{.tenant = TenantId{"acme"}, .user = UserId{"usr_ana"}};
    {
        Crm crm{sqlite_store({.path = file})};
        use(crm, ana);
    }
    // Opened again, everything is there.
    Crm crm{sqlite_store({.path = file})};
    crm.contacts().each(ana, {}, [](const Contact& contact) {
        print(contact);
        return true;
    });
}
