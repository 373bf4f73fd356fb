#include "adapters/sqlite/log_buffering.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

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
        const int code =
            file->pMethods->xWrite(file, bytes_.get(), static_cast<int>(size_), offset_);
        // What could not be written is still owed: it is tried again, or dropped with the lock.
        if (code == SQLITE_OK) size_ = 0;
        return code;
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

int on_close(sqlite3_file* file) {
    return real(file)->pMethods->xClose(real(file));
}
int on_read(sqlite3_file* file, void* to, int amount, sqlite3_int64 offset) {
    return real(file)->pMethods->xRead(real(file), to, amount, offset);
}
int on_write(sqlite3_file* file, const void* from, int amount, sqlite3_int64 offset) {
    return real(file)->pMethods->xWrite(real(file), from, amount, offset);
}
int on_truncate(sqlite3_file* file, sqlite3_int64 size) {
    return real(file)->pMethods->xTruncate(real(file), size);
}
int on_sync(sqlite3_file* file, int flags) {
    return real(file)->pMethods->xSync(real(file), flags);
}
int on_size(sqlite3_file* file, sqlite3_int64* size) {
    return real(file)->pMethods->xFileSize(real(file), size);
}
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
    log.database->tail = nullptr;
    delete log.tail;
    const int closed = on_close(file);
    return written != SQLITE_OK ? written : closed;
}
int on_log_read(sqlite3_file* file, void* to, int amount, sqlite3_int64 offset) {
    // Whatever the reason, an error that always ends the whole transaction: after a full disk a
    // statement alone may be undone, and the transaction go on without these frames.
    if (write_tail(file) != SQLITE_OK) return SQLITE_IOERR_READ;
    return on_read(file, to, amount, offset);
}
int on_log_write(sqlite3_file* file, const void* from, int amount, sqlite3_int64 offset) {
    Tail& tail = *ours(file).tail;
    const auto size = static_cast<std::size_t>(amount);
    if (tail.append(from, size, offset)) return SQLITE_OK;
    const int written = write_tail(file);
    if (written != SQLITE_OK || tail.append(from, size, offset)) return written;
    return on_write(file, from, amount, offset);
}
int on_log_truncate(sqlite3_file* file, sqlite3_int64 size) {
    const int written = write_tail(file);
    return written != SQLITE_OK ? written : on_truncate(file, size);
}
int on_log_sync(sqlite3_file* file, int flags) {
    const int written = write_tail(file);
    return written != SQLITE_OK ? written : on_sync(file, flags);
}
int on_log_size(sqlite3_file* file, sqlite3_int64* size) {
    const int written = write_tail(file);
    return written != SQLITE_OK ? written : on_size(file, size);
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
                                          .xClose = on_close,
                                          .xRead = on_read,
                                          .xWrite = on_write,
                                          .xTruncate = on_truncate,
                                          .xSync = on_sync,
                                          .xFileSize = on_size,
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

/// Whether commits are synced where they end, and the locks can be watched.
bool can_buffer(sqlite3_file* database) noexcept {
    const sqlite3_io_methods& methods = *database->pMethods;
    return methods.iVersion >= 2 && methods.xShmMap != nullptr &&
           (methods.xDeviceCharacteristics(database) & SQLITE_IOCAP_POWERSAFE_OVERWRITE) != 0;
}

}  // namespace

