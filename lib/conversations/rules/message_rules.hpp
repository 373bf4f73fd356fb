#pragma once

#include <lvng/crm/conversations/messages.hpp>

/// What a message may hold. Pure.
namespace lvng::crm::rules {

/// Throw `invalid` with every bad field.
void check(const NewMessage& draft);
void check(const MessageChanges& changes);
void check(const MessageQuery& query);

/// `message` with `changes`, which are good.
Message with_changes(Message message, const MessageChanges& changes);

/// What stays in the place of a message that was deleted at `at`.
Message tombstone_of(Message message, Timestamp at);

}  // namespace lvng::crm::rules
