#pragma once

#include "conversations/conversation_writing.hpp"

#include <lvng/crm/events.hpp>
#include <lvng/crm/ports/store.hpp>
#include <lvng/crm/principal.hpp>

#include <vector>

namespace lvng::crm::inline v0 {

/// One change of a conversation whose row is held: hands out the numbers, writes the events, and
/// at last, by `save`, the counters. One thread at a time.
class HeldChange {
public:
    /// Where a change takes place.
    struct Place {
        StoreTransaction& tx;
        std::vector<Event>& events;
        const Principal& who;
        const ConversationWriting& writing;
    };

    /// Holds the row until the transaction ends. Throws `not_found` where the caller is no member.
    HeldChange(const Place& place, const ConversationId& id);
    /// The same for a pair's conversation that the caller may have left. `vanished` where it is
    /// gone.
    static HeldChange of_direct(const Place& place, const ConversationId& id);

    HeldConversation held;

    [[nodiscard]] StoreTransaction& tx() const { return place_.tx; }
    [[nodiscard]] const Principal& who() const { return place_.who; }
    [[nodiscard]] IdGenerator& ids() const { return place_.writing.ids; }
    [[nodiscard]] Timestamp now() const { return now_; }
    /// Messages in a row that twins and agents may send; 0: as many as they like.
    [[nodiscard]] std::int64_t agent_run_limit() const {
        return held.agent_run_limit.value_or(place_.writing.agent_run_limit);
    }

    /// Where the next event stands. Each is to be told.
    EventPlace next_place();
    void tell(Event event);

    /// Writes what `held` counts.
    void save() { tx().conversations().save(held); }

private:
    HeldChange(const Place& place, HeldConversation conversation);

    Place place_;
    Timestamp now_;
};

/// Somebody comes in, as of now. Returns what they are.
MemberType let_in(HeldChange& change, const NewMember& member);

/// Somebody goes; the last one takes the conversation with them.
void let_go(HeldChange& change, const UserId& member, MemberType type);

/// The conversation goes, with everybody and everything in it.
void delete_all(HeldChange& change);

Error unknown_conversation();

}  // namespace lvng::crm::inline v0
