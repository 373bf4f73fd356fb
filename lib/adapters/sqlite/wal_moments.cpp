#include "adapters/sqlite/wal_moments.hpp"

#include <sqlite3.h>

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>

namespace lvng::crm::sqlite {
namespace {

// How SQLite maps the WAL-index, and what its first page begins with: the header twice.
constexpr int first_page = 0;
constexpr int page_bytes = 32'768;
constexpr std::size_t header_bytes = 48;
constexpr std::size_t is_init = 12;  // 1 once the header has been made

constexpr std::size_t header_words = header_bytes / sizeof(std::uint64_t);
static_assert(sizeof(StoreMoment) == header_bytes);
static_assert(std::atomic_ref<std::uint64_t>::is_always_lock_free);

bool is_in_wal_mode(Connection& connection) {
    sql::Rows rows{connection.query("pragma journal_mode", {})};
    return rows.next() && rows.text(0) == "wal";
}

/// The first page of the WAL-index, or null where the file system has no shared memory.
void* map_first_page(sqlite3* db) {
    sqlite3_file* file = nullptr;
    if (sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file)) !=
        SQLITE_OK) {
        return nullptr;
    }
    if (!file || !file->pMethods || file->pMethods->iVersion < 2 || !file->pMethods->xShmMap) {
        return nullptr;
    }
    // It is mapped already, so all that comes back is where. Not to be made where it is missing.
    constexpr int extend = 0;
    void volatile* page = nullptr;
    const int code = file->pMethods->xShmMap(file, first_page, page_bytes, extend, &page);
    return code == SQLITE_OK ? const_cast<void*>(page) : nullptr;
}

StoreMoment copy(std::uint64_t* header) noexcept {
    StoreMoment moment;
    for (std::size_t at = 0; at < header_words; ++at) {
        // Whoever commits may be writing there.
        moment.words[at] = std::atomic_ref{header[at]}.load(std::memory_order_relaxed);
    }
    return moment;
}

bool is_made(const StoreMoment& moment) noexcept {
    return std::bit_cast<std::array<std::uint8_t, header_bytes>>(moment)[is_init] == 1;
}

}  // namespace

WalMoments::WalMoments(Connection& connection) {
    // In another mode the call would make the shared memory.
    if (is_in_wal_mode(connection)) {
        header_ = static_cast<std::uint64_t*>(map_first_page(connection.handle()));
    }
}

// Writers write the second copy, then the first, so whoever reads them in the opposite order and
// finds both alike has one header and not parts of two.
//
// That no two states of the file have the same header: each commit adds frames to the log and to
// `mxFrame`, and a log that begins anew has other salts. SQLite's xShmBarrier would do as a fence,
// but it takes a lock of the whole process.
std::optional<StoreMoment> WalMoments::now() const noexcept {
    if (!header_) return std::nullopt;
    const StoreMoment first = copy(header_);
    std::atomic_thread_fence(std::memory_order_acquire);
    const StoreMoment second = copy(header_ + header_words);
    // What is read from now on is as new at least.
    std::atomic_thread_fence(std::memory_order_acquire);
    if (first != second || !is_made(first)) return std::nullopt;
    return first;
}

}  // namespace lvng::crm::sqlite
