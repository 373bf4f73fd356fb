#pragma once

#include <lvng/crm/conversations/records.hpp>
#include <lvng/crm/id.hpp>
#include <lvng/crm/upkeep.hpp>

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

/// Counting a conversation anew. Pure.
namespace lvng::crm::rules {

/// What is recorded of a conversation.
struct RecordedConversation {
    ConversationCounters counters{};
    std::vector<HeldMember> members{};

    bool operator==(const RecordedConversation&) const = default;
};

/// Counts what is in a conversation, message by message. Keeps a few numbers for each member and
/// no message, so that a conversation may be of any length. One thread at a time.
class Recount {
public:
    /// The members come from `recorded`; its counts are not believed.
    explicit Recount(const RecordedConversation& recorded);
    Recount(const Recount&) = delete;
    Recount& operator=(const Recount&) = delete;

    /// Every message once, by number.
    void add(const CountedMessage& message);
    /// Each receipt once, in any order.
    void add(const CountedReceipts& receipts);

    /// What should be recorded, once everything is added: the same with other numbers.
    ///
    /// The last numbers of messages and events never become lower: rows may have been lost,
    /// events have had their time, and no number is given twice.
    RecordedConversation finish(std::int64_t last_event);

private:
    void pass_joining_before(std::int64_t number);

    RecordedConversation counted_;
    std::unordered_map<UserId, HeldMember*> by_id_;
    std::vector<HeldMember*> by_joining_;
    std::size_t joined_ = 0;  // so many of them have joined before the message that is added
};

/// What somebody could see of the difference between the two, a line for each number.
std::vector<Miscount> differences(const TenantId& tenant, const ConversationId& id,
                                  const RecordedConversation& recorded,
                                  const RecordedConversation& counted);

}  // namespace lvng::crm::rules
