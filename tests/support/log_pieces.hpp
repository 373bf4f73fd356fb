#pragma once

#include "conversations/talk.hpp"

#include <lvng/crm/crm.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace lvng::crm::test {

/// Makes a conversation whose log has changes before, between and behind its messages.
inline ConversationId conversation_with_changes(Crm& crm) {
    const ConversationId id =
        crm.conversations().create(ana(), {.members = {{.id = bob().user}}}).conversation.id;
    const auto say = [&](const Principal& who) {
        return crm.messages().send(who, id, {.content = "x"}).id;
    };
    crm.members().add(ana(), id, {.id = cleo().user});
    const MessageId first = say(ana());
    say(bob());
    crm.receipts().mark_read(bob(), id, {first});
    crm.messages().edit(ana(), id, first, {.content = "y"});
    for (int n = 0; n < 3; ++n) say(cleo());
    crm.messages().remove(ana(), id, first);
    say(ana());
    crm.conversations().update(ana(), id, {.name = "z"});
    return id;
}

/// The log of a conversation; each piece of it is compared with what the whole says there.
inline std::vector<Event> whole_log(Crm& crm, const ConversationId& id) {
    const std::vector<Event> all = crm.events_since(ana(), id, 0);
    const std::int64_t last = std::ssize(all);
    for (std::int64_t after = 0; after <= last; ++after) {
        for (std::int64_t limit = 1; limit <= last + 1; ++limit) {
            const std::vector<Event> piece(all.begin() + after,
                                           all.begin() + std::min(after + limit, last));
            CHECK(shown(crm.events_since(ana(), id, after, limit)) == shown(piece));
        }
    }
    return all;
}

/// Brings what a log holds up to that event into the form it had when a sending was a row as well.
inline std::string older_log(std::int64_t last) {
    return fmt::format("insert into lvng_events (tenant_id, conversation_id, number, type, at,"
                       " message_number) select tenant_id, conversation_id, event_number,"
                       " 'message:new', created_at, number from lvng_messages"
                       " where event_number <= {0};"
                       "update lvng_messages set event_number = null where event_number <= {0};"
                       "update lvng_events set messages_before = null where number <= {0}",
                       last);
}

/// Turns a log back piece by piece, by a program that runs SQL beside the store: all of it must
/// read as before.
template <class Program>
void check_older_logs(Crm& crm, Program& other) {
    const ConversationId id = conversation_with_changes(crm);
    const std::vector<Event> log = whole_log(crm, id);
    CHECK(log.size() == 12);
    for (const std::int64_t last : {2, 4, 7, 8, 12}) {
        CHECK(other.run(older_log(last)) == "");
        CHECK(whole_log(crm, id) == log);
    }
    crm.messages().send(ana(), id, {.content = "x"});
    CHECK(whole_log(crm, id).size() == 13);
}

}  // namespace lvng::crm::test
