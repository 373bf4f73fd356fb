#include "defaults.hpp"

#include <array>
#include <chrono>
#include <doctest/doctest.h>
#include <lvng/crm/version.hpp>
#include <set>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace lvng::crm;

namespace {

// RFC 9562, appendix A.6: 2022-02-22T19:22:22Z is 017F22E2-79B0.
constexpr Timestamp rfc_instant{1'645'557'742'000};

/// What a forked child makes as its first ids, as the parent reads them from a pipe.
std::vector<Uuid> ids_of_child(IdGenerator& ids, std::size_t count) {
    std::array<int, 2> pipe_ends{};
    REQUIRE(pipe(pipe_ends.data()) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        for (std::size_t i = 0; i < count; ++i) {
            const Uuid::Bytes bytes = ids.next(rfc_instant).bytes();
            if (write(pipe_ends[1], bytes.data(), bytes.size()) < 0) break;
        }
        _exit(0);
    }
    close(pipe_ends[1]);
    std::vector<Uuid> made;
    Uuid::Bytes bytes{};
    while (read(pipe_ends[0], bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size())) {
        made.emplace_back(bytes);
    }
    close(pipe_ends[0]);
    waitpid(child, nullptr, 0);
    return made;
}

}  // namespace

TEST_SUITE("defaults") {
    TEST_CASE("an id is a UUID version 7 of its instant") {
        const auto ids = random_ids();
        for (int i = 0; i < 1000; ++i) {
            const std::string text = ids->next(rfc_instant).to_string();
            CAPTURE(text);
            CHECK(text.substr(0, 15) == "017f22e2-79b0-7");
            CHECK(std::string{"89ab"}.find(text[19]) != std::string::npos);
        }
    }

    TEST_CASE("ids of later instants come later") {
        const auto ids = random_ids();
        Uuid before = ids->next(Timestamp{0});
        for (std::int64_t at = 1; at < 1'000'000'000'000; at *= 3) {
            const Uuid id = ids->next(Timestamp{at});
            CHECK(before < id);
            before = id;
        }
    }

    TEST_CASE("an instant before 1970 counts as 1970") {
        const std::string text = random_ids()->next(Timestamp{-1}).to_string();
        CHECK(text.substr(0, 15) == "00000000-0000-7");
    }

    TEST_CASE("no id repeats, whichever thread or generator makes it") {
        constexpr std::size_t each = 5000;  // several fillings of the stock
        std::vector<std::vector<Uuid>> made(4);
        std::vector<std::thread> threads;
        const auto shared = random_ids();
        for (std::vector<Uuid>& mine : made) {
            threads.emplace_back([&mine, &shared] {
                const auto own = random_ids();
                for (std::size_t i = 0; i < each; ++i) {
                    mine.push_back((i % 2 == 0 ? *shared : *own).next(rfc_instant));
                }
            });
        }
        for (std::thread& thread : threads) thread.join();
        std::set<Uuid> distinct;
        for (const auto& mine : made) distinct.insert(mine.begin(), mine.end());
        CHECK(distinct.size() == made.size() * each);
    }

    TEST_CASE("every random bit takes both values") {
        const auto ids = random_ids();
        Uuid::Bytes ones{};
        Uuid::Bytes zeros{};
        for (int i = 0; i < 1000; ++i) {
            const Uuid::Bytes bytes = ids->next(Timestamp{0}).bytes();
            for (std::size_t at = 0; at < bytes.size(); ++at) {
                ones[at] = static_cast<std::uint8_t>(ones[at] | bytes[at]);
                zeros[at] = static_cast<std::uint8_t>(zeros[at] | ~bytes[at]);
            }
        }
        const Uuid::Bytes some_ones{0,    0,    0,    0,    0,    0,    0x7F, 0xFF,
                                    0xBF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
        const Uuid::Bytes some_zeros{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x8F, 0xFF,
                                     0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
        CHECK(ones == some_ones);
        CHECK(zeros == some_zeros);
    }

    TEST_CASE("a forked child makes other ids than its parent") {
        const auto ids = random_ids();
        static_cast<void>(ids->next(rfc_instant));  // the parent has random bytes in stock
        const std::vector<Uuid> theirs = ids_of_child(*ids, 100);
        REQUIRE(theirs.size() == 100);
        std::set<Uuid> distinct{theirs.begin(), theirs.end()};
        for (int i = 0; i < 100; ++i) distinct.insert(ids->next(rfc_instant));
        CHECK(distinct.size() == 200);
    }

    TEST_CASE("the system's clock counts milliseconds since 1970") {
        using std::chrono::floor;
        using std::chrono::milliseconds;
        const auto reading = [] {
            const auto now = floor<milliseconds>(std::chrono::system_clock::now());
            return Timestamp{now.time_since_epoch().count()};
        };
        const auto clock = system_clock();
        const Timestamp before = reading();
        const Timestamp now = clock->now();
        CHECK(before <= now);
        CHECK(now <= reading());
    }

    TEST_CASE("the version is three numbers") {
        int dots = 0;
        for (const char c : version()) {
            if (c == '.') ++dots;
            CHECK((c == '.' || (c >= '0' && c <= '9')));
        }
        CHECK(dots == 2);
    }
}
