#pragma once

#include <lvng/crm/error.hpp>
#include <lvng/crm/ports/store.hpp>
#include <lvng/crm/principal.hpp>

#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace lvng::crm::inline v0 {

/// What a repeat hears that has waited for the first request in vain.
inline Error still_running() {
    return {ErrorCode::conflict,
            "the first request with this key is still running",
            {.retryable = true}};
}

/// The keys of the requests that this process is just making, so that a repeat waits here and not
/// with a connection in its hand. Safe to share.
class RunningKeys {
public:
    /// Holds the key until it is destroyed.
    class Turn {
    public:
        /// Throws `conflict` where the key is held until the deadline.
        Turn(RunningKeys& keys, const Principal& who, std::string_view key, Deadline deadline)
            : keys_{&keys}, name_{name_of(who, key)} {
            waited_ = keys_->take(name_, deadline);
        }
        ~Turn() { keys_->leave(name_); }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;

        /// Whether another request with the key ran when this one came.
        [[nodiscard]] bool waited() const noexcept { return waited_; }

    private:
        // A blank is in no key either.
        static std::string name_of(const Principal& who, std::string_view key) {
            std::string name = owner_key(who) + ' ';
            name += key;
            return name;
        }

        RunningKeys* keys_;
        std::string name_;
        bool waited_ = false;
    };

private:
    bool take(const std::string& name, Deadline deadline) {
        std::unique_lock lock{mutex_};
        bool waited = false;
        while (!running_.insert(name).second) {
            waited = true;
            if (ended_.wait_until(lock, deadline) == std::cv_status::no_timeout) continue;
            if (running_.insert(name).second) return true;
            throw still_running();
        }
        return waited;
    }
    void leave(const std::string& name) {
        {
            const std::lock_guard lock{mutex_};
            running_.erase(name);
        }
        ended_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable ended_;
    std::unordered_set<std::string> running_;
};

}  // namespace lvng::crm::inline v0
