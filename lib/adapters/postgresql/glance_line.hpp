#pragma once

#include "adapters/postgresql/connection.hpp"
#include "adapters/postgresql/pool.hpp"
#include "adapters/sql/session.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>

namespace lvng::crm::postgresql {

/// Reading statements of many callers, each a transaction by itself, over few connections.
///
/// Most of what such a statement costs is getting there and back. So only some callers ask at once;
/// who comes meanwhile waits, and is asked for by the next of them together with all others who
/// wait, in one pipeline. Nobody waits for company. Where those who ask are stuck, by a lock or a
/// dead connection, others ask beside them. Safe to share.
class GlanceLine {
public:
    /// `pool` must outlive it. So many callers ask at once, and so many where some are stuck.
    GlanceLine(Pool& pool, std::size_t most_askers, std::size_t most_stuck)
        : pool_{&pool}, most_askers_{most_askers}, most_stuck_{most_stuck} {}

    /// The answer of the server, of a moment after the call. Throws as a transaction's statement
    /// does, and as `Pool::take`.
    Result ask(const Principal& who, std::string_view statement, std::span<const sql::Value> values,
               Deadline deadline);

    /// Asks for all of them in as few pipelines as they fit into, beside whoever asks for others,
    /// and gives each its outcome: one that fails fails alone.
    void ask_each(std::span<Glance> glances) noexcept;

private:
    struct Waiting;
    using Place = std::shared_ptr<Waiting>;

    bool join(const Place& self);
    void wait(const Place& self);
    bool leave_line(const Place& self);
    bool ask_beside(const Place& self);
    void ask_for_all(const Place& self) noexcept;
    std::size_t ask_some(std::span<Glance* const> glances) noexcept;
    void leave() noexcept;

    Pool* pool_;
    std::size_t most_askers_;
    std::size_t most_stuck_;
    std::mutex mutex_;
    std::deque<Place> waiting_;  // nobody while there is room for an asker
    std::size_t askers_ = 0;
};

/// A session whose statements go by the line.
class GlanceSession final : public sql::Session {
public:
    /// `line` and `who` must outlive it.
    GlanceSession(GlanceLine& line, const Principal& who, Deadline deadline)
        : line_{&line}, who_{&who}, deadline_{deadline} {}

    sql::Cursor& query(std::string_view statement, std::span<const sql::Value> values) override;
    /// Throw `internal`: a glance writes nothing.
    std::int64_t execute(std::string_view statement, std::span<const sql::Value> values) override;
    void defer(std::string_view statement, std::span<const sql::Value> values) override;
    [[nodiscard]] std::string_view for_update() const noexcept override { return ""; }

private:
    GlanceLine* line_;
    const Principal* who_;
    Deadline deadline_;
    ResultRows rows_;
};

}  // namespace lvng::crm::postgresql
