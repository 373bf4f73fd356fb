#pragma once

#include "front/client.hpp"
#include "support/http_scenario.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include <sys/eventfd.h>

namespace lvng::server::testing {

/// Clients that nobody talks to, and a clock that stands still, for what only puts clients in
/// order.
struct QuietClients {
    explicit QuietClients(std::size_t count) {
        for (std::size_t n = 0; n < count; ++n)
            clients.push_back(
                std::make_unique<Client>(Descriptor{::eventfd(0, 0)}, service, timeouts, "a"));
    }
    [[nodiscard]] std::size_t number_of(const Client* client) const {
        std::size_t number = 0;
        while (clients.at(number).get() != client) ++number;
        return number;
    }
    [[nodiscard]] std::vector<std::size_t> numbers_of(std::span<Client* const> some) const {
        std::vector<std::size_t> numbers;
        for (const Client* client : some) numbers.push_back(number_of(client));
        return numbers;
    }

    TestServer app;
    Service service{.boundary = app.boundary()};
    Timeouts timeouts;
    std::vector<std::unique_ptr<Client>> clients;
    std::chrono::steady_clock::time_point now{};
};

}  // namespace lvng::server::testing
