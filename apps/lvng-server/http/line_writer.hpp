#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace lvng::server {

/// Writes lines to a descriptor on a thread of its own, so that nobody waits for a slow pipe or
/// a full disk. At most 1 MiB waits; what comes on top is dropped and counted, and the count is
/// written as a line once there is room. Safe to share.
class LineWriter {
public:
    /// `descriptor` must stay open while this lives.
    explicit LineWriter(int descriptor);
    /// Waits up to a second for what is still queued.
    ~LineWriter();
    LineWriter(const LineWriter&) = delete;
    LineWriter& operator=(const LineWriter&) = delete;

    void write(std::string_view line);

private:
    void run();
    void write_out(std::string_view text);
    [[nodiscard]] bool out_of_time();

    int descriptor_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::string queue_;
    std::uint64_t dropped_ = 0;
    bool stopping_ = false;
    std::chrono::steady_clock::time_point give_up_{};
    std::thread thread_;
};

}  // namespace lvng::server
