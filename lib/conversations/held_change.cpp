#include "conversations/held_change.hpp"

#include "conversations/rules/membership.hpp"

#include <lvng/crm/error.hpp>

#include <algorithm>
#include <utility>

namespace lvng::crm::inline v0 {
namespace {

HeldConversation found(std::optional<HeldConversation> held) {
    if (!held) throw unknown_conversation();
    return *held;
}

}  // namespace

Error unknown_conversation() {
    return Error{ErrorCode::not_found, "no such conversation"};
}

HeldChange::HeldChange(const Place& place, const ConversationId& id)
    : HeldChange{place, found(place.tx.conversations().hold(id))} {}

HeldChange HeldChange::of_direct(const Place& place, const ConversationId& id) {
    std::optional<HeldConversation> held = place.tx.conversations().hold_direct(id);
    if (!held) {
        throw Error{
            ErrorCode::unavailable, "the conversation was deleted meanwhile", {.retryable = true}};
    }
    return HeldChange{place, *held};
}

// The time is read only now: whoever waited for the row comes later than those before.
HeldChange::HeldChange(const Place& place, HeldConversation conversation)
    : held{conversation}, place_{place}, now_{place.writing.clock.now()} {}

EventPlace HeldChange::next_place() {
    ConversationCounters& counters = held.counters;
    ++counters.last_event;
    counters.event_at = std::max({now_, counters.event_at, held.updated_at});
    return {.tenant = who().tenant,
            .conversation = held.id,
            .number = counters.last_event,
            .at = counters.event_at};
}

void HeldChange::tell(Event event) {
    if (!std::holds_alternative<MessageSent>(event)) {
        tx().events().append(event, held.counters.last_number);
    }
    place_.events.push_back(std::move(event));
}

MemberType let_in(HeldChange& change, const NewMember& member) {
    ConversationCounters& counters = change.held.counters;
    const MemberType type = change.tx().conversations().insert_member(
        change.held.id, {.id = member.id,
                         .type = member.type,
                         .joined_at = change.now(),
                         .joined_number = counters.last_number,
                         .seen_count = counters.message_count});
    ++counters.member_count;
    change.tell(MemberAdded{change.next_place(), member.id, type, change.who().user});
    return type;
}

void let_go(HeldChange& change, const UserId& member, MemberType type) {
    if (change.held.counters.member_count == 1) return delete_all(change);
    ConversationRepository& conversations = change.tx().conversations();
    conversations.remove_member(change.held.id, member);
    --change.held.counters.member_count;
    if (member == change.who().user && change.held.role == MemberRole::admin) {
        const auto next = rules::next_admin(conversations.held_members(change.held.id));
        if (next) conversations.promote_member(change.held.id, *next);
    }
    change.tell(MemberRemoved{change.next_place(), member, type, change.who().user});
    change.save();
}

void delete_all(HeldChange& change) {
    std::vector<UserId> members;
    for (HeldMember& member : change.tx().conversations().held_members(change.held.id)) {
        members.push_back(std::move(member.id));
    }
    change.tell(ConversationDeleted{change.next_place(), std::move(members)});
    change.tx().conversations().remove(change.held);
}

}  // namespace lvng::crm::inline v0
