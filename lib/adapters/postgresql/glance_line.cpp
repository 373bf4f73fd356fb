#include "adapters/postgresql/glance_line.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <exception>

namespace lvng::crm::postgresql {
namespace {

// More are seldom there, and the answers of all of them are in memory at once.
constexpr std::size_t most_at_once = 64;
// Much longer than glances take: those who ask are stuck.
constexpr std::chrono::milliseconds patience{20};

Error writes_nothing() {
    return Error{ErrorCode::internal, "a glance writes nothing"};
}

}  // namespace

// Shared, because who is called may be gone before the one who calls.
struct GlanceLine::Waiting : Glance {
    explicit Waiting(Glance glance) : Glance{std::move(glance)} {}

    bool asks = false;  // for itself and for others

    // Signalled behind the lock, or who wakes up would have to wait for it.
    void call() noexcept {
        {
            const std::scoped_lock lock{mutex_};
            is_called_ = true;
        }
        called_.notify_one();
    }
    /// Returns whether it was called by then.
    bool wait_until(Deadline time) {
        std::unique_lock lock{mutex_};
        return called_.wait_until(lock, time, [&] { return is_called_; });
    }
    void wait() {
        std::unique_lock lock{mutex_};
        called_.wait(lock, [&] { return is_called_; });
    }

private:
    // Of its own, so that those who are called together do not wait for each other.
    std::mutex mutex_;
    std::condition_variable called_;
    bool is_called_ = false;
};

Result GlanceLine::ask(const Principal& who, std::string_view statement,
                       std::span<const sql::Value> values, Deadline deadline) {
    const auto self = std::make_shared<Waiting>(
        Glance{.who = &who, .statement = statement, .values = values, .deadline = deadline});
    if (!join(self)) wait(self);
    if (self->asks) {
        ask_for_all(self);
        leave();
    }
    // Moved, so that nobody else lets go of what is thrown here.
    if (self->failure) std::rethrow_exception(std::move(self->failure));
    return std::move(self->answer);
}

void GlanceLine::ask_each(std::span<Glance> glances) noexcept {
    std::array<Glance*, most_at_once> some{};
    while (!glances.empty()) {
        const std::size_t count = std::min(glances.size(), some.size());
        for (std::size_t i = 0; i < count; ++i) some[i] = &glances[i];
        glances = glances.subspan(ask_some(std::span{some}.first(count)));
    }
}

/// Whether there is room to ask at once.
bool GlanceLine::join(const Place& self) {
    const std::scoped_lock lock{mutex_};
    if (askers_ == most_askers_) {
        waiting_.push_back(self);
        return false;
    }
    ++askers_;
    return self->asks = true;
}

/// Until somebody has asked for it, or it is to ask.
void GlanceLine::wait(const Place& self) {
    if (self->wait_until(std::min(self->deadline, std::chrono::steady_clock::now() + patience)) ||
        ask_beside(self) || self->wait_until(self->deadline)) {
        return;
    }
    if (leave_line(self)) {
        throw Error{ErrorCode::unavailable,
                    "PostgreSQL was busy with others until the deadline",
                    {.retryable = true}};
    }
    self->wait();  // it is being asked for, by the deadlines of those it is asked with
}

/// Whether it waits no longer, and was not called.
bool GlanceLine::leave_line(const Place& self) {
    const std::scoped_lock lock{mutex_};
    return std::erase(waiting_, self) > 0;
}

/// Whether it asks now, because those who do are stuck.
bool GlanceLine::ask_beside(const Place& self) {
    const std::scoped_lock lock{mutex_};
    if (askers_ >= most_stuck_ || std::erase(waiting_, self) == 0) return false;
    ++askers_;
    return self->asks = true;
}

/// Gives an outcome to itself, and to those it takes along.
void GlanceLine::ask_for_all(const Place& self) noexcept {
    std::array<Place, most_at_once> taken{self};
    std::array<Glance*, most_at_once> glances{self.get()};
    std::size_t count = 1;
    {
        const std::scoped_lock lock{mutex_};
        for (; count < taken.size() && !waiting_.empty(); ++count) {
            taken[count] = std::move(waiting_.front());
            glances[count] = taken[count].get();
            waiting_.pop_front();
        }
    }
    std::size_t done = 0;
    while (done < count) {
        const std::size_t before = done;
        done += ask_some(std::span{glances}.subspan(done, count - done));
        for (std::size_t i = std::max<std::size_t>(before, 1); i < done; ++i) taken[i]->call();
    }
}

/// Returns how many of them have an outcome now: at least the first, and all up to one that fails.
std::size_t GlanceLine::ask_some(std::span<Glance* const> glances) noexcept {
    // One that has little time left must not take the connection away from the others.
    Deadline deadline = glances.front()->deadline;
    for (const Glance* const glance : glances) deadline = std::max(deadline, glance->deadline);
    try {
        if (glances.front()->deadline <= std::chrono::steady_clock::now()) {
            throw deadline_passed(Step::statement);
        }
        pool_->take(deadline)->ask_each(glances, deadline);
        return glances.size();
    } catch (...) {
        const auto failed = std::find_if(glances.begin(), glances.end(),
                                         [](const Glance* glance) { return !glance->answer; });
        if (failed == glances.end()) return glances.size();
        (*failed)->failure = std::current_exception();
        return static_cast<std::size_t>(failed - glances.begin()) + 1;
    }
}

/// Lets the one who waits longest ask.
void GlanceLine::leave() noexcept {
    Place next;
    {
        const std::scoped_lock lock{mutex_};
        // Those who ask beside the others do so once.
        if (waiting_.empty() || askers_ > most_askers_) {
            --askers_;
            return;
        }
        next = std::move(waiting_.front());
        waiting_.pop_front();
    }
    next->asks = true;
    next->call();
}

sql::Cursor& GlanceSession::query(std::string_view statement, std::span<const sql::Value> values) {
    rows_.take(line_->ask(*who_, statement, values, deadline_));
    return rows_;
}

std::int64_t GlanceSession::execute(std::string_view /*statement*/,
                                    std::span<const sql::Value> /*values*/) {
    throw writes_nothing();
}

void GlanceSession::defer(std::string_view /*statement*/, std::span<const sql::Value> /*values*/) {
    throw writes_nothing();
}

}  // namespace lvng::crm::postgresql
