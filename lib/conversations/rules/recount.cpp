#include "conversations/rules/recount.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <string_view>
#include <utility>

namespace lvng::crm::rules {

Recount::Recount(const RecordedConversation& recorded) : counted_{recorded} {
    counted_.counters.member_count = std::ssize(recorded.members);
    counted_.counters.message_count = 0;
    counted_.counters.agent_run = 0;
    for (HeldMember& member : counted_.members) {
        member.seen_count = 0;
        by_id_.emplace(member.id, &member);
        by_joining_.push_back(&member);
    }
    std::sort(by_joining_.begin(), by_joining_.end(),
              [](const auto* a, const auto* b) { return a->joined_number < b->joined_number; });
}

void Recount::add(const CountedMessage& message) {
    pass_joining_before(message.number);
    ConversationCounters& counters = counted_.counters;
    counters.last_number = std::max(counters.last_number, message.number);
    counters.agent_run = message.by_agent ? counters.agent_run + 1 : 0;
    if (message.deleted) return;
    ++counters.message_count;
    const auto sender = by_id_.find(message.sender);
    if (sender == by_id_.end() || message.number <= sender->second->joined_number) return;
    ++sender->second->seen_count;
}

void Recount::add(const CountedReceipts& receipts) {
    const auto reader = by_id_.find(receipts.reader);
    if (reader != by_id_.end()) reader->second->seen_count += receipts.count;
}

RecordedConversation Recount::finish(std::int64_t last_event) {
    pass_joining_before(std::numeric_limits<std::int64_t>::max());
    counted_.counters.last_event = std::max(counted_.counters.last_event, last_event);
    return std::move(counted_);
}

/// Whoever joined with a lower number has seen the messages that there are so far.
void Recount::pass_joining_before(std::int64_t number) {
    for (; joined_ < by_joining_.size(); ++joined_) {
        HeldMember& member = *by_joining_[joined_];
        if (member.joined_number >= number) return;
        member.seen_count += counted_.counters.message_count;
    }
}

std::vector<Miscount> differences(const TenantId& tenant, const ConversationId& id,
                                  const RecordedConversation& recorded,
                                  const RecordedConversation& counted) {
    std::vector<Miscount> found;
    const auto compare = [&](std::string_view what, std::int64_t before, std::int64_t after) {
        if (before == after) return;
        found.push_back({.tenant = tenant,
                         .what = fmt::format("{} {}", id.to_string(), what),
                         .recorded = before,
                         .counted = after});
    };
    const ConversationCounters& old_counters = recorded.counters;
    const ConversationCounters& new_counters = counted.counters;
    compare("member_count", old_counters.member_count, new_counters.member_count);
    compare("last_number", old_counters.last_number, new_counters.last_number);
    compare("message_count", old_counters.message_count, new_counters.message_count);
    compare("agent_run", old_counters.agent_run, new_counters.agent_run);
    compare("last_event", old_counters.last_event, new_counters.last_event);
    for (std::size_t at = 0; at < recorded.members.size(); ++at) {
        const HeldMember& member = recorded.members[at];
        compare(fmt::format("unread of {}", member.id.to_string()),
                old_counters.message_count - member.seen_count,
                new_counters.message_count - counted.members[at].seen_count);
    }
    return found;
}

}  // namespace lvng::crm::rules
