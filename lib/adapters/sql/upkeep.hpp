#pragma once

#include "adapters/sql/session.hpp"

#include <lvng/crm/ports/conversation_repositories.hpp>
#include <lvng/crm/principal.hpp>

namespace lvng::crm::sql {

/// Everything of one tenant in all tables, and `lvng_remains`.
class SqlUpkeep final : public UpkeepRepository {
public:
    /// Both must outlive it.
    SqlUpkeep(Session& session, const Principal& who) : session_{&session}, who_{&who} {}

    std::vector<ConversationId> conversations(const ConversationId& after,
                                              std::int64_t limit) override;
    std::optional<ConversationCounters> counters(const ConversationId& id) override;
    std::vector<HeldMember> members(const ConversationId& id) override;
    std::vector<CountedMessage> messages(const ConversationId& id, std::int64_t after,
                                         std::int64_t limit) override;
    std::vector<CountedReceipts> receipts(const ConversationId& id, std::int64_t after,
                                          std::int64_t last) override;
    std::int64_t last_event(const ConversationId& id) override;
    void save(const ConversationId& id, const ConversationCounters& counters) override;
    void save_seen(const ConversationId& id, const UserId& user, std::int64_t seen) override;

    std::vector<BookCount> books(std::string_view after_user, std::int64_t limit) override;
    void recount_book(const UserId& user) override;

    bool can_erase(const Before& before) override;
    std::int64_t erase_events(Timestamp before, std::int64_t limit) override;
    std::int64_t erase_replays(Timestamp before, std::int64_t limit) override;
    std::int64_t erase_remains(std::int64_t limit) override;

private:
    [[nodiscard]] Value tenant() const { return std::string_view{who_->tenant.to_string()}; }

    Session* session_;
    const Principal* who_;
};

}  // namespace lvng::crm::sql
