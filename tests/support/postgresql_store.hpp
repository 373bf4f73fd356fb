#pragma once

#include <lvng/crm/ports/store.hpp>
#include <lvng/crm/postgresql.hpp>

#include <memory>
#include <string>

struct pg_conn;

namespace lvng::crm::test {

/// The address of a server for tests, from the environment; empty where there is none. Its login
/// may make roles and schemas.
std::string postgresql_address();  // LVNG_TEST_POSTGRES
std::string citus_address();       // LVNG_TEST_CITUS

/// Another program on the same database.
class PostgresqlClient {
public:
    explicit PostgresqlClient(const std::string& url);
    PostgresqlClient(const PostgresqlClient&) = delete;
    PostgresqlClient& operator=(const PostgresqlClient&) = delete;
    ~PostgresqlClient();

    /// Every row as text, `a|b` and a line feed; where it fails, the SQLSTATE.
    std::string run(const std::string& sql) { return run(handle_, sql); }
    static std::string run(pg_conn* handle, const std::string& sql);

private:
    pg_conn* handle_;
};

/// An empty schema, owned by a login that is no superuser; gone with what is in it when this is.
class PostgresqlSchema {
public:
    explicit PostgresqlSchema(std::string address = postgresql_address());
    PostgresqlSchema(const PostgresqlSchema&) = delete;
    PostgresqlSchema& operator=(const PostgresqlSchema&) = delete;
    ~PostgresqlSchema();

    [[nodiscard]] const std::string& name() const { return name_; }
    /// For the schema's owner, under the schema's name as `application_name`.
    [[nodiscard]] std::string url() const;
    /// For the server's superuser, in this schema.
    [[nodiscard]] std::string superuser_url() const;

private:
    std::string address_;
    std::string name_;
};

/// A store in a schema of its own, which is gone when the store is.
std::unique_ptr<Store> fresh_postgresql_store(PostgresqlOptions options = {});
/// The same on the Citus coordinator, distributed.
std::unique_ptr<Store> fresh_citus_store();

}  // namespace lvng::crm::test
