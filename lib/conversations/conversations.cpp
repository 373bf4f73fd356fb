#include <lvng/crm/conversations/conversations.hpp>

#include "conversations/held_change.hpp"
#include "conversations/rules/conversation_rules.hpp"
#include "list_version.hpp"
#include "page_limits.hpp"
#include "unit_of_work.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace lvng::crm::inline v0 {
namespace {

/// The conversation with its members as it begins.
struct Beginning {
    Conversation conversation{};
    std::vector<HeldMember> members{};
    std::string direct_key{};
};

ConversationCounters first_counters(const Conversation& conversation) {
    return {.member_count = conversation.member_count,
            .last_event = 1,
            .event_at = conversation.created_at};
}

Beginning beginning(const Principal& who, const NewConversation& draft,
                    const ConversationWriting& writing) {
    Beginning begun{.conversation = rules::conversation_from(draft, who.user)};
    const std::vector<NewMember> members = rules::first_members(draft, who.user);
    begun.direct_key = rules::direct_key(draft, members);
    Conversation& conversation = begun.conversation;
    conversation.member_count = static_cast<std::int64_t>(members.size());
    conversation.created_by = who.user;
    conversation.created_at = conversation.updated_at = writing.clock.now();
    conversation.id = ConversationId{writing.ids.next(conversation.created_at)};
    for (const NewMember& member : members) {
        begun.members.push_back(
            {.id = member.id,
             .role = member.id == who.user ? MemberRole::admin : MemberRole::member,
             .type = member.type,
             .joined_at = conversation.created_at});
    }
    return begun;
}

ConversationCreated created_event(const Principal& who, const Beginning& begun) {
    ConversationCreated event{.place = {.tenant = who.tenant,
                                        .conversation = begun.conversation.id,
                                        .number = 1,
                                        .at = begun.conversation.created_at},
                              .conversation = begun.conversation};
    for (const HeldMember& member : begun.members) event.members.push_back(member.id);
    return event;
}

/// The conversation that a pair has already; whoever of them had left it is in it again.
Conversation reopen(const HeldChange::Place& place, const Beginning& begun) {
    const std::optional<ConversationId> id = place.tx.conversations().find_direct(begun.direct_key);
    HeldChange change = HeldChange::of_direct(place, id.value_or(ConversationId{}));
    std::vector<HeldMember> missing = begun.members;
    for (const HeldMember& there : place.tx.conversations().held_members(change.held.id)) {
        std::erase_if(missing, [&](const HeldMember& one) { return one.id == there.id; });
    }
    for (const HeldMember& member : missing) let_in(change, {member.id, member.type});
    if (!missing.empty()) change.save();
    return place.tx.conversations().find(change.held.id).value();
}

/// The conversation is held, so nobody else changes it.
void check(const Condition<ConversationDetail>& condition, const HeldChange& change) {
    if (!condition) return;
    ConversationRepository& conversations = change.tx().conversations();
    const ConversationId& id = change.held.id;
    if (!condition({conversations.find(id).value(), conversations.members(id)})) {
        throw Error{ErrorCode::precondition_failed, "the conversation has changed meanwhile"};
    }
}

/// Takes what is on the page, in its order.
std::vector<ListedConversation> cut(std::vector<ListedConversation> listed, const Page& page) {
    const auto size = static_cast<std::int64_t>(listed.size());
    const auto start = listed.begin() + std::min(page.offset, size);
    const auto end = start + std::min<std::int64_t>(page.limit, listed.end() - start);
    if (start == end) return {};
    std::partial_sort(listed.begin(), end, listed.end(), [](const auto& a, const auto& b) {
        return std::tie(b.updated_at, a.id) < std::tie(a.updated_at, b.id);
    });
    return {start, end};
}

/// One page of the list, as far as telling whether it has changed goes.
struct ListedPage {
    std::vector<ListedConversation> listed{};
    std::int64_t total = 0;
    ListVersion version{};
};

ListedPage listed_page(StoreTransaction& tx, const ConversationFilter& filter, const Page& page) {
    std::vector<ListedConversation> all = tx.conversations().listed(filter);
    ListedPage out{.total = static_cast<std::int64_t>(all.size())};
    out.listed = cut(std::move(all), page);
    ListVersionBuilder version;
    version.add(out.total);
    for (const ListedConversation& one : out.listed) {
        version.add(one.id.uuid());
        version.add(one.last_event);
        version.add(one.event_at);
    }
    out.version = version.finish();
    return out;
}

}  // namespace

