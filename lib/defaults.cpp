#include "defaults.hpp"

#include <lvng/crm/error.hpp>
#include <lvng/crm/version.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <pthread.h>
#include <sys/random.h>

namespace lvng::crm {

namespace {

using std::chrono::floor;
using std::chrono::milliseconds;

class SystemClock final : public Clock {
public:
    [[nodiscard]] Timestamp now() const override {
        const auto instant = floor<milliseconds>(std::chrono::system_clock::now());
        return Timestamp{instant.time_since_epoch().count()};
    }
};

// How often this process is a fork's child. Counted by a handler and not told from `getpid`, which
// is a system call of half the price of an id. (`_Fork` runs no handlers: after it, POSIX lets a
// child of a program with threads do nothing that could make ids.)
std::atomic<std::uint64_t> forks{0};

void watch_forks() {
    static const int failure =
        pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });
    if (failure != 0) throw Error{ErrorCode::unavailable, std::strerror(failure)};
}

/// Random bytes in stock, because asking the kernel for each id costs several ids. One for each
/// thread: no lock, so none that a fork could leave locked in the child.
class RandomPool {
public:
    template <std::size_t Count>
    std::array<std::uint8_t, Count> take() {
        const std::uint64_t forks_now = forks.load(std::memory_order_relaxed);
        if (left_ < Count || forks_ != forks_now) {
            left_ = 0;
            fill();
            forks_ = forks_now;
        }
        std::array<std::uint8_t, Count> out;
        left_ -= Count;
        std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(left_), Count, out.begin());
        return out;
    }

private:
    void fill() {
        while (left_ < bytes_.size()) {
            // A signal may cut a large request short.
            const ssize_t got = getrandom(bytes_.data() + left_, bytes_.size() - left_, 0);
            if (got > 0) {
                left_ += static_cast<std::size_t>(got);
            } else if (errno != EINTR) {
                left_ = 0;
                throw Error{ErrorCode::unavailable,
                            std::string{"no random numbers: "} + std::strerror(errno)};
            }
        }
    }

    std::array<std::uint8_t, 4096> bytes_{};
    std::size_t left_ = 0;  // those still unused, at the front
    std::uint64_t forks_ = 0;
};

constinit thread_local RandomPool pool;

class RandomIds final : public IdGenerator {
public:
    Uuid next(Timestamp now) override {
        // Layout: 48 bits of time, 4 of version, 12 random, 2 of variant, 62 random.
        // A clock before 1970 has no place in it.
        const auto time = static_cast<std::uint64_t>(std::max<std::int64_t>(now.milliseconds(), 0));
        const std::array<std::uint8_t, 10> random = pool.take<10>();
        Uuid::Bytes bytes;
        for (std::size_t i = 0; i < 6; ++i) {
            bytes[i] = static_cast<std::uint8_t>(time >> (40 - 8 * i));
        }
        std::copy(random.begin(), random.end(), bytes.begin() + 6);
        bytes[6] = static_cast<std::uint8_t>(0x70 | (bytes[6] & 0x0F));
        bytes[8] = static_cast<std::uint8_t>(0x80 | (bytes[8] & 0x3F));
        return Uuid{bytes};
    }
};

}  // namespace

std::unique_ptr<Clock> system_clock() {
    return std::make_unique<SystemClock>();
}

std::unique_ptr<IdGenerator> random_ids() {
    watch_forks();
    return std::make_unique<RandomIds>();
}

inline namespace v0 {

std::string_view version() noexcept {
    return LVNG_CRM_VERSION;
}

}  // namespace v0

}  // namespace lvng::crm
