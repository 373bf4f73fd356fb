#pragma once

#include <string>

namespace lvng::crm::sqlite {

/// This process's claim on a database file, given back on destruction.
///
/// Two stores on one file in one process would not see each other's write turns, so the second
/// is refused. An exclusive claim also keeps other processes' exclusive claims away.
class FileClaim {
public:
    /// The file must exist. Throws `conflict` naming the file and who has it, `unavailable` (it
    /// cannot be read, or an exclusive claim finds a second name of it, under which somebody
    /// could claim it too).
    FileClaim(const std::string& path, bool exclusive);
    FileClaim(const FileClaim&) = delete;
    FileClaim& operator=(const FileClaim&) = delete;
    ~FileClaim();

    /// Whether the path still leads to the file that was opened: what is written to one that was
    /// deleted or moved away is as good as lost.
    [[nodiscard]] bool holds() const noexcept;
    /// Absolute and without symbolic links: good wherever the host changes its folder to.
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    std::string path_;
    std::string identity_;
    int lock_ = -1;
};

}  // namespace lvng::crm::sqlite
