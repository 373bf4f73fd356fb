#pragma once

#include <lvng/crm/conversations/conversations.hpp>
#include <lvng/crm/conversations/members.hpp>
#include <lvng/crm/id.hpp>
#include <lvng/crm/timestamp.hpp>

#include <cstdint>
#include <optional>

/// What a store records of a conversation beside what its members see.
namespace lvng::crm::inline v0 {

/// What a conversation counts. Unread of a member is `message_count` less their
/// `HeldMember::seen_count`, so neither sending nor listing touches a row per member.
struct ConversationCounters {
    std::int64_t member_count = 0;
    std::int64_t last_number = 0;    ///< of its messages
    std::int64_t message_count = 0;  ///< that are not deleted
    std::int64_t agent_run = 0;      ///< messages by twins and agents since anybody else's
    std::int64_t last_event = 0;     ///< number of its latest event
    Timestamp event_at{};            ///< time of its latest event

    bool operator==(const ConversationCounters&) const = default;
};

/// A conversation whose row this transaction holds until it ends, as the principal sees it.
struct HeldConversation {
    ConversationId id{};
    ConversationType type = ConversationType::group;
    std::optional<std::int64_t> agent_run_limit{};  ///< from its settings
    Timestamp updated_at{};
    ConversationCounters counters{};
    MemberRole role = MemberRole::member;       ///< of the principal
    MemberType member_type = MemberType::user;  ///< of the principal
    std::int64_t joined_number = 0;             ///< of the principal
};

/// A member as it is recorded.
struct HeldMember {
    UserId id{};
    MemberRole role = MemberRole::member;
    MemberType type = MemberType::user;
    Timestamp joined_at{};
    std::int64_t joined_number = 0;  ///< the conversation's `last_number` at that time
    /// Messages, deleted ones not, that are not unread: up to `joined_number`, own, or read.
    std::int64_t seen_count = 0;

    bool operator==(const HeldMember&) const = default;
};

/// One message as far as counting goes.
struct CountedMessage {
    std::int64_t number = 0;
    UserId sender{};
    bool deleted = false;
    bool by_agent = false;  ///< its type or its sender's is twin or agent
};

/// A member's receipts as far as counting goes: for messages that are not deleted, by others,
/// from after they joined.
struct CountedReceipts {
    UserId reader{};
    std::int64_t count = 0;
};

}  // namespace lvng::crm::inline v0
