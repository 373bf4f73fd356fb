#include "support/people.hpp"
#include "support/postgresql_server.hpp"
#include "support/postgresql_store.hpp"

#include <lvng/crm/crm.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <fmt/format.h>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace lvng::crm;
using namespace lvng::crm::test;

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Instant = std::chrono::steady_clock::time_point;

constexpr milliseconds statement_timeout{1000};

bool in_long_runs() {
    return std::getenv("LVNG_TEST_LONG") != nullptr;
}

Instant now() {
    return std::chrono::steady_clock::now();
}

/// Writers and readers at work on a server, and an account of what they were told.
class Load {
public:
    explicit Load(const std::string& url)
        : crm_{postgresql_store({.url = url, .statement_timeout = statement_timeout}),
               Options{.timeout = statement_timeout}} {
        for (int number = 0; number < 8; ++number) {
            threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
        }
    }

    /// Waits until a call that began after this one has succeeded; how long that took.
    milliseconds until_served() {
        const Instant start = now();
        const int before = acknowledged();
        // Those that were under way may still be answered.
        while (acknowledged() < before + 16 && now() < start + seconds{30}) {
            std::this_thread::yield();
        }
        return std::chrono::duration_cast<milliseconds>(now() - start);
    }

    /// Ends the work and compares what was acknowledged with what is stored.
    void settle() {
        threads_.clear();
        CHECK(surprises_ == std::set<std::string>{});
        CHECK(longest_ < statement_timeout + seconds{2});
        std::set<std::string> stored;
        crm_.contacts().each(ana(), {}, [&](const Contact& contact) {
            CHECK(stored.insert(contact.name).second);
            return true;
        });
        int lost = 0;
        for (const std::string& name : acknowledged_) lost += stored.contains(name) ? 0 : 1;
        CHECK(lost == 0);
        for (const std::string& name : stored) {
            CHECK((acknowledged_.contains(name) || in_doubt_.contains(name)));
        }
        CHECK(crm_.contacts().list(ana()).total == static_cast<std::int64_t>(stored.size()));
        MESSAGE(acknowledged_.size()
                << " acknowledged, " << in_doubt_.size() << " in doubt, " << refused_
                << " refused, longest call " << longest_.count() << " ms");
    }

private:
    void work(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            const std::string name = fmt::format("contact {}", ++names_);
            const Instant start = now();
            const std::string outcome = create(name);
            const auto took = std::chrono::duration_cast<milliseconds>(now() - start);
            const std::scoped_lock lock{mutex_};
            longest_ = std::max(longest_, took);
            if (outcome == "done") {
                acknowledged_.insert(name);
            } else if (outcome == "in doubt") {
                in_doubt_.insert(name);
            } else if (outcome == "unavailable") {
                ++refused_;
            } else {
                surprises_.insert(outcome);
            }
        }
    }

    std::string create(const std::string& name) {
        try {
            crm_.contacts().create(ana(), {.name = name, .phone = "+1-555-0100"});
            return "done";
        } catch (const Error& error) {
            if (error.outcome_unknown()) return "in doubt";
            return error.code() == ErrorCode::unavailable ? "unavailable" : error.what();
        }
    }

    int acknowledged() {
        const std::scoped_lock lock{mutex_};
        return static_cast<int>(acknowledged_.size());
    }

    Crm crm_;
    std::atomic<int> names_{0};
    std::mutex mutex_;
    std::set<std::string> acknowledged_;
    std::set<std::string> in_doubt_;
    std::set<std::string> surprises_;
    int refused_ = 0;
    milliseconds longest_{0};
    std::vector<std::jthread> threads_;
};

}  // namespace

TEST_SUITE("adapters.postgresql.server_faults") {

    TEST_CASE("a server killed under load and started again loses nothing it acknowledged") {
        PostgresqlServer server;
        const PostgresqlSchema schema{server.url()};
        Load load{schema.url()};
        for (int round = 0; round < (in_long_runs() ? 3 : 1); ++round) {
            load.until_served();
            server.kill();
            std::this_thread::sleep_for(milliseconds{300});
            server.start();
            CHECK(load.until_served() < seconds{5});
        }
        load.settle();
    }

    TEST_CASE("all connections cut off again and again under load cost no acknowledged write") {
        PostgresqlServer server;
        const PostgresqlSchema schema{server.url()};
        PostgresqlClient client{server.url()};
        Load load{schema.url()};
        for (int round = 0; round < 10; ++round) {
            load.until_served();
            client.run("select pg_terminate_backend(pid) from pg_stat_activity"
                       " where usename = 'lvng_test'");
            CHECK(load.until_served() < seconds{5});
        }
        load.settle();
    }

    TEST_CASE("a server that stops answering hangs nobody, and is used again when it does") {
        PostgresqlServer server;
        const PostgresqlSchema schema{server.url()};
        Load load{schema.url()};
        load.until_served();
        server.pause();
        std::this_thread::sleep_for(in_long_runs() ? seconds{8} : seconds{3});
        server.resume();
        CHECK(load.until_served() < seconds{5});
        load.settle();
    }
}
