// Library calls on SQLite against raw cached sqlite3 statements for the same rows, in one run.
//
//   contacts_bench [LARGE]    LARGE: contacts of the large book, 100000 when absent
//
// Exit status 1 when a ratio is over its bar.

#include "measure.hpp"
#include "people.hpp"

#include "support/temporary_folder.hpp"

#include <lvng/crm/crm.hpp>
#include <lvng/crm/sqlite.hpp>

#include <sqlite3.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>

using namespace lvng::crm;
using namespace lvng::crm::bench;

namespace {

constexpr int small_book = 1000;

/// Raw sqlite3 as a careful host would use it: one handle, statements prepared once.
class Raw {
public:
    explicit Raw(const std::string& path) {
        check(sqlite3_open_v2(path.c_str(), &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                              nullptr));
        run("pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -65536");
    }
    Raw(const Raw&) = delete;
    Raw& operator=(const Raw&) = delete;
    ~Raw() {
        for (sqlite3_stmt* statement : statements_) sqlite3_finalize(statement);
        sqlite3_close(db_);
    }

    sqlite3_stmt* prepare(const std::string& sql) {
        sqlite3_stmt* statement = nullptr;
        check(sqlite3_prepare_v3(db_, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &statement,
                                 nullptr));
        statements_.push_back(statement);
        return statement;
    }
    void run(const std::string& sql) {
        check(sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr));
    }

    static void text(sqlite3_stmt* statement, int index, std::string_view value) {
        sqlite3_bind_text(statement, index, value.data(), static_cast<int>(value.size()),
                          SQLITE_STATIC);
    }
    static void step(sqlite3_stmt* statement) {
        sqlite3_step(statement);
        if (sqlite3_reset(statement) != SQLITE_OK)
            throw std::runtime_error{"a raw statement failed"};
    }

private:
    void check(int code) {
        if (code != SQLITE_OK) throw std::runtime_error{sqlite3_errmsg(db_)};
    }

    sqlite3* db_ = nullptr;
    std::vector<sqlite3_stmt*> statements_;
};

const char* const columns =
    "id, name, email, phone, company, title, tags, notes, source, other_emails,"
    " other_phones, created_at, updated_at, version";

/// Takes the row out as a host would: texts into strings, numbers into integers.
std::size_t take_row(sqlite3_stmt* statement) {
    std::size_t size = 0;
    for (int column = 0; column < 14; ++column) {
        if (sqlite3_column_type(statement, column) == SQLITE_NULL) continue;
        if (column >= 11) {
            size += static_cast<std::size_t>(sqlite3_column_int64(statement, column));
            continue;
        }
        const std::string value{static_cast<const char*>(sqlite3_column_blob(statement, column)),
                                static_cast<std::size_t>(sqlite3_column_bytes(statement, column))};
        size += value.size();
    }
    return size;
}

bool bench_get(Crm& crm, Raw& raw, const std::vector<ContactId>& ids) {
    sqlite3_stmt* get = raw.prepare(fmt::format(
        "select {} from lvng_contacts where tenant_id = ?1 and user_id = ?2 and id = ?3", columns));
    Raw::text(get, 1, "acme");
    Raw::text(get, 2, "small");
    return compare({.what = "get", .calls = static_cast<int>(ids.size()), .bar = 2.0},
                   {"library",
                    [&] {
                        for (const ContactId& id : ids)
                            static_cast<void>(crm.contacts().get(owner("small"), id));
                    }},
                   {"raw", [&] {
                        for (const ContactId& id : ids) {
                            sqlite3_bind_blob(get, 3, id.uuid().bytes().data(), 16, SQLITE_STATIC);
                            if (sqlite3_step(get) != SQLITE_ROW)
                                throw std::runtime_error{"not found"};
                            take_row(get);
                            sqlite3_reset(get);
                        }
                    }});
}

bool bench_list(Crm& crm, Raw& raw) {
    constexpr int calls = 200;
    sqlite3_stmt* begin = raw.prepare("begin");
    sqlite3_stmt* commit = raw.prepare("commit");
    sqlite3_stmt* page =
        raw.prepare(fmt::format("select {} from lvng_contacts where tenant_id = ?1 and user_id = "
                                "?2 order by name_key, id limit 50",
                                columns));
    sqlite3_stmt* total =
        raw.prepare("select contact_count from lvng_books where tenant_id = ?1 and user_id = ?2");
    for (sqlite3_stmt* statement : {page, total}) {
        Raw::text(statement, 1, "acme");
        Raw::text(statement, 2, "small");
    }
    return compare({.what = "list of 50 with total", .calls = calls, .bar = 1.5},
                   {"library",
                    [&] {
                        for (int n = 0; n < calls; ++n)
                            static_cast<void>(crm.contacts().list(owner("small")));
                    }},
                   {"raw", [&] {
                        for (int n = 0; n < calls; ++n) {
                            Raw::step(begin);
                            while (sqlite3_step(page) == SQLITE_ROW) take_row(page);
                            sqlite3_reset(page);
                            Raw::step(total);
                            Raw::step(commit);
                        }
                    }});
}

