#pragma once

#include "adapters/sql/session.hpp"

#include <lvng/crm/ports/replays.hpp>
#include <lvng/crm/principal.hpp>

namespace lvng::crm::sql {

/// The answers of one user, in the table `lvng_replays`.
class SqlReplays final : public ReplayRepository {
public:
    /// Both must outlive it.
    SqlReplays(Session& session, const Principal& who) : session_{&session}, who_{&who} {}

    bool claim(const RepeatableRequest& request, Timestamp now, Timestamp oldest) override;
    void save(std::string_view key, std::string_view answer) override;
    std::optional<RecordedAnswer> find(std::string_view key) override;

private:
    Session* session_;
    const Principal* who_;
};

}  // namespace lvng::crm::sql
