#include "adapters/postgresql/conninfo.hpp"

#include "support/people.hpp"
#include "support/postgresql_store.hpp"

#include <lvng/crm/crm.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <libpq-fe.h>
#include <string>

using namespace lvng::crm;
using namespace lvng::crm::postgresql;
using namespace lvng::crm::test;

namespace {

/// What libpq reads out of the connection string.
std::string read_back(const std::string& connection_string, const std::string& key) {
    char* message = nullptr;
    PQconninfoOption* options = PQconninfoParse(connection_string.c_str(), &message);
    REQUIRE_MESSAGE(options, std::string{message ? message : ""});
    std::string value = "absent";
    for (const PQconninfoOption* option = options; option->keyword; ++option) {
        if (key == option->keyword && option->val) value = option->val;
    }
    PQconninfoFree(options);
    return value;
}

std::string message_of(const PostgresqlOptions& options) {
    try {
        static_cast<void>(connection_string(options));
    } catch (const Error& error) {
        return error.what();
    }
    return "nothing";
}

}  // namespace

TEST_SUITE("adapters.postgresql.conninfo") {

    TEST_CASE("what the URL says is passed on, quotes and backslashes too") {
        const std::string text = connection_string(
            {.url = "postgresql://ana:p%27%5C%22%3D%25@db.example:6432/desk?sslmode=verify-full"
                    "&sslrootcert=/etc/ca.pem"});
        CHECK(read_back(text, "password") == R"(p'\"=%)");
        CHECK(read_back(text, "user") == "ana");
        CHECK(read_back(text, "host") == "db.example");
        CHECK(read_back(text, "port") == "6432");
        CHECK(read_back(text, "dbname") == "desk");
        CHECK(read_back(text, "sslmode") == "verify-full");
        CHECK(read_back(text, "sslrootcert") == "/etc/ca.pem");
    }

    TEST_CASE("pairs of keys and values are taken as well, and a socket's folder") {
        CHECK(read_back(connection_string({.url = "host=/run/postgresql dbname=desk"}), "host") ==
              "/run/postgresql");
        CHECK(read_back(connection_string({.url = "postgresql:///desk?host=/run/postgresql"}),
                        "host") == "/run/postgresql");
    }

    TEST_CASE("what the URL leaves out is ours, what it says wins") {
        CHECK(read_back(connection_string({.url = "postgresql://h/d"}), "connect_timeout") == "2");
        CHECK(read_back(connection_string({.url = "postgresql://h/d?connect_timeout=9"}),
                        "connect_timeout") == "9");
        CHECK(read_back(connection_string({.url = "postgresql://h/d"}), "tcp_user_timeout") ==
              "5000");
        CHECK(read_back(connection_string({.url = "postgresql://h/d"}), "password") == "absent");
        CHECK(read_back(connection_string({.url = "postgresql://h/d?password="}), "password") ==
              "absent");
    }

    TEST_CASE("no blank reaches Poco, and the server's options keep their meaning") {
        const std::string text = connection_string(
            {.url = "postgresql://h/d?options=-c%20search_path%3Dcrm%20-c%20work_mem%3D8MB"});
        const std::string options = read_back(text, "options");
        CHECK(options.find(' ') == std::string::npos);
        CHECK(options.find("-cstatement_timeout=5000\t") != std::string::npos);
        CHECK(options.ends_with("\t-c\tsearch_path=crm\t-c\twork_mem=8MB"));
    }

    TEST_CASE("what cannot be passed on is refused by name, without its value") {
        CHECK(message_of({.url = "postgresql://ana:two%20words@h/d"}) ==
              "validation failed (url: has a blank in 'password', which cannot be passed on: use "
              "a password file)");
        CHECK(message_of({.url = "postgresql://h/d?sslrootcert=/my%20files/ca.pem"}) ==
              "validation failed (url: has a blank in 'sslrootcert', which cannot be passed on)");
        CHECK(message_of({.url = "postgresql://h/d?options=-c%20a.b%3Dtwo%5C%20words"}) ==
              "validation failed (url: has an escaped blank in 'options', which cannot be passed "
              "on)");
        CHECK(message_of({.url = "postgresql://h/d?client_encoding=LATIN1"}) ==
              "validation failed (url: must not set 'client_encoding' to anything but UTF8)");
        CHECK(message_of({.url = "postgresql://h/d?replication=true"}) ==
              "validation failed (url: must not set 'replication')");
        CHECK(message_of({.url = "postgresql://ana:secret@h/d?no_such=1"}) ==
              "validation failed (url: must be a PostgreSQL connection URL)");
        CHECK(message_of({}) == "validation failed (url: is required)");
        CHECK(message_of({.url = "postgresql://h/d",
                          .pool_size = 0,
                          .statement_timeout = std::chrono::milliseconds{0},
                          .lock_timeout = std::chrono::milliseconds{-1}}) ==
              "validation failed (pool_size: must be from 1 to 1000; statement_timeout: must be "
              "longer than 0; lock_timeout: must be longer than 0)");
    }

    TEST_CASE("a real server gets every one of them through Poco") {
        const PostgresqlSchema schema;
        // `=` and a quote in values: Poco cuts at the first `=` and at blanks.
        Crm crm{postgresql_store({.url = schema.url() + "&fallback_application_name=a%3D%27b",
                                  .statement_timeout = std::chrono::milliseconds{4321},
                                  .lock_timeout = std::chrono::milliseconds{1234}})};
        crm.transact(ana(), [&](Transaction& tx) {
            const auto show = [&](const std::string& setting) {
                return PostgresqlClient::run(static_cast<PGconn*>(tx.native_handle()),
                                             "show " + setting);
            };
            CHECK(show("statement_timeout") == "4321ms\n");
            CHECK(show("lock_timeout") == "1234ms\n");
            CHECK(show("timezone") == "UTC\n");
            CHECK(show("jit") == "off\n");
            CHECK(show("client_encoding") == "UTF8\n");
            CHECK(show("search_path") == schema.name() + "\n");
            CHECK(show("idle_in_transaction_session_timeout") == "1min\n");
            CHECK(show("application_name") == schema.name() + "\n");
        });
    }
}
