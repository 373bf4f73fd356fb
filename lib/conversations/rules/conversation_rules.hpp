#pragma once

#include <lvng/crm/conversations/conversations.hpp>
#include <lvng/crm/export.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What a conversation may hold, and how it is brought into form. Pure.
namespace lvng::crm::rules {

/// The conversation that `draft` asks for, in form, without id, creator and times. Throws
/// `invalid` with every bad field.
Conversation conversation_from(const NewConversation& draft, const UserId& creator);

/// Who is in it at first: the creator, then the others, each once.
std::vector<NewMember> first_members(const NewConversation& draft, const UserId& creator);

/// What makes a direct conversation the one of its pair; empty where a pair may have more.
std::string direct_key(const NewConversation& draft, const std::vector<NewMember>& members);

/// The bound on messages in a row by twins and agents that settings ask for. The stores, which are
/// libraries of their own, keep it in a column.
LVNG_CRM_EXPORT std::optional<std::int64_t> agent_run_limit(const JsonText& settings);

/// Changes in form. Throws `invalid` with every bad field.
ConversationChanges tidy(const ConversationChanges& changes);

/// `conversation` with `changes`, which are tidy.
Conversation with_changes(Conversation conversation, const ConversationChanges& changes);

}  // namespace lvng::crm::rules
