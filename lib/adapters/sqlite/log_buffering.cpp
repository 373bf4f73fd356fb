#include "adapters/sqlite/log_buffering.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

namespace lvng::crm::sqlite {
namespace {

// Some 15 pages. SQLite's own VFS writes no more than 128 KiB at once, and takes that for none.
constexpr std::size_t buffer_size = 64 * 1024;

/// The tail of a log that SQLite has written and the file has not.
class Tail {
public:
    /// False where it does not fit behind what is there.
    bool append(const void* bytes, std::size_t size, sqlite3_int64 offset) noexcept {
        if (size_ == 0) offset_ = offset;
        if (offset != offset_ + static_cast<sqlite3_int64>(size_) || size > buffer_size - size_) {
            return false;
        }
        std::memcpy(bytes_.get() + size_, bytes, size);
        size_ += size;
        return true;
    }
    int write_to(sqlite3_file* file) noexcept {
        if (size_ == 0) return SQLITE_OK;
        const auto size = static_cast<int>(size_);
        size_ = 0;
        return file->pMethods->xWrite(file, bytes_.get(), size, offset_);
    }
    void drop() noexcept { size_ = 0; }

private:
    std::unique_ptr<std::byte[]> bytes_ = std::make_unique<std::byte[]>(buffer_size);
    std::size_t size_ = 0;
    sqlite3_int64 offset_ = 0;  // of the first byte
};

/// A database or its log. The file of the VFS behind lies behind it in the same piece of memory.
struct File {
    sqlite3_file base{};
    sqlite3_file* real = nullptr;
    Tail* tail = nullptr;      // of a log; its database has it too, while the log is open
    File* database = nullptr;  // of a log
};

File& ours(sqlite3_file* file) noexcept {
    return *reinterpret_cast<File*>(file);
}
sqlite3_file* real(sqlite3_file* file) noexcept {
    return ours(file).real;
}

int write_tail(sqlite3_file* log) noexcept {
    return ours(log).tail->write_to(real(log));
}

// What both kinds of files pass on.

int on_lock(sqlite3_file* file, int level) {
    return real(file)->pMethods->xLock(real(file), level);
}
int on_unlock(sqlite3_file* file, int level) {
    return real(file)->pMethods->xUnlock(real(file), level);
}
int on_check_reserved(sqlite3_file* file, int* out) {
    return real(file)->pMethods->xCheckReservedLock(real(file), out);
}
int on_control(sqlite3_file* file, int operation, void* argument) {
    return real(file)->pMethods->xFileControl(real(file), operation, argument);
}
int on_sector_size(sqlite3_file* file) {
    return real(file)->pMethods->xSectorSize(real(file));
}
int on_characteristics(sqlite3_file* file) {
    return real(file)->pMethods->xDeviceCharacteristics(real(file));
}
int on_shm_map(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
    return real(file)->pMethods->xShmMap(real(file), region, size, extend, out);
}
int on_shm_unmap(sqlite3_file* file, int remove) {
    return real(file)->pMethods->xShmUnmap(real(file), remove);
}

// The log.

int on_log_close(sqlite3_file* file) {
    File& log = ours(file);
    const int written = write_tail(file);
    if (log.database) log.database->tail = nullptr;
    delete log.tail;
    const int closed = log.real->pMethods->xClose(log.real);
    return written != SQLITE_OK ? written : closed;
}
int on_log_read(sqlite3_file* file, void* to, int amount, sqlite3_int64 offset) {
    const int written = write_tail(file);
    if (written != SQLITE_OK) return written;
    return real(file)->pMethods->xRead(real(file), to, amount, offset);
}
int on_log_write(sqlite3_file* file, const void* from, int amount, sqlite3_int64 offset) {
    Tail& tail = *ours(file).tail;
    const auto size = static_cast<std::size_t>(amount);
    if (tail.append(from, size, offset)) return SQLITE_OK;
    const int written = write_tail(file);
    if (written != SQLITE_OK || tail.append(from, size, offset)) return written;
    return real(file)->pMethods->xWrite(real(file), from, amount, offset);
}
int on_log_truncate(sqlite3_file* file, sqlite3_int64 size) {
    const int written = write_tail(file);
    if (written != SQLITE_OK) return written;
    return real(file)->pMethods->xTruncate(real(file), size);
}
int on_log_sync(sqlite3_file* file, int flags) {
    const int written = write_tail(file);
    if (written != SQLITE_OK) return written;
    return real(file)->pMethods->xSync(real(file), flags);
}
int on_log_size(sqlite3_file* file, sqlite3_int64* size) {
    const int written = write_tail(file);
    if (written != SQLITE_OK) return written;
    return real(file)->pMethods->xFileSize(real(file), size);
}

const sqlite3_io_methods log_methods{.iVersion = 1,
                                     .xClose = on_log_close,
                                     .xRead = on_log_read,
                                     .xWrite = on_log_write,
                                     .xTruncate = on_log_truncate,
                                     .xSync = on_log_sync,
                                     .xFileSize = on_log_size,
                                     .xLock = on_lock,
                                     .xUnlock = on_unlock,
                                     .xCheckReservedLock = on_check_reserved,
                                     .xFileControl = on_control,
                                     .xSectorSize = on_sector_size,
                                     .xDeviceCharacteristics = on_characteristics,
                                     .xShmMap = nullptr,
                                     .xShmLock = nullptr,
                                     .xShmBarrier = nullptr,
                                     .xShmUnmap = nullptr,
                                     .xFetch = nullptr,
                                     .xUnfetch = nullptr};

// The database, whose locks tell of the log.

int on_database_close(sqlite3_file* file) {
    return real(file)->pMethods->xClose(real(file));
}
int on_database_read(sqlite3_file* file, void* to, int amount, sqlite3_int64 offset) {
    return real(file)->pMethods->xRead(real(file), to, amount, offset);
}
int on_database_write(sqlite3_file* file, const void* from, int amount, sqlite3_int64 offset) {
    return real(file)->pMethods->xWrite(real(file), from, amount, offset);
}
int on_database_truncate(sqlite3_file* file, sqlite3_int64 size) {
    return real(file)->pMethods->xTruncate(real(file), size);
}
int on_database_sync(sqlite3_file* file, int flags) {
    return real(file)->pMethods->xSync(real(file), flags);
}
int on_database_size(sqlite3_file* file, sqlite3_int64* size) {
    return real(file)->pMethods->xFileSize(real(file), size);
}
int on_shm_lock(sqlite3_file* file, int offset, int count, int flags) {
    constexpr int write_lock = 0;  // as the format of the WAL index numbers them
    Tail* tail = ours(file).tail;
    if (tail && offset == write_lock && (flags & SQLITE_SHM_UNLOCK) != 0) tail->drop();
    return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}
void on_shm_barrier(sqlite3_file* file) {
    real(file)->pMethods->xShmBarrier(real(file));
}

const sqlite3_io_methods database_methods{.iVersion = 2,
                                          .xClose = on_database_close,
                                          .xRead = on_database_read,
                                          .xWrite = on_database_write,
                                          .xTruncate = on_database_truncate,
                                          .xSync = on_database_sync,
                                          .xFileSize = on_database_size,
                                          .xLock = on_lock,
                                          .xUnlock = on_unlock,
                                          .xCheckReservedLock = on_check_reserved,
                                          .xFileControl = on_control,
                                          .xSectorSize = on_sector_size,
                                          .xDeviceCharacteristics = on_characteristics,
                                          .xShmMap = on_shm_map,
                                          .xShmLock = on_shm_lock,
                                          .xShmBarrier = on_shm_barrier,
                                          .xShmUnmap = on_shm_unmap,
                                          .xFetch = nullptr,
                                          .xUnfetch = nullptr};

sqlite3_vfs* behind(sqlite3_vfs* vfs) noexcept {
    return static_cast<sqlite3_vfs*>(vfs->pAppData);
}

int open_real(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    return behind(vfs)->xOpen(behind(vfs), name, file, flags, out_flags);
}

int on_open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    const bool is_log = (flags & SQLITE_OPEN_WAL) != 0;
    if (!is_log && (flags & SQLITE_OPEN_MAIN_DB) == 0) {
        return open_real(vfs, name, file, flags, out_flags);
    }
    std::memset(file, 0, static_cast<std::size_t>(vfs->szOsFile));
    File& made = *new (file) File{};
    made.real = reinterpret_cast<sqlite3_file*>(&made + 1);
    std::unique_ptr<Tail> tail;
    if (is_log) {
        try {
            tail = std::make_unique<Tail>();
        } catch (const std::bad_alloc&) {
            return SQLITE_NOMEM;
        }
    }
    const int code = open_real(vfs, name, made.real, flags, out_flags);
    if (made.real->pMethods == nullptr) return code;
    if (is_log) {
        made.database = &ours(sqlite3_database_file_object(name));
        made.tail = made.database->tail = tail.release();
    }
    made.base.pMethods = is_log ? &log_methods : &database_methods;
    return code;
}

// These find their VFS by the pointer that they are given, and are made for the one behind.

int on_delete(sqlite3_vfs* vfs, const char* name, int sync_folder) {
    return behind(vfs)->xDelete(behind(vfs), name, sync_folder);
}
int on_access(sqlite3_vfs* vfs, const char* name, int flags, int* out) {
    return behind(vfs)->xAccess(behind(vfs), name, flags, out);
}
int on_full_name(sqlite3_vfs* vfs, const char* name, int size, char* out) {
    return behind(vfs)->xFullPathname(behind(vfs), name, size, out);
}

}  // namespace

LogBuffering::LogBuffering() {
    static std::atomic<std::uint64_t> count{0};
    name_ = fmt::format("lvng-log-buffering-{}", ++count);
    sqlite3_initialize();  // else there is no default one yet
    sqlite3_vfs* const default_vfs = sqlite3_vfs_find(nullptr);
    vfs_ = std::make_unique<sqlite3_vfs>(*default_vfs);
    vfs_->pNext = nullptr;
    vfs_->zName = name_.c_str();
    vfs_->szOsFile = static_cast<int>(sizeof(File)) + default_vfs->szOsFile;
    vfs_->pAppData = default_vfs;
    vfs_->xOpen = on_open;
    vfs_->xDelete = on_delete;
    vfs_->xAccess = on_access;
    vfs_->xFullPathname = on_full_name;
    sqlite3_vfs_register(vfs_.get(), 0);
}

LogBuffering::~LogBuffering() {
    sqlite3_vfs_unregister(vfs_.get());
}

}  // namespace lvng::crm::sqlite
