#include "conversations/rules/recount.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <unordered_map>

namespace lvng::crm::rules {
namespace {

std::int64_t count_agent_run(const std::vector<CountedMessage>& messages) {
    const auto last_other = std::find_if_not(messages.rbegin(), messages.rend(),
                                             [](const auto& message) { return message.by_agent; });
    return last_other - messages.rbegin();
}

std::vector<CountedMessage> live_messages(const std::vector<CountedMessage>& messages) {
    std::vector<CountedMessage> live;
    std::copy_if(messages.begin(), messages.end(), std::back_inserter(live),
                 [](const CountedMessage& message) { return !message.deleted; });
    return live;
}

/// The first message behind a number.
auto behind(const std::vector<CountedMessage>& messages, std::int64_t number) {
    return std::upper_bound(
        messages.begin(), messages.end(), number,
        [](std::int64_t before, const CountedMessage& message) { return before < message.number; });
}

const CountedMessage* find(const std::vector<CountedMessage>& messages, std::int64_t number) {
    const auto at = behind(messages, number - 1);
    return at != messages.end() && at->number == number ? &*at : nullptr;
}

/// One pass over the messages and one over the receipts, not both for each member.
void count_seen(std::vector<HeldMember>& members, const std::vector<CountedMessage>& live,
                const std::vector<CountedReceipt>& receipts) {
    std::unordered_map<UserId, HeldMember*> by_id;
    for (HeldMember& member : members) {
        by_id.emplace(member.id, &member);
        member.seen_count = behind(live, member.joined_number) - live.begin();
    }
    const auto see = [&](const UserId& user, const CountedMessage& message) {
        const auto member = by_id.find(user);
        if (member == by_id.end() || message.number <= member->second->joined_number) return;
        ++member->second->seen_count;
    };
    for (const CountedMessage& message : live) see(message.sender, message);
    for (const auto& receipt : receipts) {
        const CountedMessage* message = find(live, receipt.number);
        if (message && message->sender != receipt.reader) see(receipt.reader, *message);
    }
}

}  // namespace

RecordedConversation recount(const RecordedConversation& recorded,
                             const ConversationContents& contents) {
    const std::vector<CountedMessage> live = live_messages(contents.messages);
    RecordedConversation counted = recorded;
    ConversationCounters& counters = counted.counters;
    counters.member_count = std::ssize(recorded.members);
    if (!contents.messages.empty()) {
        counters.last_number = std::max(counters.last_number, contents.messages.back().number);
    }
    counters.message_count = std::ssize(live);
    counters.agent_run = count_agent_run(contents.messages);
    counters.last_event = std::max(counters.last_event, contents.last_event);
    count_seen(counted.members, live, contents.receipts);
    return counted;
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
