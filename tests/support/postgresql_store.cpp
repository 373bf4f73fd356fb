#include "support/postgresql_store.hpp"

#include "support/forwarding_store.hpp"

#include <atomic>
#include <cstdlib>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <stdexcept>
#include <unistd.h>
#include <utility>
#include <vector>

namespace lvng::crm::test {
namespace {

constexpr const char* owner = "lvng_test";

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

/// The address with another login.
std::string with_login(const std::string& address, const std::string& login) {
    const std::size_t start = address.find("://") + 3;
    const std::size_t at = address.find('@', start);
    if (start == 2 || at == std::string::npos) {
        throw std::runtime_error{"the test server's address must be postgresql://user:pw@host/db"};
    }
    return address.substr(0, start) + login + address.substr(at);
}

std::string in_schema(const std::string& address, const std::string& schema) {
    return address + (address.find('?') == std::string::npos ? "?" : "&") +
           "options=-csearch_path%3D" + schema;
}

void must(const std::string& answer) {
    if (!answer.empty()) throw std::runtime_error{"the test server answered " + answer};
}

/// Several test programs start at once, so one that exists is fine. On Citus the workers get it
/// as well.
void make_owner(PostgresqlClient& client) {
    must(client.run(fmt::format("do $$ begin create role {0} login password '{0}';"
                                " exception when duplicate_object or unique_violation then null;"
                                " end $$",
                                owner)));
}

class StoreInSchema final : public ForwardingStore {
public:
    StoreInSchema(std::unique_ptr<PostgresqlSchema> schema, std::unique_ptr<Store> store)
        : schema_{std::move(schema)}, store_{std::move(store)} {}

private:
    Store& inner() const override { return *store_; }

    std::unique_ptr<PostgresqlSchema> schema_;
    std::unique_ptr<Store> store_;
};

}  // namespace

std::string postgresql_address() {
    return environment("LVNG_TEST_POSTGRES");
}
std::string citus_address() {
    return environment("LVNG_TEST_CITUS");
}

PostgresqlClient::PostgresqlClient(const std::string& url) : handle_{PQconnectdb(url.c_str())} {
    PQsetNoticeProcessor(
        handle_, [](void*, const char*) {}, nullptr);
    if (PQstatus(handle_) == CONNECTION_OK) return;
    const std::string message = PQerrorMessage(handle_);
    PQfinish(handle_);
    throw std::runtime_error{message};
}

PostgresqlClient::~PostgresqlClient() {
    PQfinish(handle_);
}

std::string PostgresqlClient::run(PGconn* handle, const std::string& sql) {
    const std::unique_ptr<PGresult, decltype(&PQclear)> result{PQexec(handle, sql.c_str()),
                                                               &PQclear};
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
        return state ? state : "no answer";
    }
    std::string out;
    for (int row = 0; row < PQntuples(result.get()); ++row) {
        for (int column = 0; column < PQnfields(result.get()); ++column) {
            if (column > 0) out += '|';
            out += PQgetvalue(result.get(), row, column);
        }
        out += '\n';
    }
    return out;
}

PostgresqlSchema::PostgresqlSchema(std::string address) : address_{std::move(address)} {
    static std::atomic<int> count{0};
    name_ = fmt::format("lvng_test_{}_{}", ::getpid(), ++count);
    PostgresqlClient client{address_};
    make_owner(client);
    must(client.run(fmt::format("drop schema if exists {0} cascade;"
                                "create schema {0} authorization {1}",
                                name_, owner)));
}

PostgresqlSchema::~PostgresqlSchema() {
    try {
        PostgresqlClient{address_}.run(fmt::format("drop schema {} cascade", name_));
    } catch (const std::exception&) {
        // The server may be gone; it is thrown away with what is in it.
    }
}

std::string PostgresqlSchema::url() const {
    return in_schema(with_login(address_, fmt::format("{0}:{0}", owner)), name_) +
           "&application_name=" + name_;
}

std::string PostgresqlSchema::superuser_url() const {
    return in_schema(address_, name_);
}

std::unique_ptr<Store> fresh_postgresql_store(PostgresqlOptions options) {
    auto schema = std::make_unique<PostgresqlSchema>();
    options.url = schema->url();
    std::unique_ptr<Store> store = postgresql_store(options);
    return std::make_unique<StoreInSchema>(std::move(schema), std::move(store));
}

std::unique_ptr<Store> fresh_citus_store() {
    auto schema = std::make_unique<PostgresqlSchema>(citus_address());
    const PostgresqlOptions options{.url = schema->url()};
    distribute_postgresql_store(options);
    std::unique_ptr<Store> store = postgresql_store(options);
    return std::make_unique<StoreInSchema>(std::move(schema), std::move(store));
}

}  // namespace lvng::crm::test
