// Many writers in one process against one commit a request, in one run.
//
//   LD_PRELOAD=…/libslow_sync.so writers_bench [WRITERS]     64 writers when absent
//
// The reference writes the same rows through raw statements on one connection behind a mutex,
// committing each. Exit status 1 when the library is not 20 times as fast; that bar is for a
// disk whose sync takes 2 ms, so run it with the preloaded library.

#include "measure.hpp"

#include "support/temporary_folder.hpp"

#include <lvng/crm/crm.hpp>
#include <lvng/crm/sqlite.hpp>

#include <sqlite3.h>

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <thread>

using namespace lvng::crm;
using namespace lvng::crm::bench;

namespace {

constexpr double bar = 20.0;

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
        check(db_, sqlite3_exec(db_, "pragma journal_mode = wal; pragma synchronous = full",
                                nullptr, nullptr, nullptr));
        check(db_, sqlite3_prepare_v2(db_,
                                      "insert into lvng_contacts values ('acme', 'raw', "
                                      "randomblob(16), ?1, null, null, null, null, '',"
                                      " '', 'manual', '', '', 0, 0, 1, ?1, ?1, '', '', '')",
                                      -1, &insert_, nullptr));
    }
    OneCommitEach(const OneCommitEach&) = delete;
    OneCommitEach& operator=(const OneCommitEach&) = delete;
    ~OneCommitEach() {
        sqlite3_finalize(insert_);
        sqlite3_close(db_);
    }

    void write(int number) {
        const std::string name = fmt::format("Person {}", number);
        const std::scoped_lock lock{mutex_};
        sqlite3_bind_text(insert_, 1, name.data(), static_cast<int>(name.size()), SQLITE_STATIC);
        sqlite3_step(insert_);
        check(db_, sqlite3_reset(insert_));
    }

private:
    std::mutex mutex_;
    sqlite3* db_ = nullptr;
    sqlite3_stmt* insert_ = nullptr;
};

}  // namespace

int main(int argc, char** argv) {
    const int writers = argc > 1 ? std::atoi(argv[1]) : 64;
    const test::TemporaryFolder folder;
    Crm crm{sqlite_store({.path = folder.file("ours.db")}),
            Options{.timeout = std::chrono::seconds{30}}};
    const Principal ana{.tenant = TenantId{"acme"}, .user = UserId{"usr_ana"}};
    sqlite_store({.path = folder.file("raw.db")}).reset();
    OneCommitEach raw{folder.file("raw.db")};
    std::vector<double> ours;
    std::vector<double> theirs;
    std::vector<double> ratios;
    for (int round = 0; round < 5; ++round) {
        const std::chrono::milliseconds duration{1500};
        ours.push_back(rate(writers, duration, [&](int number) {
            crm.contacts().create(ana, {.name = fmt::format("Person {}", number),
                                        .email = fmt::format("r{}n{}@x.org", round, number)});
        }));
        theirs.push_back(rate(writers, duration, [&](int number) { raw.write(number); }));
        ratios.push_back(ours.back() / theirs.back());
    }
    fmt::print("{} writers   library {:.0f}/s   one commit a request {:.0f}/s   ratio {:.1f}   bar "
               "{:.0f}\n",
               writers, median(ours), median(theirs), median(ratios), bar);
    return median(ratios) >= bar ? 0 : 1;
}
