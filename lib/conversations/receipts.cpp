#include <lvng/crm/conversations/receipts.hpp>

#include "conversations/held_change.hpp"
#include "unit_of_work.hpp"

#include <fmt/format.h>

#include <unordered_set>
#include <utility>

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

std::vector<FieldError> refused(std::size_t distinct_count) {
    constexpr std::size_t most = ReceiptLimits::messages;
    if (distinct_count > 0 && distinct_count <= most) return {};
    return {{.field = "message_ids", .message = fmt::format("must be from 1 to {} ids", most)}};
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

std::vector<FieldError> bad_message_ids(const std::vector<MessageId>& ids) {
    return refused(distinct(ids).size());
}

std::int64_t Receipts::mark_read(const Principal& who, const ConversationId& conversation,
                                 const std::vector<MessageId>& messages) {
    const std::vector<MessageId> ids = distinct(messages);
    std::vector<FieldError> fields = refused(ids.size());
    if (!fields.empty()) throw invalid_fields(std::move(fields));
    in_transaction(
        *scope_, who, Access::write, [&](StoreTransaction& tx, std::vector<Event>& events) {
            HeldChange change{{tx, events, who, *writing_}, conversation};
            const std::vector<Marked> marked = tx.messages().find_marked(conversation, ids);
            if (marked.size() < ids.size()) throw strangers_among(ids, marked);
            std::vector<std::int64_t> numbers;
            std::vector<MessageId> news;
            for (const Marked& one : marked) {
                // What was sent before they came counts as read already.
                if (!one.unread || one.number <= change.held.joined_number) continue;
                numbers.push_back(one.number);
                news.push_back(one.id);
            }
            if (numbers.empty()) return;
            tx.messages().insert_receipts(conversation, numbers, change.now());
            tx.conversations().count_seen(conversation, who.user,
                                          static_cast<std::int64_t>(numbers.size()));
            change.tell(MessagesRead{change.next_place(), who.user, std::move(news)});
            change.save();
        });
    return static_cast<std::int64_t>(ids.size());
}

}  // namespace lvng::crm::inline v0
