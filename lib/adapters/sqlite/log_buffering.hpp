#pragma once

#include <memory>
#include <string>

struct sqlite3_vfs;

namespace lvng::crm::sqlite {

/// A VFS in front of SQLite's default one that hands the frames of a commit to the system in large
/// pieces, where SQLite writes each page, and 24 bytes before it, by themselves.
///
/// For one connection that is `synchronous=full`: there nobody reads the frames of a commit before
/// the log is synced, and that is when they are written at the latest. Any other call on the log
/// writes them first, so that the file sees the same bytes in the same order. What is left when
/// the write lock is given back belongs to no commit, and is dropped before somebody else writes
/// in its place. Must outlive the connection.
class LogBuffering {
public:
    LogBuffering();
    LogBuffering(const LogBuffering&) = delete;
    LogBuffering& operator=(const LogBuffering&) = delete;
    ~LogBuffering();

    /// What `sqlite3_open_v2` knows it by.
    [[nodiscard]] const char* name() const noexcept { return name_.c_str(); }

private:
    std::string name_;
    std::unique_ptr<sqlite3_vfs> vfs_;
};

}  // namespace lvng::crm::sqlite
