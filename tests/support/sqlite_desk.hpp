#pragma once

#include "support/temporary_folder.hpp"

#include <lvng/crm/crm.hpp>
#include <lvng/crm/sqlite.hpp>

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <barrier>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace lvng::crm::test {

/// A handle of another program on the same file, with every row of a statement as text.
class OtherProgram {
public:
    explicit OtherProgram(const std::string& path) {
        REQUIRE(sqlite3_open(path.c_str(), &db_) == SQLITE_OK);
    }
    OtherProgram(const OtherProgram&) = delete;
    OtherProgram& operator=(const OtherProgram&) = delete;
    ~OtherProgram() { sqlite3_close(db_); }

    std::string run(const std::string& sql) { return run(db_, sql); }

    static std::string run(sqlite3* db, const std::string& sql) {
        std::string out;
        char* message = nullptr;
        const auto add = [](void* text, int count, char** values, char**) {
            for (int at = 0; at < count; ++at) {
                *static_cast<std::string*>(text) += (values[at] ? values[at] : "null");
                *static_cast<std::string*>(text) += at + 1 < count ? "|" : "\n";
            }
            return 0;
        };
        if (sqlite3_exec(db, sql.c_str(), add, &out, &message) != SQLITE_OK) {
            out = message ? message : "failed";
            sqlite3_free(message);
        }
        return out;
    }

private:
    sqlite3* db_ = nullptr;
};

struct Desk {
    TemporaryFolder folder;
    std::string path = folder.file("desk.db");

    [[nodiscard]] std::unique_ptr<Crm>
    open(std::chrono::milliseconds timeout = std::chrono::seconds{5}) const {
        return std::make_unique<Crm>(sqlite_store({.path = path}), Options{.timeout = timeout});
    }
};

inline void run_threads(int count, const std::function<void(int)>& work) {
    std::barrier start{count};
    std::vector<std::jthread> threads;
    for (int number = 0; number < count; ++number) {
        threads.emplace_back([&, number] {
            start.arrive_and_wait();
            work(number);
        });
    }
}

}  // namespace lvng::crm::test
