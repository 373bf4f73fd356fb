#include <lvng/crm/conversations/receipts.hpp>

#include "conversations/held_change.hpp"
#include "unit_of_work.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

namespace lvng::crm::inline v0 {
namespace {

constexpr std::size_t most_named = 10;

using Marked = MessageRepository::Marked;

/// Each once, in the order given.
std::vector<MessageId> distinct(const std::vector<MessageId>& ids) {
    std::vector<MessageId> out;
    std::unordered_set<MessageId> seen;
    for (const MessageId& id : ids) {
        if (seen.insert(id).second) out.push_back(id);
    }
    return out;
}

Error strangers_among(const std::vector<MessageId>& ids, const std::vector<Marked>& marked) {
    std::unordered_set<MessageId> known;
    for (const Marked& one : marked) known.insert(one.id);
    std::vector<FieldError> fields;
    for (const MessageId& id : ids) {
        if (known.contains(id) || fields.size() == most_named) continue;
        fields.push_back({"message_ids", id.to_string()});
    }
    return Error{ErrorCode::not_found,
                 "messages that are not in this conversation",
                 {.fields = std::move(fields)}};
}

}  // namespace

std::int64_t Receipts::mark_read(const Principal& who, const ConversationId& conversation,
                                 const std::vector<MessageId>& messages) {
    const std::vector<MessageId> ids = distinct(messages);
    if (ids.empty() || ids.size() > ReceiptLimits::messages) {
        throw invalid_fields(
            {{"message_ids", fmt::format("must be from 1 to {} ids", ReceiptLimits::messages)}});
    }
    in_transaction(
        *scope_, who, Access::write, [&](StoreTransaction& tx, std::vector<Event>& events) {
            HeldChange change{{tx, events, who, *writing_}, conversation};
            const std::vector<Marked> marked = tx.messages().find_marked(conversation, ids);
            if (marked.size() < ids.size()) throw strangers_among(ids, marked);
            std::vector<std::int64_t> numbers;
            MessagesRead event{.user = who.user};
            for (const Marked& one : marked) {
                // What was sent before they came counts as read already.
                if (!one.unread || one.number <= change.held.joined_number) continue;
                numbers.push_back(one.number);
                event.messages.push_back(one.id);
            }
            if (numbers.empty()) return;
            tx.messages().insert_receipts(conversation, numbers, change.now());
            tx.conversations().count_seen(conversation, who.user,
                                          static_cast<std::int64_t>(numbers.size()));
            event.place = change.next_place();
            change.tell(std::move(event));
            change.save();
        });
    return static_cast<std::int64_t>(ids.size());
}

}  // namespace lvng::crm::inline v0