/// The rows that a creation writes, by a host that has made the keys beforehand.
class RawCreation {
public:
    explicit RawCreation(Raw& raw)
        : begin_{raw.prepare("begin immediate")}, commit_{raw.prepare("commit")},
          email_{raw.prepare("insert into lvng_contact_emails values ('acme', 'raw', ?1, ?2) on "
                             "conflict do nothing")},
          phone_{raw.prepare("insert into lvng_contact_phones values ('acme', 'raw', ?1, ?2)")},
          contact_{
              raw.prepare("insert into lvng_contacts values ('acme', 'raw', ?1, ?2, ?3, ?4, ?5, "
                          "?6, ?7, ?8, 'manual', '', '', ?9, ?9, 1, ?10, ?11, ?12, ?3, ?4)")},
          count_{raw.prepare("insert into lvng_books values ('acme', 'raw', 1) on conflict do "
                             "update set contact_count = contact_count + 1")} {}

    void create(int number) {
        const NewContact draft = person(number);
        std::array<unsigned char, 16> id{0x01, 0x99};
        for (int at = 0; at < 4; ++at)
            id[static_cast<std::size_t>(9 - at)] = static_cast<unsigned char>(number >> (8 * at));
        const std::string name_key = fmt::format("person {:07}", number);
        const std::string search =
            fmt::format("{}\n{}\x1e{}\x1e", name_key, *draft.email, *draft.company);
        Raw::step(begin_);
        Raw::text(email_, 1, *draft.email);
        sqlite3_bind_blob(email_, 2, id.data(), 16, SQLITE_STATIC);
        Raw::step(email_);
        Raw::text(phone_, 1, *draft.phone);
        sqlite3_bind_blob(phone_, 2, id.data(), 16, SQLITE_STATIC);
        Raw::step(phone_);
        sqlite3_bind_blob(contact_, 1, id.data(), 16, SQLITE_STATIC);
        int at = 2;
        for (const std::string_view text :
             {std::string_view{draft.name}, std::string_view{*draft.email},
              std::string_view{*draft.phone}, std::string_view{*draft.company},
              std::string_view{*draft.title},
              std::string_view{"client\x1f"
                               "engineering"},
              std::string_view{draft.notes}}) {
            Raw::text(contact_, at++, text);
        }
        sqlite3_bind_int64(contact_, 9, 1'775'044'800'000);
        Raw::text(contact_, 10, name_key);
        Raw::text(contact_, 11, search);
        Raw::text(contact_, 12,
                  "\x1f"
                  "client\x1f"
                  "engineering\x1f");
        Raw::step(contact_);
        Raw::step(count_);
        Raw::step(commit_);
    }

private:
    sqlite3_stmt* begin_;
    sqlite3_stmt* commit_;
    sqlite3_stmt* email_;
    sqlite3_stmt* phone_;
    sqlite3_stmt* contact_;
    sqlite3_stmt* count_;
};

bool bench_create(Crm& crm, Raw& raw) {
    constexpr int calls = 200;
    RawCreation creation{raw};
    int ours = 0;
    int theirs = 0;
    return compare({.what = "create, full, one writer", .calls = calls, .bar = 1.3},
                   {"library",
                    [&] {
                        for (int n = 0; n < calls; ++n)
                            crm.contacts().create(owner("created"), person(ours++));
                    }},
                   {"raw", [&] {
                        for (int n = 0; n < calls; ++n) creation.create(theirs++);
                    }});
}

/// Copies of one contact in bulk: what a book looks like is made by the library, its size by SQL.
void fill_large_book(Raw& raw, int contacts) {
    raw.run(fmt::format(
        "begin;"
        "insert into lvng_contacts with recursive n(i) as (select 1 union all select i + 1 from n "
        "where i < {0})"
        " select tenant_id, 'large', cast(substr(id, 1, 8) || cast(printf('%08d', i) as blob) as "
        "blob), printf('Person %07d', i), null, null, company,"
        " title, tags, notes, source, '', '', created_at, updated_at, 1, printf('person %07d', i), "
        "printf('person %07d', i) || char(10), tags_key, '', ''"
        " from n, (select * from lvng_contacts where user_id = 'small' limit 1);"
        "insert into lvng_books values ('acme', 'large', {0});"
        "commit; pragma wal_checkpoint(truncate)",
        contacts));
}

bool bench_growth(Crm& crm, int large) {
    constexpr int calls = 200;
    const auto first_page = [&](const char* user) {
        return [&crm, user] {
            for (int n = 0; n < calls; ++n) static_cast<void>(crm.contacts().list(owner(user)));
        };
    };
    return compare({.what = fmt::format("first page and total, {} against 1000", large),
                    .calls = calls,
                    .bar = 1.3},
                   {"large", first_page("large")}, {"small", first_page("small")});
}

}  // namespace

int main(int argc, char** argv) {
    const int large = argc > 1 ? std::atoi(argv[1]) : 100'000;
    const test::TemporaryFolder folder;
    const std::string path = folder.file("bench.db");
    Crm crm{sqlite_store({.path = path})};
    std::vector<ContactId> ids;
    for (int n = 0; n < small_book; ++n)
        ids.push_back(crm.contacts().create(owner("small"), person(n)).id);
    Raw raw{path};
    bool holds = bench_get(crm, raw, ids);
    holds = bench_list(crm, raw) && holds;
    holds = bench_create(crm, raw) && holds;
    fill_large_book(raw, large);
    holds = bench_growth(crm, large) && holds;
    return holds ? 0 : 1;
}
