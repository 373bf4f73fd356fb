#include "support/people.hpp"
#include "support/postgresql_server.hpp"
#include "support/postgresql_store.hpp"

#include <lvng/crm/crm.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <libpq-fe.h>
#include <string>

using namespace lvng::crm;
using namespace lvng::crm::test;

namespace {

const char* const login = "postgres:throw-away";

/// How a store opened by `url` is connected; why not, where it is not.
std::string connected(const std::string& url) {
    try {
        Crm crm{postgresql_store({.url = url})};
        std::string answer;
        crm.transact(ana(), [&](Transaction& tx) {
            answer = PostgresqlClient::run(static_cast<PGconn*>(tx.native_handle()),
                                           "select ssl, inet_client_addr() is null"
                                           " from pg_stat_ssl where pid = pg_backend_pid()");
        });
        return answer == "t|f\n" ? "tls" : answer == "f|t\n" ? "socket" : answer;
    } catch (const Error& error) {
        return std::string{to_string(error.code())};
    }
}

/// An environment variable, for as long as this lives.
class Variable {
public:
    Variable(const char* name, const std::string& value) : name_{name} {
        ::setenv(name, value.c_str(), 1);
    }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;
    ~Variable() { ::unsetenv(name_); }

private:
    const char* name_;
};

}  // namespace

TEST_SUITE("adapters.postgresql.tls") {

    TEST_CASE_FIXTURE(PostgresqlServer, "the server is verified in full, and no other is trusted") {
        const auto url = [&](const std::string& host, const std::string& rest) {
            return fmt::format("postgresql://{}@{}:{}/postgres?{}", login, host, port(), rest);
        };
        const std::string ours = "sslmode=verify-full&sslrootcert=" + file("tls/ca.crt");
        const std::string other = "sslmode=verify-full&sslrootcert=" + file("tls/other.crt");
        CHECK(connected(url("127.0.0.1", ours)) == "tls");
        CHECK(connected(url("127.0.0.1", other)) == "unavailable");
        // Its certificate is for localhost and 127.0.0.1.
        CHECK(connected(url("no-such-name", "hostaddr=127.0.0.1&" + ours)) == "unavailable");
        CHECK(connected(url("localhost", "hostaddr=127.0.0.1&" + ours)) == "tls");
    }

    TEST_CASE_FIXTURE(PostgresqlServer, "a unix socket's folder stands where the host does") {
        const std::string folder = std::filesystem::path{file("x")}.parent_path();
        CHECK(connected(fmt::format("postgresql://{}@/postgres?host={}&port={}", login, folder,
                                    port())) == "socket");
        CHECK(connected(fmt::format("host={} port={} dbname=postgres user=postgres "
                                    "password=throw-away",
                                    folder, port())) == "socket");
    }

    TEST_CASE_FIXTURE(PostgresqlServer, "a password file, or the environment, gives the password") {
        const std::string url = fmt::format("postgresql://postgres@127.0.0.1:{}/postgres", port());
        CHECK(connected(url) == "unavailable");
        CHECK(PostgresqlClient{this->url()}.run("alter role postgres password 'two words'") == "");
        const std::string passfile = file("pgpass");
        std::ofstream{passfile} << "*:*:*:postgres:two words\n";
        std::filesystem::permissions(passfile, std::filesystem::perms{0600});
        CHECK(connected(url + "?passfile=" + passfile) == "tls");
        {
            const Variable variable{"PGPASSFILE", passfile};
            CHECK(connected(url) == "tls");
        }
        const Variable variable{"PGPASSWORD", "two words"};
        CHECK(connected(url) == "tls");
    }
}
