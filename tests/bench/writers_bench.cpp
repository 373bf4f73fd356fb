// Many writers in one process against one commit a request, in one run.
//
//   LD_PRELOAD=…/libslow_sync.so writers_bench [WRITERS]     64 writers when absent
//
// Creations of contacts, messages spread over conversations, and messages all to one. The
// reference writes the same rows through raw statements on one connection behind a mutex,
// committing each. Exit status 1 when the library is not 20 times as fast, 12 times where all
// write to one conversation; these bars are for a disk whose sync takes 2 ms, so run it with the
// preloaded library.

#include "measure.hpp"

#include "support/temporary_folder.hpp"

#include <lvng/crm/crm.hpp>
#include <lvng/crm/sqlite.hpp>

#include <sqlite3.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <thread>

using namespace lvng::crm;
using namespace lvng::crm::bench;

namespace {

void check(sqlite3* db, int code) {
    if (code != SQLITE_OK) throw std::runtime_error{sqlite3_errmsg(db)};
}

/// Requests a second of `writers` threads, each calling `write(number)` again and again.
double rate(int writers, std::chrono::milliseconds duration,
            const std::function<void(int)>& write) {
    std::atomic<int> done{0};
    const auto end = std::chrono::steady_clock::now() + duration;
    const double took = seconds([&] {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < writers; ++thread) {
            threads.emplace_back([&] {
                while (std::chrono::steady_clock::now() < end) write(++done);
            });
        }
    });
    return done / took;
}

/// Raw statements, a commit each.
class OneCommitEach {
public:
    explicit OneCommitEach(const std::string& path) {
        check(db_, sqlite3_open(path.c_str(), &db_));
        run("pragma journal_mode = wal; pragma synchronous = full");
        contact_ = prepare("insert into lvng_contacts values ('acme', 'raw', randomblob(16), ?1,"
                           " null, null, null, null, '', '', 'manual', '', '', 0, 0, 1, ?1, ?1,"
                           " '', '', '')");
        run("insert into lvng_conversations values ('acme', zeroblob(16), 'group', null, null,"
            " null, null, 0, '{}', null, null, 'raw', 0, 0, 2, 0, 0, 0, 0, 0)");
        run("insert into lvng_members values"
            " ('acme', zeroblob(16), 'raw', 'admin', 'user', 0, 0, 0)");
        sending_ = {
            prepare("update lvng_conversations set last_number = last_number + 1,"
                    " message_count = message_count + 1, last_event = last_event + 1"
                    " where tenant_id = 'acme' and id = zeroblob(16)"),
            prepare("update lvng_members set seen_count = seen_count + 1"
                    " where tenant_id = 'acme' and conversation_id = zeroblob(16)"
                    " and user_id = 'raw'"),
            prepare("insert into lvng_messages select tenant_id, id, last_number, randomblob(16),"
                    " 'raw', 'user', 'user', null, 0, 0, null, null, ?1, ?1, '{}',"
                    " last_event from lvng_conversations"
                    " where tenant_id = 'acme' and id = zeroblob(16)")};
    }
    OneCommitEach(const OneCommitEach&) = delete;
    OneCommitEach& operator=(const OneCommitEach&) = delete;
    ~OneCommitEach() {
        for (sqlite3_stmt* statement : statements_) sqlite3_finalize(statement);
        sqlite3_close(db_);
    }

    void create(int number) { write({contact_}, fmt::format("Person {}", number)); }
    void send(int number) { write(sending_, fmt::format("Message {}", number)); }

private:
    void run(const char* sql) { check(db_, sqlite3_exec(db_, sql, nullptr, nullptr, nullptr)); }
    sqlite3_stmt* prepare(const char* sql) {
        sqlite3_stmt* statement = nullptr;
        check(db_, sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr));
        statements_.push_back(statement);
        return statement;
    }
    void write(const std::vector<sqlite3_stmt*>& statements, const std::string& text) {
        const std::scoped_lock lock{mutex_};
        run("begin immediate");
        for (sqlite3_stmt* statement : statements) {
            if (sqlite3_bind_parameter_count(statement) > 0) {
                sqlite3_bind_text(statement, 1, text.data(), static_cast<int>(text.size()),
                                  SQLITE_STATIC);
            }
            sqlite3_step(statement);
            check(db_, sqlite3_reset(statement));
        }
        run("commit");
    }

    std::mutex mutex_;
    sqlite3* db_ = nullptr;
    std::vector<sqlite3_stmt*> statements_;
    sqlite3_stmt* contact_ = nullptr;
    std::vector<sqlite3_stmt*> sending_;
};

struct Contest {
    const char* what = "";
    int writers = 0;
    double bar = 0.0;  ///< the ratio to reach
};

bool contend(const Contest& contest, const std::function<void(int)>& ours,
             const std::function<void(int)>& theirs) {
    std::vector<double> our_rates;
    std::vector<double> their_rates;
    std::vector<double> ratios;
    for (int round = 0; round < 5; ++round) {
        const std::chrono::milliseconds duration{1500};
        our_rates.push_back(rate(contest.writers, duration, ours));
        their_rates.push_back(rate(contest.writers, duration, theirs));
        ratios.push_back(our_rates.back() / their_rates.back());
    }
    fmt::print("{} writers, {:<30} library {:6.0f}/s   one commit a request {:5.0f}/s   ratio "
               "{:5.1f}   bar {:.0f}   {}\n",
               contest.writers, contest.what, median(our_rates), median(their_rates),
               median(ratios), contest.bar, median(ratios) >= contest.bar ? "holds" : "MISSED");
    return median(ratios) >= contest.bar;
}

}  // namespace

int main(int argc, char** argv) {
    const int writers = argc > 1 ? std::atoi(argv[1]) : 64;
    const test::TemporaryFolder folder;
    Crm crm{sqlite_store({.path = folder.file("ours.db")}),
            Options{.timeout = std::chrono::seconds{30}}};
    const Principal ana{.tenant = TenantId{"acme"}, .user = UserId{"usr_ana"}};
    sqlite_store({.path = folder.file("raw.db")}).reset();
    OneCommitEach raw{folder.file("raw.db")};
    std::vector<ConversationId> rooms;
    for (int room = 0; room < writers; ++room) {
        rooms.push_back(crm.conversations()
                            .create(ana, {.members = {{.id = UserId{"usr_bob"}}}})
                            .conversation.id);
    }
    const auto send_to = [&](std::size_t room, int number) {
        crm.messages().send(ana, rooms[room], {.content = fmt::format("Message {}", number)});
    };
    std::atomic<int> created{0};
    bool holds = contend(
        {.what = "contacts", .writers = writers, .bar = 20.0},
        [&](int number) {
            crm.contacts().create(ana, {.name = fmt::format("Person {}", number),
                                        .email = fmt::format("p{}@x.org", ++created)});
        },
        [&](int number) { raw.create(number); });
    holds =
        contend(
            {.what = "messages to many", .writers = writers, .bar = 20.0},
            [&](int number) { send_to(static_cast<std::size_t>(number) % rooms.size(), number); },
            [&](int number) { raw.send(number); }) &&
        holds;
    holds = contend(
                {.what = "messages to one", .writers = writers, .bar = 12.0},
                [&](int number) { send_to(0, number); }, [&](int number) { raw.send(number); }) &&
            holds;
    return holds ? 0 : 1;
}
