// The host's own rows beside the library's, in one file and one transaction.

#include <lvng/crm/crm.hpp>
#include <lvng/crm/sqlite.hpp>

#include <sqlite3.h>

#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <string>

using namespace lvng::crm;

namespace {

void run(Transaction& tx, const std::string& sql) {
    auto* db = static_cast<sqlite3*>(tx.native_handle());
    if (sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
        throw std::runtime_error{sqlite3_errmsg(db)};
    }
}

std::string one_text(Transaction& tx, const std::string& sql) {
    auto* db = static_cast<sqlite3*>(tx.native_handle());
    std::string text;
    const auto take = [](void* out, int, char** values, char**) {
        *static_cast<std::string*>(out) = values[0] ? values[0] : "";
        return 0;
    };
    if (sqlite3_exec(db, sql.c_str(), take, &text, nullptr) != SQLITE_OK) {
        throw std::runtime_error{sqlite3_errmsg(db)};
    }
    return text;
}

/// A deal and its contact are there together, or not at all.
void open_deal(Crm& crm, const Principal& who, const NewContact& buyer, int value) {
    crm.transact(who, [&](Transaction& tx) {
        const Contact contact = tx.contacts().create(who, buyer);
        run(tx, "insert into deals values ('" + contact.id.to_string() + "', " +
                    std::to_string(value) + ")");
        tx.after_commit([&] { std::cout << "deal with " << buyer.name << '\n'; });
    });
}

}  // namespace

int main() {
    const auto file = std::filesystem::temp_directory_path() / "lvng-own-tables-too.db";
    std::filesystem::remove(file);
    Crm crm{sqlite_store({.path = file})};
    const Principal ana{.tenant = TenantId{"acme"}, .user = UserId{"usr_ana"}};

    crm.transact(ana, [&](Transaction& tx) {
        run(tx,
            "create table deals (contact_id text primary key, value integer check (value > 0))");
    });
    open_deal(crm, ana, {.name = "Jane Smith", .email = "jane@acme.com"}, 5000);
    try {
        open_deal(crm, ana, {.name = "Bob Johnson"}, -1);
    } catch (const std::exception& error) {
        std::cout << error.what() << '\n';
    }
    crm.transact(ana, [&](Transaction& tx) {
        std::cout << tx.contacts().list(ana).total << " contact, "
                  << one_text(tx, "select count(*) from deals") << " deal\n";
    });
}
