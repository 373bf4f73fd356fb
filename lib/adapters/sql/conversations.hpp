#pragma once

#include "adapters/sql/session.hpp"

#include <lvng/crm/ports/conversation_repositories.hpp>
#include <lvng/crm/principal.hpp>

namespace lvng::crm::sql {

/// Conversations in the tables `lvng_conversations`, `lvng_members` and `lvng_former_members`.
class SqlConversations final : public ConversationRepository {
public:
    /// Both must outlive it.
    SqlConversations(Session& session, const Principal& who) : session_{&session}, who_{&who} {}

    bool insert(const Conversation& conversation, const ConversationCounters& counters,
                std::string_view direct_key, std::span<const HeldMember> members) override;
    std::optional<ConversationId> find_direct(std::string_view direct_key) override;

    std::optional<Conversation> find(const ConversationId& id) override;
    std::vector<ListedConversation> listed(const ConversationFilter& filter) override;
    std::vector<ConversationEntry> entries(std::span<const ListedConversation> listed) override;

    std::optional<HeldConversation> hold(const ConversationId& id) override;
    std::optional<HeldConversation> hold_direct(const ConversationId& id) override;
    void save(const HeldConversation& held) override;
    void save_properties(const Conversation& conversation) override;
    void remove(const HeldConversation& held) override;

    std::vector<Member> members(const ConversationId& id) override;
    std::vector<HeldMember> held_members(const ConversationId& id) override;
    std::optional<HeldMember> find_member(const ConversationId& id, const UserId& user) override;
    MemberType insert_member(const ConversationId& id, const HeldMember& member) override;
    void remove_member(const ConversationId& id, const UserId& user) override;
    void promote_member(const ConversationId& id, const UserId& user) override;
    void count_seen(const ConversationId& id, const UserId& user, std::int64_t change) override;

    std::vector<EventPlace> memberships() override;

private:
    [[nodiscard]] Value tenant() const { return std::string_view{who_->tenant.to_string()}; }
    [[nodiscard]] Value user() const { return std::string_view{who_->user.to_string()}; }

    Session* session_;
    const Principal* who_;
};

}  // namespace lvng::crm::sql
