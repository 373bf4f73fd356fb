#pragma once

#include <string>

namespace lvng::crm::sqlite {

/// This process's claim on a database file, given back on destruction.
///
/// Two stores on one file in one process would not see each other's write turns, so the second
/// is refused. An exclusive claim also keeps other processes' exclusive claims away.
class FileClaim {
public:
    /// The file must exist. Throws `conflict` naming the file and who has it, `unavailable`.
    FileClaim(const std::string& path, bool exclusive);
    FileClaim(const FileClaim&) = delete;
    FileClaim& operator=(const FileClaim&) = delete;
    ~FileClaim();

private:
    std::string identity_;
    int lock_ = -1;
};

}  // namespace lvng::crm::sqlite
