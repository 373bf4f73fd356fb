#include <lvng/crm/conversations/messages.hpp>

#include "conversations/held_change.hpp"
#include "conversations/rules/message_rules.hpp"
#include "list_version.hpp"
#include "text/unicode.hpp"
#include "unit_of_work.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace lvng::crm::inline v0 {
namespace {

MessageType type_of(MemberType sender) {
    switch (sender) {
    case MemberType::user:
        return MessageType::user;
    case MemberType::twin:
        return MessageType::twin;
    case MemberType::agent:
        return MessageType::agent;
    }
    return MessageType::user;
}

/// Counts the message that is being sent; throws where twins and agents have gone on for too long.
void count_run(HeldChange& change, MessageType type) {
    std::int64_t& run = change.held.counters.agent_run;
    const bool by_agent = type == MessageType::twin || type == MessageType::agent ||
                          change.held.member_type != MemberType::user;
    if (!by_agent) {
        run = 0;
        return;
    }
    const std::int64_t limit = change.agent_run_limit();
    if (limit > 0 && run >= limit) {
        throw Error{ErrorCode::conflict,
                    fmt::format("twins and agents have sent {} messages in a row", run)};
    }
    ++run;
}

Message found(std::optional<Message> message) {
    if (!message) throw Error{ErrorCode::not_found, "no such message"};
    return *std::move(message);
}

Timestamp after(const HeldChange& change, const Message& before) {
    return std::max(change.now(), before.updated_at);
}

/// The chunk of a range, where its cursor is a message of the conversation.
MessageChunk chunk_of(StoreTransaction& tx, const ConversationId& conversation,
                      const MessageRange& range, const char* field) {
    std::optional<MessageChunk> chunk = tx.messages().page(conversation, range);
    if (!chunk) throw unknown_conversation();
    if (!chunk->cursor_found) {
        throw invalid_fields({{field, "must be a message of this conversation"}});
    }
    return *std::move(chunk);
}

/// Takes away what was fetched to see whether there is more.
bool cut(std::vector<Message>& messages, std::int64_t limit) {
    if (static_cast<std::int64_t>(messages.size()) <= limit) return false;
    messages.resize(static_cast<std::size_t>(limit));
    return true;
}

ListVersion version_of(const MessagesState& state) {
    ListVersionBuilder version;
    version.add(state.last_event);
    version.add(state.event_at);
    return version.finish();
}

MessagePage page_of(MessageChunk chunk, std::int64_t limit) {
    MessagePage page{.messages = std::move(chunk.messages),
                     .total = chunk.state.message_count,
                     .version = version_of(chunk.state)};
    page.has_more = cut(page.messages, limit);
    if (page.has_more) page.cursor = page.messages.back().id;
    return page;
}

MessagePage page_around(StoreTransaction& tx, const ConversationId& conversation,
                        const MessageQuery& query) {
    const std::int64_t half = (query.limit - 1) / 2;
    MessageChunk newer = chunk_of(
        tx, conversation,
        {.cursor = query.around, .direction = PageDirection::newer, .limit = half + 1}, "around");
    const bool more_newer = cut(newer.messages, half);
    const std::int64_t rest = query.limit - static_cast<std::int64_t>(newer.messages.size());
    MessagePage page = page_of(
        chunk_of(tx, conversation, {.cursor = query.around, .with_cursor = true, .limit = rest + 1},
                 "around"),
        rest);
    // Inside a transaction that writes, each half may be of its own moment.
    page.version = version_of(newer.state);
    page.messages.insert(page.messages.begin(), std::make_move_iterator(newer.messages.rbegin()),
                         std::make_move_iterator(newer.messages.rend()));
    if (more_newer) page.newer_cursor = page.messages.front().id;
    return page;
}

}  // namespace

