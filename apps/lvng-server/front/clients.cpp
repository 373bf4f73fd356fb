#include "front/clients.hpp"

#include <utility>

namespace lvng::server {

Client& Clients::add(std::unique_ptr<Client> client) {
    const auto place = static_cast<std::size_t>(client->descriptor());
    const std::lock_guard lock{mutex_};
    if (place >= by_descriptor_.size()) by_descriptor_.resize(place + 1);
    ++by_peer_[client->peer()];
    ++count_;
    by_descriptor_[place] = std::move(client);
    return *by_descriptor_[place];
}

void Clients::remove(const Client& client) {
    // Closed under the lock: nobody who holds it may find a descriptor that is somebody else's.
    const std::lock_guard lock{mutex_};
    const auto peer = by_peer_.find(client.peer());
    if (--peer->second == 0) by_peer_.erase(peer);
    --count_;
    by_descriptor_[static_cast<std::size_t>(client.descriptor())].reset();
    if (count_ == 0) removed_.notify_all();
}

void Clients::expire(Client::Clock::time_point now, bool idle_too) {
    const std::lock_guard lock{mutex_};
    for (const auto& client : by_descriptor_)
        if (client) client->expire(now, idle_too);
}

void Clients::cut_off() {
    const std::lock_guard lock{mutex_};
    for (const auto& client : by_descriptor_)
        if (client) client->cut_off();
}

std::size_t Clients::count() const {
    const std::lock_guard lock{mutex_};
    return count_;
}

std::size_t Clients::count_of(const std::string& peer) const {
    const std::lock_guard lock{mutex_};
    const auto found = by_peer_.find(peer);
    return found == by_peer_.end() ? 0 : found->second;
}

bool Clients::gone_by(Client::Clock::time_point deadline) const {
    std::unique_lock lock{mutex_};
    return removed_.wait_until(lock, deadline, [&] { return count_ == 0; });
}

}  // namespace lvng::server
