#include "event_stream.hpp"

#include "text/field_rules.hpp"

#include <lvng/crm/error.hpp>

#include <algorithm>
#include <utility>

namespace lvng::crm::inline v0 {

// ---- Announcement -------------------------------------------------------------------------------

EventStream::Announcement::Announcement(Announcement&& other) noexcept
    : stream_{other.stream_}, places_{std::exchange(other.places_, {})} {}

EventStream::Announcement::~Announcement() {
    stream_->resolve(std::exchange(places_, {}), State::withdrawn);
}

void EventStream::Announcement::publish() noexcept {
    stream_->resolve(std::exchange(places_, {}), State::committed);
}

void EventStream::Announcement::lost() noexcept {
    stream_->resolve(std::exchange(places_, {}), State::unknown);
}

// ---- EventStream --------------------------------------------------------------------------------

std::shared_ptr<SubscriptionQueue> EventStream::open(SubscriptionOptions options) {
    std::vector<FieldError> fields;
    if (options.tenant.empty()) fields.push_back({"tenant", "is required"});
    if (options.capacity == 0) fields.push_back({"capacity", "must be at least 1"});
    text::refuse(std::move(fields));

    const TenantId tenant = options.tenant;
    auto queue = std::make_shared<SubscriptionQueue>(std::move(options), tally_);
    const std::scoped_lock lock{mutex_};
    if (queue_count_ >= drop_at_) drop_ended();
    queues_[tenant].push_back(queue);
    ++queue_count_;
    return queue;
}

SubscriptionCounts EventStream::counts() const noexcept {
    return {.open = tally_->open, .losses = tally_->losses};
}

// Even without any subscription: one that is opened before the commit is to hear of it.
EventStream::Announcement EventStream::announce(std::vector<Event> events) {
    Announcement announcement{*this};
    if (events.empty()) return announcement;
    std::vector<Place>& places = announcement.places_;
    places.reserve(events.size());
    Turns turns;
    for (Event& event : events) {
        turns.push_back({std::make_shared<const Event>(std::move(event))});
    }
    const std::scoped_lock lock{mutex_};
    while (!turns.empty()) {
        const auto turn = turns.begin();
        const ConversationId conversation = place_of(*turn->event)->conversation;
        Turns& line = pending_[conversation];
        line.splice(line.end(), turns, turn);
        places.push_back({conversation, turn});
    }
    return announcement;
}

// A commit can't be taken back, so nothing here may fail, nor take memory.
void EventStream::resolve(const std::vector<Place>& places, State state) noexcept {
    if (places.empty()) return;
    Owed owed;
    {
        const std::scoped_lock lock{mutex_};
        for (const Place& place : places) place.turn->state = state;
        for (const Place& place : places) deliver_resolved(place.conversation, owed);
    }
    while (owed) {
        const Owed queue = std::exchange(owed, std::exchange(owed->next_owed, nullptr));
        queue->tell_ready();
    }
}

void EventStream::deliver_resolved(const ConversationId& conversation, Owed& owed) noexcept {
    const auto line = pending_.find(conversation);
    if (line == pending_.end()) return;  // all were delivered together with an earlier one
    Turns& turns = line->second;
    while (!turns.empty() && turns.front().state != State::announced) {
        if (turns.front().state != State::withdrawn) deliver(turns.front(), owed);
        turns.pop_front();
    }
    if (turns.empty()) pending_.erase(line);
}

void EventStream::deliver(const Turn& turn, Owed& owed) noexcept {
    const auto tenant = queues_.find(place_of(*turn.event)->tenant);
    if (tenant == queues_.end()) return;
    const Outcome outcome = turn.state == State::committed ? Outcome::committed : Outcome::unknown;
    for (const std::weak_ptr<SubscriptionQueue>& subscriber : tenant->second) {
        std::shared_ptr<SubscriptionQueue> queue = subscriber.lock();
        if (!queue || !queue->push(turn.event, outcome)) continue;
        queue->next_owed = std::exchange(owed, queue);
    }
}

// Now and then is enough: at most as many ended queues are remembered as there were open ones.
void EventStream::drop_ended() {
    for (auto tenant = queues_.begin(); tenant != queues_.end();) {
        queue_count_ -=
            std::erase_if(tenant->second, [](const auto& queue) { return queue.expired(); });
        tenant = tenant->second.empty() ? queues_.erase(tenant) : std::next(tenant);
    }
    drop_at_ = std::max<std::size_t>(16, 2 * queue_count_);
}

}  // namespace lvng::crm::inline v0
