#include "support/people.hpp"
#include "support/sqlite_desk.hpp"

#include <lvng/crm/crm.hpp>
#include <lvng/crm/sqlite.hpp>

#include <doctest/doctest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <set>
#include <stop_token>
#include <string>
#include <thread>

using namespace lvng::crm;
using namespace lvng::crm::test;

TEST_SUITE("adapters.sqlite.backup") {

    TEST_CASE_FIXTURE(Desk, "of two threads that make the same copy one does") {
        auto crm = open();
        for (int n = 0; n < 200; ++n) crm->contacts().create(ana(), {.name = "Jane"});
        for (int round = 0; round < 20; ++round) {
            const std::string copy = folder.file("copy" + std::to_string(round));
            std::array<std::string, 2> answers;
            run_threads(2, [&](int number) {
                answers.at(static_cast<std::size_t>(number)) =
                    refusal([&] { back_up_sqlite({.path = path, .copy = copy}); });
            });
            CHECK(std::set<std::string>{answers.begin(), answers.end()} ==
                  std::set<std::string>{"already_exists", "nothing"});
        }
    }

    TEST_CASE_FIXTURE(Desk, "a copy made while others write is whole, and opens as a store") {
        auto crm = open(std::chrono::seconds{30});
        const Contact jane = crm->contacts().create(ana(), {.name = "Jane", .email = "jane@x.org"});
        {
            std::jthread writer{[&](const std::stop_token& stop) {
                while (!stop.stop_requested()) crm->contacts().create(bob(), {.name = "B"});
            }};
            while (crm->contacts().list(bob()).total < 50) std::this_thread::yield();
            back_up_sqlite({.path = path, .copy = folder.file("copy.db")});
        }
        CHECK(OtherProgram{folder.file("copy.db")}.run("pragma integrity_check") == "ok\n");
        Crm restored{sqlite_store({.path = folder.file("copy.db")})};
        CHECK(restored.contacts().get(ana(), jane.id) == jane);
        std::int64_t copied = 0;
        restored.contacts().each(bob(), {}, [&](const Contact&) { return ++copied > 0; });
        CHECK(copied >= 50);
        CHECK(restored.contacts().list(bob(), {}, {.limit = 1}).total == copied);
    }

    TEST_CASE_FIXTURE(Desk,
                      "a copy never replaces a file, and leaves nothing behind when it fails") {
        open()->contacts().create(ana(), {.name = "Jane"});
        std::ofstream{folder.file("there.db")} << "mine";
        CHECK(refusal([&] { back_up_sqlite({.path = path, .copy = folder.file("there.db")}); }) ==
              "already_exists");
        CHECK(refusal([&] { back_up_sqlite({.path = path, .copy = folder.file("no/copy.db")}); }) ==
              "unavailable");
        CHECK(refusal([&] {
                  back_up_sqlite({.path = folder.file("none.db"), .copy = folder.file("c.db")});
              }) == "unavailable");
        CHECK(refusal([] { back_up_sqlite({}); }) == "invalid path copy");
        std::set<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator{folder.path()}) {
            names.insert(entry.path().filename());
        }
        CHECK(names == std::set<std::string>{"desk.db", "there.db"});
    }
}
