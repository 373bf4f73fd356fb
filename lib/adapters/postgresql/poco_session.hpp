#pragma once

#include <lvng/crm/ports/store.hpp>

#include <memory>
#include <string>

struct pg_conn;

namespace lvng::crm::postgresql {

/// A connection that Poco opened. All that is done on it is libpq's. One thread at a time.
class PocoSession {
public:
    /// Throws `unavailable`, at the latest 2 seconds after `deadline`.
    PocoSession(const std::string& connection_string, Deadline deadline);
    PocoSession(const PocoSession&) = delete;
    PocoSession& operator=(const PocoSession&) = delete;
    ~PocoSession();

    [[nodiscard]] pg_conn* handle() const noexcept { return handle_; }

private:
    struct Opened;
    std::unique_ptr<Opened> opened_;
    pg_conn* handle_;
};

}  // namespace lvng::crm::postgresql
