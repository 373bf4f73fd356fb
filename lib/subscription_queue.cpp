#include "subscription_queue.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace lvng::crm::inline v0 {

// ---- HeardConversations -------------------------------------------------------------------------

void HeardConversations::start(const std::vector<EventPlace>& memberships) {
    for (const EventPlace& place : memberships) {
        heard_.insert_or_assign(place.conversation, place.number);
    }
}

HeardConversations::Move HeardConversations::move_by(const Event& event) const {
    if (const auto* created = std::get_if<ConversationCreated>(&event)) {
        const auto& members = created->members;
        const bool in = std::find(members.begin(), members.end(), user_) != members.end();
        return in ? Move::in : Move::none;
    }
    if (const auto* added = std::get_if<MemberAdded>(&event)) {
        return added->user == user_ ? Move::in : Move::none;
    }
    if (const auto* removed = std::get_if<MemberRemoved>(&event)) {
        return removed->user == user_ ? Move::out : Move::none;
    }
    return std::holds_alternative<ConversationDeleted>(event) ? Move::out : Move::none;
}

Hearing HeardConversations::hear(const Event& event, Outcome outcome) {
    const EventPlace& place = *place_of(event);
    const Move move = move_by(event);
    const auto known = heard_.find(place.conversation);
    if (known == heard_.end()) {
        if (move != Move::in) return Hearing::nothing;
    } else if (place.number <= known->second) {
        // Committed before the memberships were read, and only now in its turn: they show it.
        return Hearing::nothing;
    }
    // What is missing was committed by another process, and so may be what is in doubt: the user
    // may be out since.
    const bool gap = known != heard_.end() && place.number > known->second + 1;
    if (gap || outcome != Outcome::committed) {
        heard_.erase(place.conversation);
        return Hearing::lost;
    }
    if (move == Move::out) {
        heard_.erase(place.conversation);
    } else {
        heard_.insert_or_assign(place.conversation, place.number);
    }
    return Hearing::event;
}

// ---- SubscriptionQueue --------------------------------------------------------------------------

SubscriptionQueue::SubscriptionQueue(SubscriptionOptions options,
                                     std::shared_ptr<SubscriptionTally> tally)
    : tally_{std::move(tally)}, capacity_{options.capacity}, starting_{options.user.has_value()},
      on_ready_{std::move(options.on_ready)} {
    if (options.user) heard_.emplace(*std::move(options.user));
    ++tally_->open;
}

SubscriptionQueue::~SubscriptionQueue() {
    --tally_->open;
}

std::vector<Event> SubscriptionQueue::take() {
    return wait(std::chrono::milliseconds{0});
}

std::vector<Event> SubscriptionQueue::wait(std::chrono::milliseconds timeout) {
    // The clock's own range ends where a host may well say "for ever".
    constexpr std::chrono::milliseconds longest = std::chrono::hours{24 * 365};
    std::vector<std::shared_ptr<const Event>> kept;
    bool lost = false;
    {
        std::unique_lock lock{mutex_};
        if (timeout.count() > 0 && empty()) {
            const auto end = std::chrono::steady_clock::now() + std::min(timeout, longest);
            not_empty_.wait_until(lock, end, [this] { return !empty(); });
        }
        lost = std::exchange(full_, false) && !ends_lost();
        kept = std::exchange(kept_, {});
    }
    // Other queues hold the same events, so they are copied: here, where nobody waits for it.
    try {
        std::vector<Event> events;
        events.reserve(kept.size() + (lost ? 1 : 0));
        for (const auto& event : kept) events.push_back(event ? *event : Event{EventsLost{}});
        if (lost) events.emplace_back(EventsLost{});
        for (const Event& event : events)
            if (std::holds_alternative<EventsLost>(event)) ++tally_->losses;
        return events;
    } catch (const std::bad_alloc&) {
        lose_all();
        throw;
    }
}

void SubscriptionQueue::close() noexcept {
    {
        const std::scoped_lock lock{ready_mutex_};
        on_ready_ = nullptr;
    }
    const std::scoped_lock lock{mutex_};
    closed_ = true;
    kept_.clear();
    early_.clear();
    full_ = false;
}

void SubscriptionQueue::start(const std::vector<EventPlace>& memberships) {
    bool ready = false;
    {
        const std::scoped_lock lock{mutex_};
        heard_->start(memberships);
        starting_ = false;
        const bool dropped = std::exchange(full_, false);
        for (const Early& early : std::exchange(early_, {})) judge(early.event, early.outcome);
        if (dropped) full_ = true;
        ready = !empty();
    }
    if (ready) tell_ready();
}

bool SubscriptionQueue::push(const std::shared_ptr<const Event>& event, Outcome outcome) noexcept {
    bool owed = false;
    {
        const std::scoped_lock lock{mutex_};
        if (closed_) return false;
        const bool was_empty = empty();
        try {
            if (!starting_) {
                judge(event, outcome);
            } else if (!full_ && early_.size() < capacity_) {
                early_.push_back({event, outcome});
            } else {
                full_ = true;
            }
        } catch (const std::bad_alloc&) {
            // The commit can't be taken back, so not the writer hears of this but the reader.
            full_ = true;
        }
        if (starting_ || !was_empty || empty()) return false;
        owed = !std::exchange(tell_ready_owed_, true);
    }
    not_empty_.notify_all();
    return owed;
}

void SubscriptionQueue::tell_ready() {
    {
        // First: whoever adds something from here on tells of it.
        const std::scoped_lock lock{mutex_};
        tell_ready_owed_ = false;
    }
    const std::scoped_lock lock{ready_mutex_};
    if (on_ready_) on_ready_();
}

void SubscriptionQueue::judge(const std::shared_ptr<const Event>& event, Outcome outcome) {
    Hearing hearing = outcome == Outcome::committed ? Hearing::event : Hearing::lost;
    if (heard_) hearing = heard_->hear(*event, outcome);
    if (hearing == Hearing::event) append(event);
    if (hearing == Hearing::lost) append_lost();
}

void SubscriptionQueue::append(const std::shared_ptr<const Event>& event) {
    if (full_) return;
    if (kept_.size() == capacity_) {
        full_ = true;
    } else {
        kept_.push_back(event);
    }
}

void SubscriptionQueue::append_lost() {
    if (!ends_lost()) append(nullptr);
}

// Together with what came meanwhile: it must not be heard ahead of `EventsLost`.
void SubscriptionQueue::lose_all() noexcept {
    const std::scoped_lock lock{mutex_};
    kept_.clear();
    full_ = !closed_;
}

}  // namespace lvng::crm::inline v0
