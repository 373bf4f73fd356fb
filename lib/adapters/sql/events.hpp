#pragma once

#include "adapters/sql/session.hpp"

#include <lvng/crm/ports/conversation_repositories.hpp>
#include <lvng/crm/principal.hpp>

namespace lvng::crm::sql {

/// The log of events: sent messages in the table `lvng_messages`, all others in `lvng_events`.
class SqlEvents final : public EventLog {
public:
    /// Both must outlive it.
    SqlEvents(Session& session, const Principal& who) : session_{&session}, who_{&who} {}

    void append(const Event& event, std::int64_t messages) override;
    std::optional<std::vector<Event>> since(const ConversationId& conversation, std::int64_t after,
                                            std::int64_t limit) override;

private:
    Session* session_;
    const Principal* who_;
};

}  // namespace lvng::crm::sql
