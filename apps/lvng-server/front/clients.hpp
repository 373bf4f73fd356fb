#pragma once

#include "front/client.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace lvng::server {

/// All clients of a front, by their descriptors. A client that is removed is closed. Safe to
/// share.
class Clients {
public:
    Client& add(std::unique_ptr<Client> client);
    void remove(const Client& client);

    /// See `Client::expire`.
    void expire(Client::Clock::time_point now, bool idle_too);
    void cut_off();

    [[nodiscard]] std::size_t count() const;
    [[nodiscard]] std::size_t count_of(const std::string& peer) const;
    /// Whether all clients have gone by then.
    [[nodiscard]] bool gone_by(Client::Clock::time_point deadline) const;

private:
    mutable std::mutex mutex_;
    mutable std::condition_variable removed_;
    std::vector<std::unique_ptr<Client>> by_descriptor_;
    std::map<std::string, std::size_t, std::less<>> by_peer_;
    std::size_t count_ = 0;
};

}  // namespace lvng::server
