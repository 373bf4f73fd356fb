#pragma once

#include <memory>
#include <string>

namespace lvng::crm::sqlite {

/// A VFS in front of SQLite's default one that hands the frames of a commit to the system in large
/// pieces, where SQLite writes each page, and 24 bytes before it, by themselves.
///
/// For one connection that is `synchronous=full`: there nobody reads the frames of a commit before
/// the log is synced, and that is when they are written at the latest. Any other call on the log
/// writes them first, so that the file sees the same bytes in the same order. What is left when
/// the write lock is given back belongs to no commit, and is dropped before somebody else writes
/// in its place.
///
/// Only the first database of the connection is buffered: nothing makes one that is attached
/// `full`. Nor is one on a device where SQLite pads a commit and syncs in the middle of it. Must
/// outlive the connection.
class LogBuffering {
public:
    LogBuffering();
    LogBuffering(const LogBuffering&) = delete;
    LogBuffering& operator=(const LogBuffering&) = delete;
    ~LogBuffering();

    /// What `sqlite3_open_v2` knows it by.
    [[nodiscard]] const char* name() const noexcept { return name_.c_str(); }

private:
    struct Vfs;
    std::string name_;
    std::unique_ptr<Vfs> vfs_;
};

}  // namespace lvng::crm::sqlite
