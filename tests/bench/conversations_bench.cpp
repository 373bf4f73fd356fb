// Reading conversations on SQLite with a long conversation against a short one, in one run.
//
//   conversations_bench [LARGE]    LARGE: messages of the long one, 1000000 when absent
//
// Exit status 1 when a ratio is over its bar.

#include "talk.hpp"

#include "support/temporary_folder.hpp"

#include <lvng/crm/sqlite.hpp>

#include <sqlite3.h>

#include <cstdlib>
#include <stdexcept>

using namespace lvng::crm;
using namespace lvng::crm::bench;

namespace {

/// Copies of its last message, every other one read: what a conversation looks like is made by
/// the library, its length by SQL, its numbers by a recount.
void lengthen(Crm& crm, const Desk& desk, int messages) {
    crm.transact(desk.who, [&](Transaction& tx) {
        const std::string sql = fmt::format(
            "create temp table source as select * from lvng_messages"
            " where tenant_id = '{0}' and conversation_id = x'{2}' and number = 50;"
            "insert into lvng_messages with recursive n(i) as"
            " (select 51 union all select i + 1 from n where i < {1})"
            " select tenant_id, conversation_id, i,"
            " cast(substr(id, 1, 8) || cast(printf('%08d', i) as blob) as blob), user_id,"
            " sender_type, type, parent_message_id, created_at, updated_at, edited_at, deleted_at,"
            " content, search_key, metadata, null from n, source;"
            "insert into lvng_receipts with recursive n(i) as"
            " (select 52 union all select i + 2 from n where i + 2 <= {1})"
            " select tenant_id, conversation_id, 'bob', i, created_at from n, source;"
            "drop table source",
            desk.who.tenant.to_string(), messages, digits(desk.long_one));
        char* problem = nullptr;
        if (sqlite3_exec(static_cast<sqlite3*>(tx.native_handle()), sql.c_str(), nullptr, nullptr,
                         &problem) != SQLITE_OK) {
            throw std::runtime_error{problem};
        }
    });
}

}  // namespace

int main(int argc, char** argv) {
    const int large = argc > 1 ? std::atoi(argv[1]) : 1'000'000;
    const test::TemporaryFolder folder;
    Crm crm{sqlite_store({.path = folder.file("bench.db")}),
            Options{.timeout = std::chrono::minutes{5}}};
    const Desk long_desk = furnish(crm, "large");
    const Desk short_desk = furnish(crm, "small");
    lengthen(crm, long_desk, large);
    lengthen(crm, short_desk, 1000);
    crm.repair();
    const auto total = [&](const Desk& desk) {
        return crm.messages().list(desk.who, desk.long_one).total;
    };
    if (total(long_desk) != large || total(short_desk) != 1000)
        throw std::runtime_error{"the conversations are not as long as they should be"};
    fmt::print("a conversation of {} messages against one of 1000\n", large);
    return bench_growth(crm, long_desk, short_desk) ? 0 : 1;
}
