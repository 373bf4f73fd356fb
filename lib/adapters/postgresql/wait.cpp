#include "adapters/postgresql/wait.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <libpq-fe.h>

namespace lvng::crm::postgresql {
namespace {

constexpr std::chrono::milliseconds longest_poll{std::chrono::hours{1}};

int poll_time(Deadline deadline) {
    const Deadline now = std::chrono::steady_clock::now();
    if (deadline <= now) return 0;
    // Rounded up: rounding down would spin through the last millisecond.
    const auto left = std::min<Deadline::duration>(deadline - now, longest_poll);
    return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count());
}

}  // namespace

short wait_for(const PGconn* connection, short events, Deadline deadline) {
    pollfd socket{.fd = PQsocket(connection), .events = events, .revents = 0};
    for (;;) {
        const int time = poll_time(deadline);
        const int ready = ::poll(&socket, 1, time);
        if (ready > 0) return socket.revents;
        if (ready == 0 && std::chrono::steady_clock::now() >= deadline) return 0;
        // Without a socket poll would wait in vain: let libpq say what is wrong with it.
        if (ready < 0 && errno != EINTR) return events;
    }
}

}  // namespace lvng::crm::postgresql
