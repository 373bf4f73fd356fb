#include <lvng/crm/sqlite.hpp>

#include "adapters/sqlite/connection.hpp"

#include <lvng/crm/error.hpp>

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <random>
#include <unistd.h>

namespace lvng::crm::inline v0 {
namespace {

Error failed(const std::string& path) {
    return {ErrorCode::unavailable, fmt::format("{}: {}", path, std::strerror(errno))};
}

/// Waits until what was written to a file, or a folder's entries, are on the disk.
void sync(const std::string& path, int flags) {
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
    if (descriptor < 0) throw failed(path);
    const bool synced = ::fsync(descriptor) == 0;
    const int reason = errno;
    ::close(descriptor);
    errno = reason;
    if (!synced) throw failed(path);
}

/// A file of our own beside the copy, gone again unless it became the copy. Its name is random:
/// another thread may be making the same copy, and a killed process of the same id may have left
/// a file behind.
class PartialCopy {
public:
    explicit PartialCopy(const std::string& copy) : path_{name_beside(copy)} {}
    PartialCopy(const PartialCopy&) = delete;
    PartialCopy& operator=(const PartialCopy&) = delete;
    ~PartialCopy() { ::unlink(path_.c_str()); }

    [[nodiscard]] const std::string& path() const { return path_; }

    /// A link, where a rename would write over a copy that somebody else has just made.
    void become(const std::string& copy) const {
        if (::link(path_.c_str(), copy.c_str()) == 0) return;
        if (errno != EEXIST) throw failed(copy);
        throw Error{ErrorCode::already_exists, fmt::format("{} exists", copy)};
    }

private:
    static std::string name_beside(const std::string& copy) {
        std::random_device random;
        return fmt::format("{}.{:08x}{:08x}.partial", copy, random(), random());
    }

    std::string path_;
};

}  // namespace

void back_up_sqlite(const SqliteBackup& backup) {
    std::vector<FieldError> fields;
    if (backup.path.empty()) fields.push_back({"path", "is required"});
    if (backup.copy.empty()) fields.push_back({"copy", "is required"});
    if (!fields.empty()) throw invalid_fields(std::move(fields));
    if (!std::filesystem::exists(backup.path)) {
        throw Error{ErrorCode::unavailable, fmt::format("{} does not exist", backup.path)};
    }
    if (std::filesystem::exists(backup.copy)) {
        throw Error{ErrorCode::already_exists, fmt::format("{} exists", backup.copy)};
    }
    const PartialCopy partial{backup.copy};
    {
        // The pages are copied in one reading transaction; the backup API would start again with
        // every write of another process.
        sqlite::Connection source{{.path = backup.path}, Deadline::max()};
        source.execute("vacuum into $1",
                       std::array<sql::Value, 1>{std::string_view{partial.path()}});
    }
    sync(partial.path(), O_RDONLY);
    partial.become(backup.copy);
    const std::filesystem::path folder = std::filesystem::path{backup.copy}.parent_path();
    sync(folder.empty() ? "." : folder.string(), O_RDONLY | O_DIRECTORY);
}

}  // namespace lvng::crm::inline v0
