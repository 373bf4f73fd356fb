#pragma once

#include <lvng/crm/ports/store.hpp>

#include <poll.h>

struct pg_conn;

namespace lvng::crm::postgresql {

/// Waits until the connection's socket can do what `events` asks (POLLIN, POLLOUT). Returns what
/// it can do; 0 when the deadline passes first.
short wait_for(const pg_conn* connection, short events, Deadline deadline);

}  // namespace lvng::crm::postgresql
