#pragma once

#include <lvng/crm/conversations/records.hpp>
#include <lvng/crm/id.hpp>
#include <lvng/crm/upkeep.hpp>

#include <cstdint>
#include <vector>

/// Counting a conversation anew. Pure.
namespace lvng::crm::rules {

/// What is recorded of a conversation.
struct RecordedConversation {
    ConversationCounters counters{};
    std::vector<HeldMember> members{};
};

/// Everything in a conversation that is counted.
struct ConversationContents {
    std::vector<CountedMessage> messages{};  ///< by number
    std::vector<CountedReceipt> receipts{};
    std::int64_t last_event = 0;  ///< in the log
};

/// What should be recorded of a conversation: the same with other numbers.
///
/// The last numbers of messages and events never become lower: rows may have been lost, events
/// have had their time, and no number is given twice.
RecordedConversation recount(const RecordedConversation& recorded,
                             const ConversationContents& contents);

/// What somebody could see of the difference between the two, a line for each number.
std::vector<Miscount> differences(const TenantId& tenant, const ConversationId& id,
                                  const RecordedConversation& recorded,
                                  const RecordedConversation& counted);

}  // namespace lvng::crm::rules
