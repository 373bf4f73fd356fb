#pragma once

#include <atomic>

namespace lvng::crm::test {

/// While it lives, every file that SQLite opens in this process is on a disk that can be told to
/// fail: a VFS in front of the system's. One at a time.
class FaultyDisk {
public:
    enum class Fault { io_error, full };

    FaultyDisk();
    FaultyDisk(const FaultyDisk&) = delete;
    FaultyDisk& operator=(const FaultyDisk&) = delete;
    ~FaultyDisk();

    /// The `number`-th call from now fails, and all after it where `persistent`.
    void fail_at(int number, bool persistent, Fault fault = Fault::io_error);
    void heal();
    /// How many calls came since `fail_at` or `heal`.
    [[nodiscard]] int calls() const;
    /// Whether a call has failed since `fail_at`.
    [[nodiscard]] bool has_failed() const;
};

}  // namespace lvng::crm::test
