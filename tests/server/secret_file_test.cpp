#include "secret_file.hpp"

#include "support/temporary_folder.hpp"
#include "wiring.hpp"

#include <lvng/crm/auth.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace lvng::server;
namespace fs = std::filesystem;

TEST_SUITE("server.secret_file") {

    TEST_CASE("a secret is made once, for its owner alone") {
        const lvng::crm::test::TemporaryFolder folder;
        const fs::path path = folder.path() / "secret";
        const std::string secret = secret_in_file(path);
        CHECK_FALSE(lvng::crm::weak_secret(secret));
        CHECK(secret_in_file(path) == secret);
        CHECK(fs::status(path).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
        CHECK(std::distance(fs::directory_iterator{folder.path()}, {}) == 1);
    }

    TEST_CASE("all who make it at once get the same") {
        const lvng::crm::test::TemporaryFolder folder;
        std::vector<std::string> secrets(8);
        std::vector<std::thread> threads;
        for (std::string& secret : secrets)
            threads.emplace_back([&] { secret = secret_in_file(folder.path() / "secret"); });
        for (std::thread& thread : threads) thread.join();
        CHECK(std::set<std::string>{secrets.begin(), secrets.end()}.size() == 1);
    }

    TEST_CASE("a file that holds no secret is refused") {
        const lvng::crm::test::TemporaryFolder folder;
        const fs::path path = folder.path() / "secret";
        std::ofstream{path} << "short\n";
        CHECK_THROWS_AS(secret_in_file(path), std::runtime_error);
        CHECK_THROWS_AS(secret_in_file(folder.path() / "none" / "secret"), std::system_error);
    }

    TEST_CASE("the secret of the settings goes before the file, and memory keeps none") {
        const lvng::crm::test::TemporaryFolder folder;
        Settings settings;
        settings.sqlite_path = (folder.path() / "new" / "lvng.db").string();
        const std::string made = jwt_options(settings).secret;
        CHECK(jwt_options(settings).secret == made);
        CHECK(fs::exists(secret_path(settings)));
        CHECK(fs::status(folder.path() / "new").permissions() == fs::perms::owner_all);
        settings.jwt.secret = "the one that was set, long enough";
        CHECK(jwt_options(settings).secret == settings.jwt.secret);
        settings.jwt.secret.clear();
        settings.sqlite_path = ":memory:";
        CHECK(jwt_options(settings).secret != jwt_options(settings).secret);
    }

}  // TEST_SUITE
