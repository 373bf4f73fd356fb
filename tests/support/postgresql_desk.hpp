#pragma once

#include "support/postgresql_store.hpp"

#include <lvng/crm/crm.hpp>
#include <lvng/crm/postgresql.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

namespace lvng::crm::test {

/// A store in a schema of its own, and another program that looks into it.
struct Desk {
    PostgresqlSchema schema;
    PostgresqlClient client{schema.superuser_url()};

    [[nodiscard]] std::unique_ptr<Crm>
    open(PostgresqlOptions options = {},
         std::chrono::milliseconds timeout = std::chrono::seconds{5}) const {
        options.url = schema.url();
        return std::make_unique<Crm>(postgresql_store(options), Options{.timeout = timeout});
    }

    /// Waits until a statement of this schema's login waits for a lock.
    void wait_for_waiter() {
        const std::string waiting = "select count(*) from pg_stat_activity where application_name"
                                    " = '" +
                                    schema.name() + "' and wait_event_type = 'Lock'";
        while (client.run(waiting) == "0\n") std::this_thread::yield();
    }
};

/// The connection of a transaction.
inline pg_conn* handle(Transaction& tx) {
    return static_cast<pg_conn*>(tx.native_handle());
}

}  // namespace lvng::crm::test
