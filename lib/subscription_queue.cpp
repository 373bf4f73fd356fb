#include "subscription_queue.hpp"

#include <algorithm>
#include <utility>

namespace lvng::crm::inline v0 {

// ---- HeardConversations -------------------------------------------------------------------------

void HeardConversations::start(const std::vector<EventPlace>& memberships) {
    for (const EventPlace& place : memberships) {
        heard_behind_.insert_or_assign(place.conversation, place.number);
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
    return std::holds_alternative<ConversationDeleted>(event) ? Move::end : Move::none;
}

bool HeardConversations::depends_on(const Event& event) const {
    return move_by(event) != Move::none;
}

bool HeardConversations::admit(const Event& event, Outcome outcome) {
    const EventPlace& place = *place_of(event);
    const auto heard = heard_behind_.find(place.conversation);
    const bool in = heard != heard_behind_.end();
    // Committed before the memberships were read, and only now in its turn: they show it already.
    if (in && place.number <= heard->second) return false;
    switch (move_by(event)) {
    case Move::in:
        if (outcome == Outcome::committed) {
            heard_behind_.insert_or_assign(place.conversation, place.number);
        }
        return true;
    case Move::out:
        heard_behind_.erase(place.conversation);
        return true;
    case Move::end:
        heard_behind_.erase(place.conversation);
        return in;
    case Move::none:
        return in;
    }
    return in;
}

// ---- SubscriptionQueue --------------------------------------------------------------------------

SubscriptionQueue::SubscriptionQueue(SubscriptionOptions options)
    : capacity_{options.capacity}, starting_{options.user.has_value()}, on_ready_{std::move(
                                                                            options.on_ready)} {
    if (options.user) heard_.emplace(*std::move(options.user));
}

std::vector<Event> SubscriptionQueue::take() {
    return wait(std::chrono::milliseconds{0});
}

std::vector<Event> SubscriptionQueue::wait(std::chrono::milliseconds timeout) {
    // The clock's own range ends where a host may well say "for ever".
    constexpr std::chrono::milliseconds longest = std::chrono::hours{24 * 365};
    std::vector<std::shared_ptr<const Event>> kept;
    {
        std::unique_lock lock{mutex_};
        if (timeout.count() > 0 && empty()) {
            const auto end = std::chrono::steady_clock::now() + std::min(timeout, longest);
            not_empty_.wait_until(lock, end, [this] { return !empty(); });
        }
        if (std::exchange(full_, false) && kept_.back()) kept_.push_back(nullptr);
        kept = std::exchange(kept_, {});
    }
    // Other queues hold the same events, so they are copied: here, where nobody waits for it.
    std::vector<Event> events;
    events.reserve(kept.size());
    for (const auto& event : kept) events.push_back(event ? *event : Event{EventsLost{}});
    return events;
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
        for (const Early& early : std::exchange(early_, {})) {
            if (early.event) {
                judge(early.event, early.outcome);
            } else {
                append_lost();
            }
        }
        ready = !empty();
    }
    if (ready) tell_ready();
}

bool SubscriptionQueue::push(const std::shared_ptr<const Event>& event, Outcome outcome) {
    {
        const std::scoped_lock lock{mutex_};
        if (closed_) return false;
        const bool was_empty = empty();
        if (starting_) {
            keep_early(event, outcome);
        } else {
            judge(event, outcome);
        }
        if (!was_empty || empty()) return false;
    }
    not_empty_.notify_all();
    return true;
}

void SubscriptionQueue::tell_ready() {
    const std::scoped_lock lock{ready_mutex_};
    if (on_ready_) on_ready_();
}

void SubscriptionQueue::keep_early(const std::shared_ptr<const Event>& event, Outcome outcome) {
    if (!early_full_ && early_.size() == capacity_) {
        early_full_ = true;
        early_.push_back({nullptr, outcome});
    }
    // The few events by which somebody comes or goes are kept all the same: without them the
    // queue would be for the wrong conversations until its end.
    if (!early_full_ || heard_->depends_on(*event)) early_.push_back({event, outcome});
}

void SubscriptionQueue::judge(const std::shared_ptr<const Event>& event, Outcome outcome) {
    if (heard_ && !heard_->admit(*event, outcome)) return;
    if (outcome == Outcome::committed) {
        append(event);
    } else {
        append_lost();
    }
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
    const bool said = !kept_.empty() && !kept_.back();
    if (!said) append(nullptr);
}

}  // namespace lvng::crm::inline v0
