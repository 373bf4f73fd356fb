#include "support/faulty_disk.hpp"

#include "support/people.hpp"
#include "support/temporary_folder.hpp"

#include <lvng/crm/crm.hpp>
#include <lvng/crm/sqlite.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

using namespace lvng::crm;
using namespace lvng::crm::test;

namespace {

/// A host that writes some contacts, notes what it was told, and is never told nonsense.
class Host {
public:
    explicit Host(std::string path) : path_{std::move(path)} {}

    void run() {
        told([&] { open(); }, [] {});
        if (!crm_) return;
        for (int n = 0; n < 4; ++n) {
            const std::string name = fmt::format("person {}", n);
            // Large enough that a write touches many pages.
            const NewContact draft{.name = name,
                                   .email = fmt::format("p{}@x.org", n),
                                   .notes = std::string(9000, 'n')};
            told([&] { crm_->contacts().create(ana(), draft); }, [&] { sure_.insert(name); },
                 [&] { maybe_.insert(name); });
        }
        told([&] { static_cast<void>(crm_->contacts().list(ana())); }, [] {});
    }

    /// Once the disk is well again, the same store goes on by itself.
    void go_on() {
        if (!crm_) open();
        crm_->contacts().create(ana(), {.name = "afterwards", .email = "after@x.org"});
        sure_.insert("afterwards");
        check();
        crm_.reset();
        open();
        check();
    }

    std::string faults;

private:
    void open() {
        crm_ = std::make_unique<Crm>(sqlite_store({.path = path_}),
                                     Options{.timeout = std::chrono::milliseconds{300}});
    }

    template <class Call, class Done, class Doubt>
    void told(Call call, Done done, Doubt doubt) {
        try {
            call();
            done();
        } catch (const Error& error) {
            if (error.code() != ErrorCode::unavailable)
                faults += fmt::format("told {}: {}\n", to_string(error.code()), error.what());
            if (error.outcome_unknown()) doubt();
        }
    }
    template <class Call, class Done>
    void told(Call call, Done done) {
        told(call, done, [] {});
    }

    void check() {
        std::set<std::string> stored;
        crm_->contacts().each(ana(), {}, [&](const Contact& contact) {
            if (!stored.insert(contact.name).second) faults += contact.name + " is there twice\n";
            if (!sure_.contains(contact.name) && !maybe_.contains(contact.name))
                faults += contact.name + " was refused and is there\n";
            if (!crm_->contacts().with_email(ana(), *contact.email))
                faults += contact.name + " is half there\n";
            return true;
        });
        for (const std::string& name : sure_) {
            if (!stored.contains(name)) faults += name + " is lost\n";
        }
        if (crm_->contacts().list(ana()).total != static_cast<std::int64_t>(stored.size()))
            faults += "the count is wrong\n";
    }

    std::string path_;
    std::unique_ptr<Crm> crm_;
    std::set<std::string> sure_;
    std::set<std::string> maybe_;
};

std::string integrity(const std::string& path) {
    sqlite3* db = nullptr;
    sqlite3_open(path.c_str(), &db);
    std::string out;
    const auto add = [](void* text, int, char** values, char**) {
        *static_cast<std::string*>(text) += values[0];
        return 0;
    };
    sqlite3_exec(db, "pragma integrity_check", add, &out, nullptr);
    sqlite3_close(db);
    return out;
}

/// Lets each call to the disk fail in turn, until a run needs no more calls than that.
int fail_every_call(FaultyDisk& disk, bool persistent, FaultyDisk::Fault fault) {
    for (int call = 1;; ++call) {
        TemporaryFolder folder;
        Host host{folder.file("desk.db")};
        disk.fail_at(call, persistent, fault);
        host.run();
        const bool failed = disk.has_failed();
        disk.heal();
        host.go_on();
        INFO("call " << call);
        REQUIRE(host.faults == "");
        REQUIRE(integrity(folder.file("desk.db")) == "ok");
        if (!failed) return call;
    }
}

}  // namespace

TEST_SUITE("adapters.sqlite.faulty_disk") {

    TEST_CASE(
        "whatever call to the disk fails once, nothing acknowledged is lost and writing goes on") {
        FaultyDisk disk;
        CHECK(fail_every_call(disk, false, FaultyDisk::Fault::io_error) > 50);
    }

    TEST_CASE("whatever call the disk breaks at for a while, nothing acknowledged is lost and "
              "writing goes on") {
        FaultyDisk disk;
        CHECK(fail_every_call(disk, true, FaultyDisk::Fault::io_error) > 50);
    }

    TEST_CASE(
        "whatever call finds the disk full, nothing acknowledged is lost and writing goes on") {
        FaultyDisk disk;
        CHECK(fail_every_call(disk, true, FaultyDisk::Fault::full) > 30);
    }
}
