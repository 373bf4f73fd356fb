#pragma once

#include "front/client.hpp"
#include "front/descriptor.hpp"

namespace lvng::server {

/// The one epoll descriptor on which all workers wait. Each event is given to one of them, once:
/// until the client is armed again no other comes. Safe to share.
class Poller {
public:
    /// Throws `std::system_error`.
    Poller();

    /// Puts a new client under watch, armed. False where the system has no room for it.
    [[nodiscard]] bool add(Client& client, Client::Next next) noexcept;
    /// Gives the client back. It may be served, and be gone, before this returns.
    void arm(Client& client, Client::Next next) noexcept;

    /// Waits for an event. Null once `stop` was called.
    [[nodiscard]] Client* wait() noexcept;
    void stop() noexcept;

private:
    Descriptor epoll_;
    Descriptor stopped_;
};

}  // namespace lvng::server
