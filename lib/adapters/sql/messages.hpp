#pragma once

#include "adapters/sql/session.hpp"

#include <lvng/crm/ports/conversation_repositories.hpp>
#include <lvng/crm/principal.hpp>

namespace lvng::crm::sql {

/// Messages and receipts in the tables `lvng_messages` and `lvng_receipts`.
class SqlMessages final : public MessageRepository {
public:
    /// Both must outlive it.
    SqlMessages(Session& session, const Principal& who) : session_{&session}, who_{&who} {}

    void insert(const Message& message, MemberType sender, std::string_view search_key,
                std::int64_t event) override;
    void replace(const Message& message, std::string_view search_key) override;

    std::optional<Message> find(const ConversationId& conversation, const MessageId& id) override;
    bool can_see(const MessageId& id) override;
    std::optional<MessagesState> state(const ConversationId& conversation) override;
    std::optional<MessageChunk> page(const ConversationId& conversation,
                                     const MessageRange& range) override;
    std::int64_t count_found(const ConversationId& conversation,
                             std::string_view search_key) override;

    std::vector<Marked> find_marked(const ConversationId& conversation,
                                    std::span<const MessageId> ids) override;
    void insert_receipts(const ConversationId& conversation, std::span<const std::int64_t> numbers,
                         Timestamp at) override;
    void forget_seen(const Message& message) override;

private:
    [[nodiscard]] Value tenant() const { return std::string_view{who_->tenant.to_string()}; }
    [[nodiscard]] Value user() const { return std::string_view{who_->user.to_string()}; }

    Session* session_;
    const Principal* who_;
};

}  // namespace lvng::crm::sql
