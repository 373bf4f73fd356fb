#include "front/poller.hpp"

#include <system_error>

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

namespace lvng::server {
namespace {

Descriptor checked(int number) {
    if (number < 0) throw std::system_error{errno, std::generic_category(), "epoll"};
    return Descriptor{number};
}

epoll_event event_for(Client& client, Client::Next next) noexcept {
    epoll_event event{};
    const std::uint32_t wanted = next == Client::Next::write ? EPOLLOUT : EPOLLIN;
    event.events = wanted | EPOLLONESHOT;
    event.data.ptr = &client;
    return event;
}

}  // namespace

Poller::Poller()
    : epoll_{checked(::epoll_create1(EPOLL_CLOEXEC))}, stopped_{
                                                           checked(::eventfd(0, EFD_CLOEXEC))} {
    epoll_event event{};
    event.events = EPOLLIN;  // and it stays readable, so that every worker sees it
    if (::epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, stopped_.number(), &event) != 0)
        throw std::system_error{errno, std::generic_category(), "epoll"};
}

bool Poller::add(Client& client, Client::Next next) noexcept {
    epoll_event event = event_for(client, next);
    const int descriptor = client.descriptor();
    client.release();
    return ::epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, descriptor, &event) == 0;
}

void Poller::arm(Client& client, Client::Next next) noexcept {
    epoll_event event = event_for(client, next);
    const int descriptor = client.descriptor();
    client.release();
    ::epoll_ctl(epoll_.number(), EPOLL_CTL_MOD, descriptor, &event);
}

Client* Poller::wait() noexcept {
    epoll_event event{};
    // One event: a worker that waits for the database must not hold others.
    while (::epoll_wait(epoll_.number(), &event, 1, -1) != 1) {
    }
    return static_cast<Client*>(event.data.ptr);
}

void Poller::stop() noexcept {
    ::eventfd_write(stopped_.number(), 1);
}

}  // namespace lvng::server