Message Messages::send(const Principal& who, const ConversationId& conversation,
                       const NewMessage& draft) {
    rules::check(draft);
    const std::string search_key = text::fold(draft.content);
    return in_transaction(
        *scope_, who, Access::write, [&](StoreTransaction& tx, std::vector<Event>& events) {
            HeldChange change{{tx, events, who, *writing_}, conversation};
            HeldConversation& held = change.held;
            const MessageType type = draft.type.value_or(type_of(held.member_type));
            if (type == MessageType::system && held.role != MemberRole::admin) {
                throw Error{ErrorCode::forbidden, "only an admin sends a system message"};
            }
            const std::optional<MessageId>& parent = draft.parent_message_id;
            if (parent && !tx.messages().find(conversation, *parent)) {
                throw Error{ErrorCode::not_found, "no such parent message"};
            }
            count_run(change, type);
            ++held.counters.message_count;
            // The log shows the message's time as that of its event.
            const EventPlace place = change.next_place();
            held.updated_at = place.at;
            Message message{.id = MessageId{change.ids().next(place.at)},
                            .conversation_id = conversation,
                            .number = ++held.counters.last_number,
                            .user_id = who.user,
                            .content = draft.content,
                            .type = type,
                            .parent_message_id = parent,
                            .metadata = draft.metadata,
                            .created_at = place.at,
                            .updated_at = place.at};
            tx.messages().insert(message, held.member_type, search_key, place.number);
            tx.conversations().count_seen(conversation, who.user, 1);
            change.tell(MessageSent{place, message});
            change.save();
            return message;
        });
}

MessagePage Messages::list(const Principal& who, const ConversationId& conversation,
                           const MessageQuery& query) const {
    return list_if_changed(who, {}, conversation, query).value();
}

std::optional<MessagePage> Messages::list_if_changed(const Principal& who, const ListVersion& known,
                                                     const ConversationId& conversation,
                                                     const MessageQuery& query) const {
    rules::check(query);
    const Deadline until = scope_->deadline();
    if (known != ListVersion{}) {
        const auto look = [&](StoreTransaction& tx) { return tx.messages().state(conversation); };
        const std::optional<MessagesState> now =
            in_transaction(*scope_, who, Access::glance, look, WorkThread::any, until);
        if (!now) throw unknown_conversation();
        if (version_of(*now) == known) return std::nullopt;
    }
    const std::string search_key =
        text::is_blank(query.search) ? std::string{} : text::fold(query.search);
    const bool one_statement = search_key.empty() && !query.around;
    const auto read = [&](StoreTransaction& tx) {
        if (query.around) return page_around(tx, conversation, query);
        MessagePage page = page_of(chunk_of(tx, conversation,
                                            {.cursor = query.cursor,
                                             .direction = query.direction,
                                             .search_key = search_key,
                                             .limit = query.limit + 1},
                                            "cursor"),
                                   query.limit);
        if (!search_key.empty()) {
            page.total = tx.messages().count_found(conversation, search_key);
        }
        return page;
    };
    return in_transaction(*scope_, who, one_statement ? Access::glance : Access::read, read,
                          WorkThread::any, until);
}

Message Messages::edit(const Principal& who, const ConversationId& conversation,
                       const MessageId& message, const MessageChanges& changes) {
    rules::check(changes);
    return in_transaction(
        *scope_, who, Access::write, [&](StoreTransaction& tx, std::vector<Event>& events) {
            HeldChange change{{tx, events, who, *writing_}, conversation};
            const Message before = found(tx.messages().find(conversation, message));
            if (before.user_id != who.user) {
                throw Error{ErrorCode::forbidden, "only its sender changes a message"};
            }
            if (before.deleted_at) throw Error{ErrorCode::conflict, "the message was deleted"};
            Message after = rules::with_changes(before, changes);
            if (after == before) return after;
            after.edited_at = after.updated_at = crm::after(change, before);
            tx.messages().replace(after, text::fold(after.content));
            change.tell(MessageEdited{change.next_place(), after});
            change.save();
            return after;
        });
}

void Messages::remove(const Principal& who, const ConversationId& conversation,
                      const MessageId& message) {
    in_transaction(
        *scope_, who, Access::write, [&](StoreTransaction& tx, std::vector<Event>& events) {
            HeldChange change{{tx, events, who, *writing_}, conversation};
            const Message before = found(tx.messages().find(conversation, message));
            if (before.user_id != who.user && change.held.role != MemberRole::admin) {
                throw Error{ErrorCode::forbidden, "only its sender or an admin deletes a message"};
            }
            if (before.deleted_at) return;
            const Message tombstone = rules::tombstone_of(before, after(change, before));
            tx.messages().replace(tombstone, "");
            tx.messages().forget_seen(before);
            --change.held.counters.message_count;
            change.tell(MessageDeleted{change.next_place(), tombstone});
            change.save();
        });
}

}  // namespace lvng::crm::inline v0
