#include "support/faulty_disk.hpp"

#include <sqlite3.h>

#include <cstring>
#include <new>

namespace lvng::crm::test {
namespace {

// SQLite hands its callbacks no pointer of ours, so what they share is here.
struct Disk {
    std::atomic<int> calls{0};
    std::atomic<int> failing_call{0};  // 0: none
    std::atomic<bool> persistent{false};
    std::atomic<bool> failed{false};
    std::atomic<FaultyDisk::Fault> fault{FaultyDisk::Fault::io_error};
    sqlite3_vfs* real = nullptr;
    sqlite3_vfs vfs{};
};
Disk disk;

/// Counts a call; whether it is one that fails.
bool fails() {
    const int call = ++disk.calls;
    const int failing = disk.failing_call;
    const bool now = failing != 0 && (call == failing || (disk.persistent && call > failing));
    if (now) disk.failed = true;
    return now;
}

int code_for(int io_error, bool writes) {
    return writes && disk.fault == FaultyDisk::Fault::full ? SQLITE_FULL : io_error;
}

struct File {
    sqlite3_file base;
    sqlite3_file* real;  // behind this struct, in the same piece of memory
};

sqlite3_file* real(sqlite3_file* file) {
    return reinterpret_cast<File*>(file)->real;
}

int on_close(sqlite3_file* file) {
    sqlite3_file* behind = real(file);
    return behind->pMethods ? behind->pMethods->xClose(behind) : SQLITE_OK;
}
int on_read(sqlite3_file* file, void* to, int amount, sqlite3_int64 offset) {
    if (disk.fault == FaultyDisk::Fault::io_error && fails()) return SQLITE_IOERR_READ;
    return real(file)->pMethods->xRead(real(file), to, amount, offset);
}
int on_write(sqlite3_file* file, const void* from, int amount, sqlite3_int64 offset) {
    if (fails()) return code_for(SQLITE_IOERR_WRITE, true);
    return real(file)->pMethods->xWrite(real(file), from, amount, offset);
}
int on_truncate(sqlite3_file* file, sqlite3_int64 size) {
    if (fails()) return code_for(SQLITE_IOERR_TRUNCATE, true);
    return real(file)->pMethods->xTruncate(real(file), size);
}
int on_sync(sqlite3_file* file, int flags) {
    if (fails()) return code_for(SQLITE_IOERR_FSYNC, true);
    return real(file)->pMethods->xSync(real(file), flags);
}
int on_file_size(sqlite3_file* file, sqlite3_int64* size) {
    if (disk.fault == FaultyDisk::Fault::io_error && fails()) return SQLITE_IOERR_FSTAT;
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
    if (fails()) return code_for(SQLITE_IOERR_SHMMAP, extend != 0);
    return real(file)->pMethods->xShmMap(real(file), region, size, extend, out);
}
int on_shm_lock(sqlite3_file* file, int offset, int count, int flags) {
    return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}
void on_shm_barrier(sqlite3_file* file) {
    real(file)->pMethods->xShmBarrier(real(file));
}
int on_shm_unmap(sqlite3_file* file, int remove) {
    return real(file)->pMethods->xShmUnmap(real(file), remove);
}

const sqlite3_io_methods methods{2,
                                 on_close,
                                 on_read,
                                 on_write,
                                 on_truncate,
                                 on_sync,
                                 on_file_size,
                                 on_lock,
                                 on_unlock,
                                 on_check_reserved,
                                 on_control,
                                 on_sector_size,
                                 on_characteristics,
                                 on_shm_map,
                                 on_shm_lock,
                                 on_shm_barrier,
                                 on_shm_unmap,
                                 nullptr,
                                 nullptr};

int on_open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    auto* ours = new (file) File{};
    ours->real = reinterpret_cast<sqlite3_file*>(ours + 1);
    std::memset(ours->real, 0, static_cast<std::size_t>(disk.real->szOsFile));
    if (fails()) return SQLITE_CANTOPEN;
    const int code = disk.real->xOpen(disk.real, name, ours->real, flags, out_flags);
    if (ours->real->pMethods) ours->base.pMethods = &methods;
    return code;
}
int on_delete(sqlite3_vfs*, const char* name, int sync_folder) {
    if (fails()) return SQLITE_IOERR_DELETE;
    return disk.real->xDelete(disk.real, name, sync_folder);
}

void reset() {
    disk.calls = 0;
    disk.failing_call = 0;
    disk.failed = false;
}

}  // namespace

FaultyDisk::FaultyDisk() {
    disk.real = sqlite3_vfs_find(nullptr);
    disk.vfs = *disk.real;
    disk.vfs.zName = "faulty";
    disk.vfs.szOsFile = static_cast<int>(sizeof(File)) + disk.real->szOsFile;
    disk.vfs.xOpen = on_open;
    disk.vfs.xDelete = on_delete;
    reset();
    sqlite3_vfs_register(&disk.vfs, 1);
}

FaultyDisk::~FaultyDisk() {
    sqlite3_vfs_unregister(&disk.vfs);
    sqlite3_vfs_register(disk.real, 1);
}

void FaultyDisk::fail_at(int number, bool persistent, Fault fault) {
    reset();
    disk.persistent = persistent;
    disk.fault = fault;
    disk.failing_call = number;
}
void FaultyDisk::heal() {
    reset();
}
int FaultyDisk::calls() const {
    return disk.calls;
}
bool FaultyDisk::has_failed() const {
    return disk.failed;
}

}  // namespace lvng::crm::test
