#include "http/line_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include <errno.h>
#include <poll.h>
#include <unistd.h>

namespace lvng::server {
namespace {

constexpr std::size_t longest_queue = 1024 * 1024;
constexpr std::chrono::seconds patience{1};
// A pipe that poll() calls writable takes so much without blocking: PIPE_BUF of Linux.
constexpr std::size_t safe_write = 4096;
constexpr int poll_ms = 100;

}  // namespace

LineWriter::LineWriter(int descriptor) : descriptor_{descriptor}, thread_{[this] { run(); }} {}

LineWriter::~LineWriter() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
        give_up_ = std::chrono::steady_clock::now() + patience;
    }
    wake_.notify_one();
    thread_.join();
}

void LineWriter::write(std::string_view line) {
    {
        const std::lock_guard lock{mutex_};
        if (queue_.size() + line.size() > longest_queue) {
            ++dropped_;
            return;
        }
        queue_ += line;
    }
    wake_.notify_one();
}

void LineWriter::run() {
    std::string batch;
    while (true) {
        {
            std::unique_lock lock{mutex_};
            wake_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
            if (queue_.empty()) return;
            batch.clear();
            std::swap(batch, queue_);
            if (const auto dropped = std::exchange(dropped_, 0); dropped > 0)
                batch += fmt::format(R"({{"level":"error","message":"{} log lines dropped"}})"
                                     "\n",
                                     dropped);
        }
        write_out(batch);
        if (out_of_time()) return;
    }
}

void LineWriter::write_out(std::string_view text) {
    while (!text.empty() && !out_of_time()) {
        pollfd ready{.fd = descriptor_, .events = POLLOUT, .revents = 0};
        if (::poll(&ready, 1, poll_ms) == 0) continue;
        const auto written = ::write(descriptor_, text.data(), std::min(text.size(), safe_write));
        if (written > 0)
            text.remove_prefix(static_cast<std::size_t>(written));
        else if (errno != EINTR && errno != EAGAIN)
            return;  // nobody reads, or the disk is full: these lines are lost, the next may not be
    }
}

bool LineWriter::out_of_time() {
    const std::lock_guard lock{mutex_};
    return stopping_ && std::chrono::steady_clock::now() > give_up_;
}

}  // namespace lvng::server
