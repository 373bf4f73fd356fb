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

/// Marks a scope as running on this thread. A call on the `Crm` from inside its own transaction
/// would wait for a turn that its own thread holds.
class RunningMark {
public:
    explicit RunningMark(const Scope& scope) : mark_{&scope, running} {
        for (const Running* at = running; at; at = at->outer) {
            if (at->scope != &scope) continue;
            throw Error{ErrorCode::conflict,
                        "a call on the Crm from inside its own transaction: use the Transaction"};
        }
        running = &mark_;
    }
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

void run_once(StoreTransaction& tx, const Work& work) {
    try {
        work(tx);
    } catch (...) {
        // Throws in its turn where the reason of the refusal has not become durable.
        tx.rollback();
        throw;
    }
    tx.commit();
}

}  // namespace

void OpeningScope::run(const Principal& who, Access access, Work work) {
    check(who);
    const RunningMark mark{*this};
    const Deadline deadline = std::chrono::steady_clock::now() + timeout_;
    auto pause = first_pause;
    for (int attempt = 1;; ++attempt) {
        try {
            return run_once(*store_->begin(who, access, deadline), work);
        } catch (const Error& error) {
            const bool time_left = std::chrono::steady_clock::now() + pause < deadline;
            if (!error.retryable() || attempt == max_attempts || !time_left) throw;
        }
        std::this_thread::sleep_for(pause);
        pause *= 2;
    }
}

void OpeningScope::after_commit(std::function<void()> effect) {
    effect();
}

void JoiningScope::run(const Principal& who, Access access, Work work) {
    check(who);
    if (who.tenant != owner_->tenant || who.user != owner_->user) {
        throw Error{ErrorCode::invalid, "a transaction acts for the one it was opened for"};
    }
    if (access != Access::write) return work(*tx_);
    const std::size_t effects_before = effects_.size();
    tx_->savepoint();
    try {
        work(*tx_);
    } catch (...) {
        effects_.resize(effects_before);
        tx_->rollback_to_savepoint();
        throw;
    }
    tx_->release_savepoint();
}

void JoiningScope::after_commit(std::function<void()> effect) {
    effects_.push_back(std::move(effect));
}

}  // namespace lvng::crm::inline v0
