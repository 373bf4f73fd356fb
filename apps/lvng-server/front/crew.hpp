#pragma once

#include "front/connection.hpp"
#include "front/poller.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace lvng::server {

/// The threads that serve clients. A few take turns at the poller, as many as keep the cores
/// busy. The others are a reserve: when a worker is about to wait for the disk or the database
/// and nobody is left to wait for events, one of them takes its place. So those who wait
/// hold up nobody, while a short request costs no change of threads.
class Crew {
public:
    struct Size {
        std::size_t active = 4;
        std::size_t reserve = 60;
    };
    using Serve = std::function<void(Client&, Desk&)>;

    /// `serve` must not throw. The poller must outlive the crew.
    Crew(Poller& poller, const Size& size, Serve serve);
    /// Waits for workers that are still serving.
    ~Crew();
    Crew(const Crew&) = delete;
    Crew& operator=(const Crew&) = delete;

    void start();
    /// Lets workers end after what they do. False where one has not by then; it goes on using
    /// the crew.
    [[nodiscard]] bool stop(std::chrono::steady_clock::time_point deadline);

    /// Calls from the reserve where all workers have been busy since the last call: something
    /// makes them wait that did not say so. To be called at intervals.
    void relieve();

    /// What the workers do. They are looked at one by one, so the sum may be off by a few.
    struct Doing {
        std::size_t idle = 0;     ///< waiting for an event
        std::size_t serving = 0;  ///< a client
        std::size_t aside = 0;    ///< waiting for the disk or the database
        std::size_t reserve = 0;
    };
    [[nodiscard]] Doing doing() const noexcept;

private:
    void run();
    [[nodiscard]] bool may_go_on();
    void step_aside();
    void come_back() noexcept;
    void call(std::size_t count);

    Poller& poller_;
    Size size_;
    Serve serve_;

    std::atomic<std::size_t> places_;      // how many may take turns
    std::atomic<std::size_t> running_{0};  // taking turns: neither in reserve nor aside
    std::atomic<std::size_t> waiting_{0};  // of those: waiting for an event
    std::atomic<std::size_t> turns_{0};
    std::size_t turns_seen_ = 0;  // by `relieve`

    std::mutex mutex_;
    std::condition_variable change_;
    std::atomic<std::size_t> parked_{0};  // in reserve; written under the lock
    std::size_t called_ = 0;              // out of it, and not come yet
    std::size_t ended_ = 0;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace lvng::server
