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

bool is_retryable(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const Error& error) {
        return error.retryable();
    } catch (...) {
        return false;
    }
}

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

/// Work, and what there is to do when its transaction has ended.
class OpeningScope::Announced {
public:
    Announced(OpeningScope& scope, const Principal& who, const Work& work)
        : scope_{&scope}, who_{&who}, work_{work}, is_new_tenant_{
                                                       !scope.known_tenants_.knows(who.tenant)} {}

    void operator()(StoreTransaction& tx) {
        const RunningMark mark{*scope_};  // it may be another thread that runs it
        announcement_.reset();            // of an attempt that was undone
        std::vector<Event> events;
        work_(tx, events);
        if (is_new_tenant_) tx.note_tenant();
        // Now, while the rows are still locked, the order of the commits is that of this.
        announcement_.emplace(scope_->stream_->announce(std::move(events)));
    }

    void committed() {
        announcement_->publish();
        if (is_new_tenant_) scope_->known_tenants_.note(who_->tenant);
    }

    /// Whether another attempt may succeed.
    bool failed(const std::exception_ptr& failure) {
        bool retryable = false;
        bool unknown = true;
        try {
            std::rethrow_exception(failure);
        } catch (const Error& error) {
            retryable = error.retryable();
            unknown = error.outcome_unknown();
        } catch (...) {
            // Whatever it is, it says nothing of the commit.
        }
        if (announcement_ && unknown) announcement_->lost();
        announcement_.reset();
        return retryable;
    }

private:
    OpeningScope* scope_;
    const Principal* who_;
    Work work_;
    bool is_new_tenant_;
    std::optional<EventStream::Announcement> announcement_;
};

void OpeningScope::write(const Principal& who, Deadline deadline, WorkThread thread,
                         const Work& work) {
    Announced announced{*this, who, work};
    retrying(deadline, [&] {
        try {
            // By reference, it takes no memory.
            store_->write(who, deadline, thread, std::ref(announced));
        } catch (...) {
            (void)announced.failed(std::current_exception());
            throw;
        }
        announced.committed();
    });
}

void OpeningScope::write_each(std::span<SharedWork> works, Deadline deadline) {
    for (const SharedWork& work : works) check(*work.who);
    refuse_inside();
    const RunningMark mark{*this};
    std::vector<Announced> announced;
    announced.reserve(works.size());
    std::vector<std::size_t> left(works.size());
    for (std::size_t i = 0; i < works.size(); ++i) {
        announced.emplace_back(*this, *works[i].who, works[i].work);
        left[i] = i;
    }
    const auto attempt = [&] {
        std::vector<SharedWrite> writes;
        writes.reserve(left.size());
        for (const std::size_t i : left) {
            writes.push_back({.who = works[i].who, .work = std::ref(announced[i])});
        }
        try {
            store_->write_each(writes, deadline);
        } catch (...) {
            for (SharedWrite& write : writes) write.failure = std::current_exception();
        }
        // All of them first: an announcement that is not over holds up its conversation.
        std::vector<std::size_t> again;
        for (std::size_t at = 0; at < left.size(); ++at) {
            const std::size_t i = left[at];
            works[i].failure = writes[at].failure;
            if (!works[i].failure) {
                announced[i].committed();
            } else if (announced[i].failed(works[i].failure)) {
                again.push_back(i);
            }
        }
        left = std::move(again);
        if (!left.empty()) std::rethrow_exception(works[left.front()].failure);
    };
    try {
        retrying(deadline, attempt);
    } catch (const Error&) {
        // Each of those that are left has its own failure.
    }
}

void OpeningScope::find_each(std::span<ContactRequest> requests) {
    for (const ContactRequest& request : requests) check(request.who);
    refuse_inside();
    const RunningMark mark{*this};
    const Deadline deadline = this->deadline();
    std::vector<ContactRequest*> left;
    left.reserve(requests.size());
    for (ContactRequest& request : requests) left.push_back(&request);
    const auto attempt = [&] {
        for (ContactRequest* const request : left) request->failure = nullptr;
        try {
            store_->find_each(left, deadline);
        } catch (...) {
            for (ContactRequest* const request : left) request->failure = std::current_exception();
        }
        std::erase_if(left, [](const ContactRequest* request) {
            return !request->failure || !is_retryable(request->failure);
        });
        if (!left.empty()) std::rethrow_exception(left.front()->failure);
    };
    try {
        retrying(deadline, attempt);
    } catch (const Error&) {
        // Each of those that are left has its own failure.
    }
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

void JoiningScope::find_each(std::span<ContactRequest> requests) {
    for (ContactRequest& request : requests) {
        try {
            request.contact =
                in_transaction(*this, request.who, Access::glance, [&](StoreTransaction& tx) {
                    return tx.contacts().find(request.id);
                });
        } catch (...) {
            request.failure = std::current_exception();
        }
    }
}

void JoiningScope::after_commit(std::function<void()> effect) {
    effects_.push_back(std::move(effect));
}

}  // namespace lvng::crm::inline v0
