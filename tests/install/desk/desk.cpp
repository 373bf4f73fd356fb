#include <lvng/crm/crm.hpp>
#include <lvng/crm/sqlite.hpp>
#include <lvng/crm/version.hpp>

#include <iostream>

using namespace lvng::crm;

int main() {
    Crm crm{sqlite_store({.path = "desk.db"})};
    const Principal ana{.tenant = TenantId{"acme"}, .user = UserId{"usr_ana"}};

    const Contact jane = crm.contacts().create(ana, {.name = "Jane Smith", .email = "jane@x.org"});
    std::cout << crm.contacts().get(ana, jane.id).name << '\n';
    try {
        crm.contacts().remove(ana, ContactId{Uuid{}});
    } catch (const Error& error) {  // thrown by the library, caught by the program
        std::cout << to_string(error.code()) << '\n';
    }
    std::cout << version() << '\n';
}
