#pragma once

#include "support/migrating.hpp"

#include <array>
#include <doctest/doctest.h>
#include <unistd.h>

namespace lvng::crm::test {

/// A process that waits until it is told to do its work. To be made before this process opens what
/// both of them use: SQLite's handles do not survive a fork.
class OtherProcess {
public:
    template <class Work>
    explicit OtherProcess(Work work) {
        REQUIRE(::pipe(ends_.data()) == 0);
        child_ = start_process([&] {
            ::close(ends_[1]);
            char word = 0;
            if (::read(ends_[0], &word, 1) == 1) work();
        });
        ::close(ends_[0]);
    }
    OtherProcess(const OtherProcess&) = delete;
    OtherProcess& operator=(const OtherProcess&) = delete;
    ~OtherProcess() {
        if (child_ != 0) end();
    }

    /// Lets it work, and returns its exit status when it has ended: 0 where nothing was thrown.
    int run() {
        REQUIRE(::write(ends_[1], "!", 1) == 1);
        return end();
    }

private:
    int end() {
        ::close(ends_[1]);
        const int status = wait_for(child_);
        child_ = 0;
        return status;
    }

    std::array<int, 2> ends_{};
    pid_t child_ = 0;
};

}  // namespace lvng::crm::test
