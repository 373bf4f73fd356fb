#pragma once

#include "adapters/sql/session.hpp"

#include <lvng/crm/ports/conversation_repositories.hpp>

#include <string_view>
#include <vector>

/// How conversations, their members and their messages stand in columns.
namespace lvng::crm::sql {

// The order of `read_conversation`.
#define LVNG_CONVERSATION_COLUMNS                                                                  \
    "c.id, c.name, c.type, c.description, c.project_id, c.parent_message_id, c.is_archived,"       \
    " c.settings, c.member_count, c.created_by, c.created_at, c.updated_at"
inline constexpr int conversation_columns = 12;

// The order of `read_message`.
#define LVNG_MESSAGE_COLUMNS                                                                       \
    "g.id, g.number, g.user_id, g.content, g.type, g.parent_message_id, g.metadata, g.created_at," \
    " g.updated_at, g.edited_at, g.deleted_at"
inline constexpr int message_columns = 11;

// The order of `read_held_member`.
#define LVNG_HELD_MEMBER_COLUMNS                                                                   \
    "m.user_id, m.role, m.member_type, m.joined_at, m.joined_number, m.seen_count"

// The order of `read_counters`.
#define LVNG_COUNTER_COLUMNS                                                                       \
    "c.member_count, c.last_number, c.message_count, c.agent_run, c.last_event, c.event_at"
inline constexpr int counter_columns = 6;

// What a member sees: the conversation `c` through the membership `m`.
#define LVNG_CONVERSATION_OF_MEMBER                                                                \
    " from lvng_conversations c join lvng_members m"                                               \
    " on m.tenant_id = c.tenant_id and m.conversation_id = c.id"

// Each starts at column `at`.
Conversation read_conversation(const Rows& rows, int at);
Message read_message(const Rows& rows, int at, const ConversationId& conversation);
HeldMember read_held_member(const Rows& rows, int at);
ConversationCounters read_counters(const Rows& rows, int at);
ConversationType read_conversation_type(const Rows& rows, int at);
MemberRole read_role(const Rows& rows, int at);
MemberType read_member_type(const Rows& rows, int at);

/// Everybody in a conversation, by `joined_at`, then id.
std::vector<HeldMember> read_held_members(Session& session, const TenantId& tenant,
                                          const ConversationId& id);

}  // namespace lvng::crm::sql
