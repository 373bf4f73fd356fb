#include "unit_of_work.hpp"

#include <lvng/crm/error.hpp>

#include <algorithm>
#include <thread>

namespace lvng::crm::inline v0 {
namespace {

constexpr int max_attempts = 6;
constexpr std::chrono::milliseconds first_pause{1};

/// The scopes whose work this thread is running, innermost first.
struct Running {
    const Scope* scope;
    const Running* outer;
};
thread_local const Running* running = nullptr;

/// Marks a scope as running on this thread.
class RunningMark {
public:
    explicit RunningMark(const Scope& scope) : mark_{&scope, running} { running = &mark_; }
    ~RunningMark() { running = mark_.outer; }
    RunningMark(const RunningMark&) = delete;
    RunningMark& operator=(const RunningMark&) = delete;

private:
    Running mark_;
};

void check(const Principal& who) {
    std::vector<FieldError> fields;
    if (who.tenant.empty()) fields.push_back({"tenant_id", "is required"});
    if (who.user.empty()) fields.push_back({"user_id", "is required"});
    if (!fields.empty()) throw invalid_fields(std::move(fields));
}

}  // namespace

void OpeningScope::run(const Principal& who, Access access, Work work) {
    check(who);
    refuse_inside();
    const RunningMark mark{*this};
    const Deadline deadline = std::chrono::steady_clock::now() + timeout_;
    const bool new_tenant = access == Access::write && !known_tenants_.knows(who.tenant);
    auto pause = first_pause;
    for (int attempt = 1;; ++attempt) {
        try {
            const std::unique_ptr<StoreTransaction> tx = store_->begin(who, access, deadline);
            if (new_tenant) tx->note_tenant();
            run_once(*tx, work);
            if (new_tenant) known_tenants_.note(who.tenant);
            return;
        } catch (const Error& error) {
            const bool time_left = std::chrono::steady_clock::now() + pause < deadline;
            if (!error.retryable() || attempt == max_attempts || !time_left) throw;
        }
        std::this_thread::sleep_for(pause);
        pause *= 2;
    }
}

void OpeningScope::run_once(StoreTransaction& tx, const Work& work) {
    std::vector<Event> events;
    try {
        work(tx, events);
    } catch (...) {
        // Throws in its turn where the reason of the refusal has not become durable.
        tx.rollback();
        throw;
    }
    // Now, while the rows are still locked, the order of the commits is the order of this.
    EventStream::Announcement announcement = stream_->announce(std::move(events));
    try {
        tx.commit();
    } catch (const Error& error) {
        if (error.outcome_unknown()) announcement.lost();
        throw;
    } catch (...) {
        announcement.lost();
        throw;
    }
    announcement.publish();
}

void OpeningScope::after_commit(std::function<void()> effect) {
    effect();
}

// A call on the `Crm` from inside its own transaction would wait for a turn that its own thread
// holds.
void OpeningScope::refuse_inside() const {
    for (const Running* at = running; at; at = at->outer) {
        if (at->scope != this) continue;
        throw Error{ErrorCode::conflict,
                    "a call on the Crm from inside its own transaction: use the Transaction"};
    }
}

void JoiningScope::run(const Principal& who, Access access, Work work) {
    check(who);
    if (who.tenant != owner_->tenant || who.user != owner_->user) {
        throw Error{ErrorCode::invalid, "a transaction acts for the one it was opened for"};
    }
    if (access != Access::write) return work(*tx_, *events_);
    const std::size_t effects_before = effects_.size();
    const auto events_before = static_cast<std::ptrdiff_t>(events_->size());
    tx_->savepoint();
    try {
        work(*tx_, *events_);
    } catch (...) {
        effects_.resize(effects_before);
        events_->erase(events_->begin() + events_before, events_->end());
        tx_->rollback_to_savepoint();
        throw;
    }
    tx_->release_savepoint();
}

void JoiningScope::after_commit(std::function<void()> effect) {
    effects_.push_back(std::move(effect));
}

}  // namespace lvng::crm::inline v0
