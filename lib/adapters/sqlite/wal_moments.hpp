#pragma once

#include "adapters/sqlite/connection.hpp"

#include <lvng/crm/ports/store.hpp>

#include <cstdint>
#include <optional>

namespace lvng::crm::sqlite {

/// Tells the moment of a database file in WAL mode. It is the header of the WAL-index, in the
/// memory that all who have the file open share: SQLite itself tells by it whether the pages that a
/// connection has read still hold. No lock, no system call. Safe to share.
///
/// Source: SQLite, "WAL-mode File Format", section 2.1, the WAL-index header.
class WalMoments {
public:
    /// `connection` has read, nobody else uses it meanwhile, and it must outlive this: the memory
    /// is its own for as long as it is open.
    explicit WalMoments(Connection& connection);

    /// Absent where there is no such memory, and while somebody writes to the header.
    [[nodiscard]] std::optional<StoreMoment> now() const noexcept;

private:
    std::uint64_t* header_ = nullptr;
};

}  // namespace lvng::crm::sqlite
