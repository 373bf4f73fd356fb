#pragma once

#include "event_stream.hpp"
#include "known_tenants.hpp"

#include <lvng/crm/condition.hpp>
#include <lvng/crm/events.hpp>
#include <lvng/crm/ports/store.hpp>
#include <lvng/crm/principal.hpp>

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace lvng::crm::inline v0 {

/// What a use case does inside its transaction: `work(tx)`, or `work(tx, events)` where others are
/// to hear of it after the commit. Refers to a callable that outlives the call: a `std::function`
/// would take memory for every request.
class Work {
public:
    template <class Callable>
        requires(!std::is_same_v<std::remove_cvref_t<Callable>, Work>)
    Work(Callable& callable)
        : callable_{&callable}, call_{[](void* target, StoreTransaction& tx,
                                         std::vector<Event>& events) {
              invoke(*static_cast<Callable*>(target), tx, events);
          }} {}

    void operator()(StoreTransaction& tx, std::vector<Event>& events) const {
        call_(callable_, tx, events);
    }

    /// Calls what takes one argument, or both.
    template <class Callable>
    static decltype(auto) invoke(Callable& callable, StoreTransaction& tx,
                                 std::vector<Event>& events) {
        if constexpr (std::is_invocable_v<Callable&, StoreTransaction&, std::vector<Event>&>) {
            return callable(tx, events);
        } else {
            return callable(tx);
        }
    }

private:
    void* callable_;
    void (*call_)(void*, StoreTransaction&, std::vector<Event>&);
};

/// Where a use case gets its transaction from: one of its own, or the one it joins.
class Scope {
public:
    virtual ~Scope() = default;

    /// Runs `work` in a transaction of `who`; what it throws undoes what it wrote. May run it
    /// more than once, each time from the start, and work that writes on any `thread` allowed.
    /// A transaction of its own ends by `until`, or within the scope's own time.
    virtual void run(const Principal& who, Access access, WorkThread thread,
                     std::optional<Deadline> until, Work work) = 0;

    /// Finds contacts as `Store::find_each` does. Throws `invalid`, `conflict` before anything is
    /// read.
    virtual void find_each(std::span<ContactRequest> requests) = 0;

    /// By when a call that begins now ends, for one that takes more than one `run`.
    [[nodiscard]] virtual Deadline deadline() const = 0;

    /// Runs `effect` once the work done so far is committed.
    virtual void after_commit(std::function<void()> effect) = 0;
};

/// `work` in a transaction of `scope`, with its result. Where it calls back into the host, that may
/// depend on its thread.
template <class Callable>
auto in_transaction(Scope& scope, const Principal& who, Access access, Callable&& work,
                    WorkThread thread = WorkThread::any,
                    std::optional<Deadline> until = std::nullopt) {
    using Result = decltype(Work::invoke(work, std::declval<StoreTransaction&>(),
                                         std::declval<std::vector<Event>&>()));
    if constexpr (std::is_void_v<Result>) {
        scope.run(who, access, thread, until, Work{work});
    } else {
        std::optional<Result> result;
        auto keep = [&](StoreTransaction& tx, std::vector<Event>& events) {
            result.emplace(Work::invoke(work, tx, events));
        };
        scope.run(who, access, thread, until, Work{keep});
        return std::move(*result);
    }
}

/// One of several works that are done together, each in a transaction of its own.
struct SharedWork {
    const Principal* who;
    Work work;
    std::exception_ptr failure{};  ///< what `Scope::run` would throw
};

/// The host's own function runs on the host's own thread.
template <class Value>
WorkThread thread_for(const Condition<Value>& condition) {
    return condition ? WorkThread::own : WorkThread::any;
}

/// A transaction for each call: begin, work, commit. A deadlock or a connection lost before the
/// commit starts again until the deadline; a commit in doubt is never repeated. What it commits is
/// heard on `stream`. Safe to share.
class OpeningScope final : public Scope {
public:
    OpeningScope(Store& store, EventStream& stream, std::chrono::milliseconds timeout)
        : store_{&store}, stream_{&stream}, timeout_{timeout} {}

    void run(const Principal& who, Access access, WorkThread thread, std::optional<Deadline> until,
             Work work) override;
    void find_each(std::span<ContactRequest> requests) override;
    [[nodiscard]] Deadline deadline() const override {
        return std::chrono::steady_clock::now() + timeout_;
    }
    /// At once: when a call has returned, it is committed.
    void after_commit(std::function<void()> effect) override;

    /// Runs each work as `run` does where it writes on any thread, one after the other, and returns
    /// when all have an outcome, by `deadline`. Throws `invalid`, `conflict` before anything is
    /// done.
    void write_each(std::span<SharedWork> works, Deadline deadline);

    /// Throws `conflict` where this thread is inside one of its transactions.
    void refuse_inside() const;

private:
    class Announced;

    void write(const Principal& who, Deadline deadline, WorkThread thread, const Work& work);

    Store* store_;
    EventStream* stream_;
    std::chrono::milliseconds timeout_;
    KnownTenants known_tenants_;
};

/// The transaction that is already open for `owner`, and its events. Each call has a savepoint, so
/// that one that fails leaves nothing behind in a larger transaction. One thread at a time.
class JoiningScope final : public Scope {
public:
    JoiningScope(StoreTransaction& tx, std::vector<Event>& events, const Principal& owner)
        : tx_{&tx}, events_{&events}, owner_{&owner} {}

    void run(const Principal& who, Access access, WorkThread thread, std::optional<Deadline> until,
             Work work) override;
    void find_each(std::span<ContactRequest> requests) override;
    /// Never: the transaction has its own.
    [[nodiscard]] Deadline deadline() const override { return Deadline::max(); }
    void after_commit(std::function<void()> effect) override;

    /// In the order they were given.
    [[nodiscard]] std::vector<std::function<void()>> take_effects() {
        return std::exchange(effects_, {});
    }

private:
    StoreTransaction* tx_;
    std::vector<Event>* events_;
    const Principal* owner_;
    std::vector<std::function<void()>> effects_;
};

}  // namespace lvng::crm::inline v0
