#include "front/front.hpp"

#include "http/errors.hpp"
#include "http/security_headers.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

namespace lvng::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds tick{20};
constexpr milliseconds sweep_interval{250};
// So many more than the greatest number are told why they are not served.
constexpr std::size_t turned_away_at_once = 1000;
// What is kept of the drain time to end connections by force, and to close the store.
constexpr milliseconds force_time{2000};

std::string overload_answer() {
    Desk desk;
    Reply reply =
        error_reply(Refusal{HttpError::overloaded}, {.request_id = "none", .writes = false});
    set_security_headers(reply);
    append_answer(desk.out, reply, {.date = desk.date.now(), .closes = true});
    return desk.out;
}

Descriptor wake_descriptor() {
    Descriptor wake{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (!wake) throw std::system_error{errno, std::generic_category(), "eventfd"};
    return wake;
}

/// As many descriptors as the system lets us have: each connection is one.
void raise_descriptor_limit() noexcept {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

Front::Front(Boundary& boundary, const Poco::Net::ServerSocket& socket, const Options& options)
    : options_{options}, service_{.boundary = boundary, .proxies = options.proxies},
      overload_answer_{overload_answer()}, listener_{socket}, read_line_{options.readers},
      crew_{poller_, options.crew, [this](Client& client, Desk& desk) { serve(client, desk); }},
      wake_{wake_descriptor()} {}

Front::~Front() {
    if (keeper_.joinable()) (void)drain(milliseconds{0});
}

void Front::start() {
    raise_descriptor_limit();
    listener_.listen();
    crew_.start();
    keeper_ = std::thread{[this] { keep(); }};
}

void Front::keep() {
    auto next_tick = steady_clock::now();
    auto next_sweep = next_tick;
    while (!ended_) {
        wait_for_connections();
        if (!service_.stopping)
            accept_all();
        else if (listener_.open())
            stop_listening();
        const auto now = steady_clock::now();
        if (now >= next_tick) {
            next_tick = now + tick;
            crew_.relieve();
            // Who can be written to is served at once, and joins the line again.
            if (Client* const client = read_line_.overdue()) {
                client->begin_again();
                poller_.arm(*client, Client::Next::write);
            }
        }
        if (now >= next_sweep || service_.stopping) {
            next_sweep = now + sweep_interval;
            clients_.expire(now, ends_idle_);
        }
    }
}

void Front::stop_listening() {
    accept_all();  // whoever is connected already would be reset
    listener_.close();
    closed_ = true;
    closed_.notify_all();
}

void Front::wait_for_connections() {
    const bool accepts = listener_.open() && !pausing_;
    std::array<pollfd, 2> wanted{{{.fd = wake_.number(), .events = POLLIN, .revents = 0},
                                  {.fd = accepts ? listener_.descriptor() : Descriptor::none,
                                   .events = POLLIN,
                                   .revents = 0}}};
    pausing_ = false;
    ::poll(wanted.data(), wanted.size(), static_cast<int>(tick.count()));
    eventfd_t count = 0;
    ::eventfd_read(wake_.number(), &count);
}

void Front::accept_all() {
    bool some = false;
    while (auto accepted = listener_.accept()) {
        admit(std::move(*accepted));
        some = true;
    }
    pausing_ = listener_.exhausted();
    // Where it lasts, who can't be served is told, and does not wait for minutes in the queue.
    if (pausing_ && !some) listener_.shed_one();
}

void Front::admit(Listener::Accepted accepted) try {
    accepted_.fetch_add(1, std::memory_order_relaxed);
    const std::size_t open = clients_.count();
    const bool one_too_many = is_one_too_many(accepted.peer);
    const bool served = open < options_.max_connections && !one_too_many;
    if (!served) turned_away_.fetch_add(1, std::memory_order_relaxed);
    if (open >= options_.max_connections + turned_away_at_once || one_too_many) return;
    Client& client = clients_.add(std::make_unique<Client>(
        std::move(accepted.socket), service_, options_.timeouts, std::move(accepted.peer)));
    const Client::Next next = served ? Client::Next::read : client.turn_away(overload_answer_);
    if (next == Client::Next::end || !poller_.add(client, next)) clients_.remove(client);
} catch (const std::bad_alloc&) {
    // This one can't be served.
}

bool Front::is_one_too_many(const std::string& peer) const {
    if (!options_.max_connections_per_address) return false;
    const auto address = parse_address(peer);
    if (address && options_.proxies.trusts(*address)) return false;
    return clients_.count_of(peer) >= *options_.max_connections_per_address;
}

void Front::write_metrics(MetricsText& out) const {
    out.begin("lvng_connections", MetricType::gauge, "Connections that are open.");
    out.add(clients_.count());
    out.begin("lvng_connections_limit", MetricType::gauge, "Connections that may be open.");
    out.add(options_.max_connections);
    out.begin("lvng_connections_accepted_total", MetricType::counter,
              "Connections that were taken.");
    out.add(accepted_.load(std::memory_order_relaxed));
    out.begin("lvng_connections_turned_away_total", MetricType::counter,
              "Of those, the ones beyond a limit.");
    out.add(turned_away_.load(std::memory_order_relaxed));
    const Crew::Doing doing = crew_.doing();
    out.begin("lvng_workers", MetricType::gauge,
              "Threads that serve: idle, serving, aside (waiting for the disk or the database), "
              "in reserve.");
    out.add(doing.idle, {{"state", "idle"}});
    out.add(doing.serving, {{"state", "serving"}});
    out.add(doing.aside, {{"state", "aside"}});
    out.add(doing.reserve, {{"state", "reserve"}});
}

void Front::serve(Client& client, Desk& desk) noexcept {
    auto next = Client::Next::end;
    try {
        const bool in_time = client.claim();
        next = client.serve(desk, in_time);
    } catch (...) {
        // Nothing can be said to this client any more, and it is no reason to stop for others.
    }
    if (next == Client::Next::answer) {
        try {
            return stand_in_line(client, desk);
        } catch (const std::bad_alloc&) {
            next = Client::Next::end;
        }
    }
    go_on(client, next);
}

/// From here on the client may be served by others, and be gone.
void Front::stand_in_line(Client& client, Desk& desk) {
    if (client.shared().exchange->company() == Exchange::Company::readers) {
        if (const auto lead = read_line_.join(client)) answer_reads(*lead, desk);
    } else {
        if (write_line_.join(client)) answer_writes(desk);
    }
}

void Front::go_on(Client& client, Client::Next next) noexcept {
    if (next == Client::Next::end)
        clients_.remove(client);
    else
        poller_.arm(client, next);
}

void Front::answer_writes(Desk& desk) noexcept {
    const Waiting waiting{desk};
    WriteLine::Places places;
    for (;;) {
        const std::span<Client* const> clients = write_line_.next(places);
        if (clients.empty()) break;
        const Exchanges answered = answer(clients, &Boundary::answer_writes);
        write_line_.committed();
        send_each(clients, answered, desk);
    }
}

void Front::answer_reads(ReadLine::Lead lead, Desk& desk) noexcept {
    const Waiting waiting{desk};
    ReadLine::Places places;
    for (;;) {
        const std::span<Client* const> clients = read_line_.next(lead, places);
        if (clients.empty()) break;
        send_each(clients, answer(clients, &Boundary::answer_reads), desk);
    }
}

Front::Exchanges Front::answer(std::span<Client* const> clients,
                               void (Boundary::*answer_each)(std::span<Boundary::Shared>)) try {
    Exchanges exchanges;
    exchanges.reserve(clients.size());
    for (const Client* client : clients) exchanges.push_back(client->shared());
    (service_.boundary.*answer_each)(exchanges);
    return exchanges;
} catch (...) {
    return {};
}

void Front::send_each(std::span<Client* const> clients, const Exchanges& answered,
                      Desk& desk) noexcept {
    for (std::size_t i = 0; i < clients.size(); ++i) {
        auto next = Client::Next::end;
        try {
            next = clients[i]->take_answer(answered.at(i).reply.value(), desk);
        } catch (...) {
            // As in `serve`.
        }
        go_on(*clients[i], next);
    }
}

bool Front::drain(milliseconds patience) {
    const auto deadline = steady_clock::now() + patience;
    service_.stopping = true;
    wake_keeper();
    closed_.wait(false);
    bool gone = clients_.gone_by(steady_clock::now() + std::min(options_.farewell, patience / 2));
    ends_idle_ = true;
    wake_keeper();
    gone = gone || clients_.gone_by(deadline - std::min(force_time, patience / 2));
    if (!gone) clients_.cut_off();
    const bool all_gone = clients_.gone_by(deadline);
    ended_ = true;
    wake_keeper();
    keeper_.join();
    return crew_.stop(all_gone ? steady_clock::now() + options_.farewell : deadline) && all_gone;
}

void Front::wake_keeper() noexcept {
    ::eventfd_write(wake_.number(), 1);
}

}  // namespace lvng::server
