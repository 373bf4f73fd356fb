#include "adapters/sqlite/file_claim.hpp"

#include <lvng/crm/error.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <mutex>
#include <set>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lvng::crm::sqlite {
namespace {

/// The files that stores of this process have open, by device and inode: a path has spellings.
struct OpenFiles {
    std::mutex mutex;
    std::set<std::string> identities;
};

OpenFiles& open_files() {
    static OpenFiles files;
    return files;
}

std::string canonical(const std::string& path) {
    std::error_code why;
    std::string whole = std::filesystem::canonical(path, why);
    if (!why) return whole;
    throw Error{ErrorCode::unavailable, fmt::format("{}: {}", path, why.message())};
}

struct stat status_of(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0) return status;
    throw Error{ErrorCode::unavailable, fmt::format("{}: {}", path, std::strerror(errno))};
}

std::string identity_of(const struct stat& status) {
    return fmt::format("{}:{}", status.st_dev, status.st_ino);
}

/// Locks a file of its own beside the database: closing any descriptor of the database itself
/// would drop the locks that SQLite holds on it.
int lock_beside(const std::string& path) {
    const std::string lock_path = path + ".lock";
    const int lock = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0) {
        throw Error{ErrorCode::unavailable, fmt::format("{}: {}", lock_path, std::strerror(errno))};
    }
    if (::flock(lock, LOCK_EX | LOCK_NB) == 0) return lock;
    ::close(lock);
    throw Error{ErrorCode::conflict,
                fmt::format("{} is in use by another server or host process", path)};
}

}  // namespace

FileClaim::FileClaim(const std::string& path, bool exclusive)
    // One lock for all paths to it, symbolic links among them.
    : path_{canonical(path)}, identity_{identity_of(status_of(path_))} {
    OpenFiles& files = open_files();
    const std::scoped_lock lock{files.mutex};
    if (files.identities.contains(identity_)) {
        throw Error{ErrorCode::conflict, fmt::format("{} is already open in this process", path)};
    }
    if (exclusive) {
        if (status_of(path_).st_nlink > 1) {
            throw Error{ErrorCode::unavailable,
                        fmt::format("{} has a second name (a hard link), under which another "
                                    "server could open it",
                                    path)};
        }
        lock_ = lock_beside(path_);
    }
    files.identities.insert(identity_);
}

bool FileClaim::holds() const noexcept {
    struct stat status {};
    return ::stat(path_.c_str(), &status) == 0 && identity_ == identity_of(status);
}

FileClaim::~FileClaim() {
    OpenFiles& files = open_files();
    const std::scoped_lock lock{files.mutex};
    files.identities.erase(identity_);
    if (lock_ >= 0) ::close(lock_);
}

}  // namespace lvng::crm::sqlite