OpenedConversation Conversations::create(const Principal& who, const NewConversation& draft) {
    const Beginning begun = beginning(who, draft, *writing_);
    return in_transaction(
        *scope_, who, Access::write, [&](StoreTransaction& tx, std::vector<Event>& events) {
            const Conversation& conversation = begun.conversation;
            const std::optional<MessageId>& parent = conversation.parent_message_id;
            if (parent && !tx.messages().can_see(*parent)) {
                throw Error{ErrorCode::not_found, "no such parent message"};
            }
            if (!tx.conversations().insert(conversation, first_counters(conversation),
                                           begun.direct_key, begun.members)) {
                return OpenedConversation{reopen({tx, events, who, *writing_}, begun), false};
            }
            events.emplace_back(created_event(who, begun));
            tx.events().append(events.back(), 0);
            return OpenedConversation{conversation, true};
        });
}

ConversationDetail Conversations::get(const Principal& who, const ConversationId& id) const {
    return in_transaction(*scope_, who, Access::read, [&](StoreTransaction& tx) {
        std::optional<Conversation> conversation = tx.conversations().find(id);
        if (!conversation) throw unknown_conversation();
        return ConversationDetail{*std::move(conversation), tx.conversations().members(id)};
    });
}

Listing<ConversationEntry> Conversations::list(const Principal& who,
                                               const ConversationFilter& filter,
                                               const Page& page) const {
    return list_if_changed(who, {}, filter, page).value();
}

std::optional<Listing<ConversationEntry>>
Conversations::list_if_changed(const Principal& who, const ListVersion& known,
                               const ConversationFilter& filter, const Page& page) const {
    check(page, {.limit = ConversationLimits::page, .offset = ConversationLimits::offset});
    const Deadline until = scope_->deadline();
    const auto look = [&](StoreTransaction& tx) { return listed_page(tx, filter, page); };
    ListedPage now = in_transaction(*scope_, who, Access::glance, look, WorkThread::any, until);
    if (now.version == known) return std::nullopt;
    // Of one moment as long as nothing on the page has changed in between, and cheaper than a
    // transaction around both.
    const auto read = [&](StoreTransaction& tx) { return tx.conversations().entries(now.listed); };
    std::vector<ConversationEntry> entries =
        in_transaction(*scope_, who, Access::glance, read, WorkThread::any, until);
    if (entries.size() < now.listed.size()) {
        const auto read_again = [&](StoreTransaction& tx) {
            now = look(tx);
            return read(tx);
        };
        entries = in_transaction(*scope_, who, Access::read, read_again, WorkThread::any, until);
    }
    // As it may in a transaction that writes, where each statement is of its own moment.
    if (entries.size() < now.listed.size()) {
        throw Error{ErrorCode::unavailable,
                    "conversations changed while they were listed",
                    {.retryable = true}};
    }
    return Listing<ConversationEntry>{
        .items = std::move(entries), .total = now.total, .version = std::move(now.version)};
}

Conversation Conversations::update(const Principal& who, const ConversationId& id,
                                   const ConversationChanges& changes,
                                   const Condition<ConversationDetail>& condition) {
    const ConversationChanges tidy = rules::tidy(changes);
    return in_transaction(
        *scope_, who, Access::write,
        [&](StoreTransaction& tx, std::vector<Event>& events) {
            HeldChange change{{tx, events, who, *writing_}, id};
            if (change.held.role != MemberRole::admin) {
                throw Error{ErrorCode::forbidden, "only an admin changes the conversation"};
            }
            check(condition, change);
            const Conversation before = tx.conversations().find(id).value();
            Conversation after = rules::with_changes(before, tidy);
            if (after == before) return after;
            // The clock may have been set back, or not have moved since the last change.
            after.updated_at = change.held.updated_at =
                std::max(change.now(), Timestamp{before.updated_at.milliseconds() + 1});
            change.tell(ConversationUpdated{change.next_place(), after});
            tx.conversations().save_properties(after);
            change.save();
            return after;
        },
        thread_for(condition));
}

ConversationEnd Conversations::remove(const Principal& who, const ConversationId& id,
                                      const Condition<ConversationDetail>& condition) {
    return in_transaction(
        *scope_, who, Access::write,
        [&](StoreTransaction& tx, std::vector<Event>& events) {
            HeldChange change{{tx, events, who, *writing_}, id};
            check(condition, change);
            if (change.held.role == MemberRole::admin) {
                delete_all(change);
                return ConversationEnd::deleted;
            }
            let_go(change, who.user, change.held.member_type);
            return ConversationEnd::left;
        },
        thread_for(condition));
}

}  // namespace lvng::crm::inline v0
