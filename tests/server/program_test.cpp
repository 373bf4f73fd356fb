#include "server/program.hpp"
#include "support/temporary_folder.hpp"
#include "wiring.hpp"

#include <lvng/crm/auth.hpp>
#include <lvng/crm/version.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <string>

using namespace lvng::server;
using namespace lvng::server::testing;

namespace {

const std::string secret = "a secret of the tests, long enough";

}  // namespace

TEST_SUITE("server.program") {

    TEST_CASE("version and help go to stdout") {
        CHECK(run("--version").output == fmt::format("lvng-server {}\n", lvng::crm::version()));
        const Outcome help = run("--help");
        CHECK(help.code == 0);
        for (const auto* part :
             {"serve", "token", "keys", "migrate", "check", "LVNG_LISTEN", "--listen"})
            CHECK(help.output.find(part) != std::string::npos);
        CHECK(run("token --help").output.find("--ttl") != std::string::npos);
    }

    TEST_CASE("what is misspelt is named beside the nearest right word") {
        check_misuse("serv", "\"serv\" is no command; the nearest one is serve");
        check_misuse("--lisen x", "--lisen is no flag of serve; the nearest one is --listen");
        check_misuse("token --usr x", "--usr is no flag of token; the nearest one is --user");
        check_misuse("serve --listen", "--listen needs a value");
        check_misuse("serve listen", "\"listen\" is no flag");
    }

    TEST_CASE("a wrong setting ends every command with 2") {
        check_misuse("token --user ana",
                     "LVNG_LOG is \"loud\", but must be off, error, info or debug",
                     "LVNG_LOG=loud");
        check_misuse(
            "serve --store sqlite::memory: --listen 127.0.0.1:0",
            "LVNG_PHONE_REGION is \"QQ\", but must be a region that has a telephone network, "
            "as US or DE",
            "LVNG_PHONE_REGION=QQ");
    }

    TEST_CASE("a token is printed alone, and the server's own verifier takes it") {
        const Outcome outcome = run("token --user ana --tenant=acme --email a@acme.com --ttl 5m "
                                    "--store sqlite::memory:",
                                    fmt::format("JWT_SECRET='{}'", secret));
        CHECK(outcome.code == 0);
        REQUIRE(outcome.output.ends_with('\n'));
        const SystemClock clock;
        const auto verifier = lvng::crm::jwt_verifier({.secret = secret}, clock);
        const auto token =
            verifier->verify(std::string_view{outcome.output}.substr(0, outcome.output.size() - 1));
        CHECK(token.principal.user.to_string() == "ana");
        CHECK(token.principal.tenant.to_string() == "acme");
        CHECK(token.principal.email == "a@acme.com");
    }

    TEST_CASE("token and serve find the same secret beside the database") {
        const lvng::crm::test::TemporaryFolder folder;
        const std::string database = folder.file("lvng.db");
        const Outcome outcome = run("token --user ana --store sqlite:" + database);
        CHECK(outcome.code == 0);
        Settings settings;
        settings.sqlite_path = database;
        const SystemClock clock;
        const auto verifier = lvng::crm::jwt_verifier(jwt_options(settings), clock);
        CHECK_NOTHROW((void)verifier->verify(
            std::string_view{outcome.output}.substr(0, outcome.output.size() - 1)));
    }

    TEST_CASE("a token needs a user, a life and a secret that somebody else knows") {
        const std::string with_secret = fmt::format("JWT_SECRET='{}'", secret);
        check_misuse("token", "--user is missing", with_secret);
        check_misuse("token --user 'a b'",
                     "--user is \"a b\", but must be 1 to 128 visible ASCII characters",
                     with_secret);
        check_misuse("token --user ''",
                     "--user is \"\", but must be 1 to 128 visible ASCII characters", with_secret);
        check_misuse("token --user a --tenant ''",
                     "--tenant is \"\", but must be 1 to 128 visible ASCII characters",
                     with_secret);
        check_misuse(
            "token --user a --ttl 0s",
            "--ttl is \"0s\", but must be a duration above zero and of 3650d at most, as 30m or 1h",
            with_secret);
        check_misuse("token --user a --store sqlite::memory:",
                     "LVNG_JWT_SECRET must be set: a store in memory keeps no secret");
    }

    TEST_CASE("algorithms need their keys, and keys their algorithms") {
        const std::string serve = "serve --store sqlite::memory: --listen 127.0.0.1:0";
        check_misuse(serve,
                     "LVNG_JWKS must be set: LVNG_JWT_ALGORITHMS names RS256 or ES256, whose keys "
                     "it says",
                     "LVNG_JWT_ALGORITHMS=HS256,RS256");
        check_misuse(serve + " --jwks https://id.example.org/keys",
                     "LVNG_JWT_ALGORITHMS must name RS256 or ES256: LVNG_JWKS has keys for these "
                     "alone");
        check_misuse(serve + " --jwks http://id.example.org/keys",
                     "LVNG_JWKS is \"http://id.example.org/keys\", but the address of the key set "
                     "must be https://, or http:// on this machine, without user, password or "
                     "fragment",
                     "LVNG_JWT_ALGORITHMS=ES256");
        check_misuse(serve + " --jwks https://u:hunter2@id.example.org/keys",
                     "LVNG_JWKS is \"https:***@id.example.org/keys\", but the address of the key "
                     "set must be https://, or http:// on this machine, without user, password or "
                     "fragment",
                     "LVNG_JWT_ALGORITHMS=ES256");
        check_misuse(serve + " --jwks /nowhere/keys.json",
                     "LVNG_JWKS is \"/nowhere/keys.json\", but the key set cannot be read",
                     "LVNG_JWT_ALGORITHMS=ES256");
        check_misuse("token --user ana --jwt-algorithms RS256",
                     "LVNG_JWT_ALGORITHMS must name HS256: the tokens of this command are signed "
                     "with it");
    }

    TEST_CASE("a key is made, listed and revoked beside the store") {
        const lvng::crm::test::TemporaryFolder folder;
        const std::string database = folder.file("lvng.db");
        const std::string store = " --store sqlite:" + database;
        const Outcome made =
            run("keys create --user ana --tenant acme --scopes read --ttl 90d" + store);
        CHECK(made.code == 0);
        REQUIRE(made.output.starts_with("lvng_sk_live_"));
        REQUIRE(made.output.size() == 46);
        CHECK(run("keys create --user bob --test" + store).output.starts_with("lvng_sk_test_"));
        {
            lvng::crm::Crm crm{lvng::crm::sqlite_store({.path = database})};
            const SystemClock clock;
            const auto tokens = lvng::crm::jwt_verifier({.secret = secret}, clock);
            const auto verifier = lvng::crm::api_key_verifier(crm.api_keys(), *tokens, clock);
            const auto held = verifier->verify(std::string_view{made.output}.substr(0, 45));
            CHECK(held.principal.user.to_string() == "ana");
            CHECK(held.scopes == lvng::crm::Scopes{.read = true, .write = false});
        }
        const Outcome listed = run("keys list" + store);
        CHECK(listed.code == 0);
        CHECK(listed.output.find(" tenant acme user ana scopes read created ") !=
              std::string::npos);
        CHECK(listed.output.find(" tenant default user bob scopes read,write created ") !=
              std::string::npos);
        CHECK(listed.output.find(made.output.substr(0, 45)) == std::string::npos);
        CHECK(run("keys list --tenant nobody" + store).output.empty());

        const std::string line = run("keys list --tenant acme" + store).output;
        const std::string id = line.substr(0, line.find(' '));
        const Outcome revoked = run("keys revoke " + id + store);
        CHECK(revoked.code == 0);
        CHECK(revoked.output.find(" revoked ") != std::string::npos);
        CHECK(run("keys list --tenant acme" + store).output == revoked.output);
        const Outcome unknown =
            run("keys revoke key_" + std::string(8, '0') + "-0000-0000-0000-000000000000" + store);
        CHECK(unknown.code == 1);
        CHECK(unknown.output.starts_with("lvng-server: there is no key key_00000000-"));
    }

    TEST_CASE("keys says what it needs") {
        const lvng::crm::test::TemporaryFolder folder;
        const std::string path = folder.file("lvng.db");
        const std::string store = " --store sqlite:" + path;
        CHECK(run("keys list" + store).output ==
              "lvng-server: there is no store at " + path + "\n");
        run("migrate" + store);
        check_misuse("keys create --user a --store sqlite::memory:",
                     "keys needs a store that is kept, not one in memory");
        check_misuse("keys list --user a" + store, "keys list takes no --user");
        check_misuse("keys revoke x --tenant a" + store, "keys revoke takes no --tenant");
        check_misuse("keys", "keys needs a create|list|revoke");
        check_misuse("keys delete",
                     "\"delete\" is nothing that keys does; it does create, list and revoke");
        check_misuse("keys revoke", "keys revoke needs an ID");
        check_misuse("keys list x", "keys list takes no ID");
        check_misuse("keys revoke x y", "keys takes one ID, not \"y\" as well");
        check_misuse("keys revoke x" + store, "that is no key's id; keys list shows them");
        check_misuse("keys create" + store, "--user is missing");
        for (const auto* arguments : {"create --user a --tenant ''", "list --tenant ''"})
            check_misuse(fmt::format("keys {}{}", arguments, store),
                         "--tenant is \"\", but must be 1 to 128 visible ASCII characters");
        check_misuse("keys create --user a --scopes admin" + store,
                     "--scopes is \"admin\", but must be read, write or read,write");
        check_misuse("keys create --user a --ttl 0s" + store,
                     "--ttl is \"0s\", but must be a duration above zero and of 3650d at most, "
                     "as 30m or 1h");
        check_misuse("keys create --user a --tenant-default none:" + store,
                     "--tenant is missing: LVNG_TENANT_DEFAULT gives no user a tenant");
    }

    TEST_CASE("migrate makes the store and says where it stands") {
        const lvng::crm::test::TemporaryFolder folder;
        const std::string database = folder.file("new/lvng.db");
        for (int i = 0; i < 2; ++i) {
            const Outcome outcome = run("migrate --store sqlite:" + database, "LVNG_MIGRATE=never");
            CHECK(outcome.code == 0);
            CHECK(outcome.output.starts_with(database + " is at schema version "));
        }
        using std::filesystem::perms;
        CHECK(std::filesystem::status(database).permissions() ==
              (perms::owner_read | perms::owner_write));
    }

    TEST_CASE("only PostgreSQL is distributed, and it needs a secret that is set") {
        check_misuse("migrate --distributed --store sqlite::memory:",
                     "--distributed is for PostgreSQL with the extension Citus, and LVNG_STORE "
                     "names a SQLite store");
        check_misuse("migrate --distributed=yes", "--distributed takes no value");
        check_misuse("token --user ana --store postgresql://db/lvng",
                     "LVNG_JWT_SECRET must be set: with PostgreSQL none is made, several servers "
                     "need the same one");
        const Outcome unusable = run("migrate --store 'postgresql://u:p%20w@127.0.0.1/lvng'");
        CHECK(unusable.code == 2);
        CHECK(unusable.output.starts_with("lvng-server: LVNG_STORE cannot be used: "));
        CHECK(unusable.output.find("p w") == std::string::npos);
    }

    TEST_CASE("backup writes a copy that opens, once") {
        const lvng::crm::test::TemporaryFolder folder;
        const std::string store = " --store sqlite:" + folder.file("lvng.db");
        CHECK(run("migrate" + store).code == 0);
        const std::string copy = folder.file("copy.db");
        const Outcome outcome = run("backup " + copy + store);
        CHECK(outcome.code == 0);
        CHECK(outcome.output == copy + " is a copy of " + folder.file("lvng.db") + "\n");
        CHECK(run("migrate --store sqlite:" + copy).code == 0);
        const Outcome again = run("backup " + copy + store);
        CHECK(again.code == 1);
        CHECK(again.output == "lvng-server: " + copy + " exists\n");
    }

    TEST_CASE("backup is for a file, and says what else there is") {
        check_misuse("backup", "backup needs a PATH");
        check_misuse("backup a b", "backup takes one PATH, not \"b\" as well");
        check_misuse("backup a --store sqlite::memory:",
                     "backup copies a file; a store in memory has none");
        check_misuse("backup a --store postgresql://db/lvng",
                     "backup copies a SQLite store; for PostgreSQL use its own tools, as pg_dump "
                     "or pg_basebackup");
    }

    TEST_CASE("a server that cannot start says so in one line and ends with 1") {
        const Outcome no_folder =
            run("serve --listen 127.0.0.1:0 --store sqlite:/proc/none/lvng.db");
        CHECK(no_folder.code == 1);
        CHECK(no_folder.output.starts_with("lvng-server: cannot make the folder /proc/none: "));
        const Outcome no_address = run("serve --store sqlite::memory: --listen 192.0.2.1:1");
        CHECK(no_address.code == 1);
        CHECK(no_address.output ==
              "lvng-server: cannot listen on 192.0.2.1:1 (LVNG_LISTEN): Cannot assign requested "
              "address\n");
        const lvng::crm::test::TemporaryFolder folder;
        const lvng::crm::SqliteOptions held{.path = folder.file("lvng.db"), .exclusive = true};
        const auto store = lvng::crm::sqlite_store(held);
        const Outcome second = run("serve --listen 127.0.0.1:0 --store sqlite:" + held.path);
        CHECK(second.code == 1);
        CHECK(second.output.find("in use") != std::string::npos);
    }

    TEST_CASE("a server says when it is ready, drains at SIGTERM and ends with 0") {
        const Outcome outcome = shell(fmt::format(
            "{{ sh -c 'echo $$; exec {} serve --log off --listen 127.0.0.1:0 --store "
            "sqlite::memory:'; "
            "echo exit $?; }} | {{ read pid; read line; kill -TERM $pid; echo $line; cat; }}",
            LVNG_SERVER_PROGRAM));
        CHECK(outcome.output.starts_with("lvng-server listening on http://127.0.0.1:"));
        CHECK(outcome.output.ends_with("\nexit 0\n"));
    }

}  // TEST_SUITE
