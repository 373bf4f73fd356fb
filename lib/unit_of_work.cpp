#include "unit_of_work.hpp"

#include "retry.hpp"
#include "text/field_rules.hpp"

#include <lvng/crm/error.hpp>

#include <algorithm>

namespace lvng::crm::inline v0 {
namespace {

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
    text::refuse(std::move(fields));
}

}  // namespace

void OpeningScope::run(const Principal& who, Access access, WorkThread thread,
                       std::optional<Deadline> until, Work work) {
    check(who);
    refuse_inside();
    const RunningMark mark{*this};
    const Deadline deadline = until.value_or(this->deadline());
    if (access == Access::write) return write(who, deadline, thread, work);
    retrying(deadline, [&] {
        const std::unique_ptr<StoreTransaction> tx = store_->begin(who, access, deadline);
        std::vector<Event> none;
        work(*tx, none);
        tx->commit();
    });
}

void OpeningScope::write(const Principal& who, Deadline deadline, WorkThread thread,
                         const Work& work) {
    if (known_tenants_.knows(who.tenant)) {
        return retrying(deadline, [&] { write_once(who, deadline, thread, work); });
    }
    auto noted = [&work](StoreTransaction& tx, std::vector<Event>& events) {
        tx.note_tenant();
        work(tx, events);
    };
    retrying(deadline, [&] { write_once(who, deadline, thread, Work{noted}); });
    known_tenants_.note(who.tenant);
}

void OpeningScope::write_once(const Principal& who, Deadline deadline, WorkThread thread,
                              const Work& work) {
    std::optional<EventStream::Announcement> announcement;
    const auto act = [&](StoreTransaction& tx) {
        std::vector<Event> events;
        work(tx, events);
        // Now, while the rows are still locked, the order of the commits is that of this.
        announcement.emplace(stream_->announce(std::move(events)));
    };
    try {
        store_->write(who, deadline, thread, std::ref(act));  // by reference, it takes no memory
    } catch (const Error& error) {
        if (announcement && error.outcome_unknown()) announcement->lost();
        throw;
    } catch (...) {
        if (announcement) announcement->lost();
        throw;
    }
    announcement->publish();
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

void JoiningScope::run(const Principal& who, Access access, WorkThread /*thread*/,
                       std::optional<Deadline> /*until*/, Work work) {
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