struct LogBuffering::Vfs {
    explicit Vfs(const char* own_name) : behind{sqlite3_vfs_find(nullptr)}, vfs{*behind} {
        vfs.iVersion = std::min(vfs.iVersion, 2);  // what comes later replaces system calls
        vfs.pNext = nullptr;
        vfs.zName = own_name;
        vfs.szOsFile = static_cast<int>(sizeof(File)) + behind->szOsFile;
        vfs.pAppData = this;
        vfs.xOpen = on_open;
        // The others are given the VFS that they belong to.
        vfs.xDelete = [](sqlite3_vfs* self, const char* name, int sync_folder) {
            return of(self).behind->xDelete(of(self).behind, name, sync_folder);
        };
        vfs.xAccess = [](sqlite3_vfs* self, const char* name, int flags, int* out) {
            return of(self).behind->xAccess(of(self).behind, name, flags, out);
        };
        vfs.xFullPathname = [](sqlite3_vfs* self, const char* name, int size, char* out) {
            return of(self).behind->xFullPathname(of(self).behind, name, size, out);
        };
        vfs.xDlOpen = [](sqlite3_vfs* self, const char* name) {
            return of(self).behind->xDlOpen(of(self).behind, name);
        };
        vfs.xDlError = [](sqlite3_vfs* self, int size, char* out) {
            of(self).behind->xDlError(of(self).behind, size, out);
        };
        vfs.xDlSym = [](sqlite3_vfs* self, void* library, const char* symbol) {
            return of(self).behind->xDlSym(of(self).behind, library, symbol);
        };
        vfs.xDlClose = [](sqlite3_vfs* self, void* library) {
            of(self).behind->xDlClose(of(self).behind, library);
        };
        vfs.xRandomness = [](sqlite3_vfs* self, int size, char* out) {
            return of(self).behind->xRandomness(of(self).behind, size, out);
        };
        vfs.xSleep = [](sqlite3_vfs* self, int microseconds) {
            return of(self).behind->xSleep(of(self).behind, microseconds);
        };
        vfs.xCurrentTime = [](sqlite3_vfs* self, double* out) {
            return of(self).behind->xCurrentTime(of(self).behind, out);
        };
        vfs.xGetLastError = [](sqlite3_vfs* self, int size, char* out) {
            return of(self).behind->xGetLastError(of(self).behind, size, out);
        };
        vfs.xCurrentTimeInt64 = [](sqlite3_vfs* self, sqlite3_int64* out) {
            return of(self).behind->xCurrentTimeInt64(of(self).behind, out);
        };
    }

    static Vfs& of(sqlite3_vfs* vfs) noexcept { return *static_cast<Vfs*>(vfs->pAppData); }

    static int on_open(sqlite3_vfs* self, const char* name, sqlite3_file* file, int flags,
                       int* out_flags) {
        Vfs& vfs = of(self);
        const bool is_first_database =
            (flags & SQLITE_OPEN_MAIN_DB) != 0 && !std::exchange(vfs.has_database, true);
        if (is_first_database) return vfs.open_database(name, file, flags, out_flags);
        if ((flags & SQLITE_OPEN_WAL) != 0) {
            sqlite3_file* const database = sqlite3_database_file_object(name);
            if (database->pMethods == &database_methods)
                return vfs.open_log(name, file, flags, out_flags, ours(database));
        }
        return vfs.behind->xOpen(vfs.behind, name, file, flags, out_flags);
    }

    File& make_file(sqlite3_file* file) const noexcept {
        std::memset(file, 0, static_cast<std::size_t>(vfs.szOsFile));
        File& made = *new (file) File{};
        made.real = reinterpret_cast<sqlite3_file*>(&made + 1);
        return made;
    }

    int open_database(const char* name, sqlite3_file* file, int flags, int* out_flags) const {
        File& made = make_file(file);
        const int code = behind->xOpen(behind, name, made.real, flags, out_flags);
        if (made.real->pMethods == nullptr) return code;
        if (code == SQLITE_OK && !can_buffer(made.real)) {
            made.real->pMethods->xClose(made.real);
            std::memset(file, 0, static_cast<std::size_t>(vfs.szOsFile));
            return behind->xOpen(behind, name, file, flags, out_flags);
        }
        made.base.pMethods = &database_methods;
        return code;
    }

    int open_log(const char* name, sqlite3_file* file, int flags, int* out_flags,
                 File& database) const try {
        File& made = make_file(file);
        auto tail = std::make_unique<Tail>();
        const int code = behind->xOpen(behind, name, made.real, flags, out_flags);
        if (made.real->pMethods == nullptr) return code;
        made.database = &database;
        made.tail = database.tail = tail.release();
        made.base.pMethods = &log_methods;
        return code;
    } catch (const std::bad_alloc&) {
        return SQLITE_NOMEM;
    }

    sqlite3_vfs* behind;
    sqlite3_vfs vfs;
    bool has_database = false;
};

LogBuffering::LogBuffering() {
    static std::atomic<std::uint64_t> count{0};
    name_ = fmt::format("lvng-log-buffering-{}", ++count);
    sqlite3_initialize();  // else there is no default one yet
    vfs_ = std::make_unique<Vfs>(name_.c_str());
    sqlite3_vfs_register(&vfs_->vfs, 0);
}

LogBuffering::~LogBuffering() {
    sqlite3_vfs_unregister(&vfs_->vfs);
}

}  // namespace lvng::crm::sqlite
