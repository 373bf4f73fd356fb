// A program with a window must not wait for a disk: calls run on a worker thread, their results
// come back to the window's loop as jobs.

#include <lvng/crm/crm.hpp>
#include <lvng/crm/sqlite.hpp>

#include <condition_variable>
#include <deque>
#include <functional>
#include <iostream>
#include <mutex>
#include <optional>
#include <thread>

using namespace lvng::crm;

namespace {

/// Jobs for one thread, taken in the order they came.
class JobQueue {
public:
    void post(std::function<void()> job) {
        {
            const std::scoped_lock lock{mutex_};
            jobs_.push_back(std::move(job));
        }
        posted_.notify_one();
    }

    /// Runs jobs until one of them calls `stop`.
    void run() {
        while (const auto job = next()) (*job)();
    }

    void stop() {
        post([this] { stopped_ = true; });
    }

private:
    std::optional<std::function<void()>> next() {
        std::unique_lock lock{mutex_};
        if (stopped_) return std::nullopt;
        posted_.wait(lock, [&] { return !jobs_.empty(); });
        std::function<void()> job = std::move(jobs_.front());
        jobs_.pop_front();
        return job;
    }

    std::mutex mutex_;
    std::condition_variable posted_;
    std::deque<std::function<void()>> jobs_;
    bool stopped_ = false;  // only the queue's own thread reads and writes it
};

/// What the window does: ask, go on drawing, show the answer when it comes.
class ContactWindow {
public:
    ContactWindow(Crm& crm, JobQueue& worker, JobQueue& window)
        : crm_{&crm}, worker_{&worker}, window_{&window} {}

    void add(const NewContact& draft) {
        worker_->post([this, draft] {
            try {
                const Contact made = crm_->contacts().create(ana_, draft);
                window_->post([made] { std::cout << "added " << made.name << '\n'; });
            } catch (const Error& error) {
                window_->post([text = std::string{error.what()}] { std::cout << text << '\n'; });
            }
        });
    }

    void close() {
        worker_->post([this] { window_->stop(); });
    }

private:
    Crm* crm_;
    JobQueue* worker_;
    JobQueue* window_;
    Principal ana_{.tenant = TenantId{"acme"}, .user = UserId{"usr_ana"}};
};

}  // namespace

int main() {
    // A call gives up by then where another writer keeps it waiting.
    Crm crm{sqlite_store({.path = ":memory:"}), Options{.timeout = std::chrono::seconds{2}}};
    JobQueue worker;
    JobQueue window;
    std::jthread worker_thread{[&] { worker.run(); }};

    ContactWindow contacts{crm, worker, window};
    contacts.add({.name = "Jane Smith", .email = "jane@acme.com"});
    contacts.add({.name = "", .email = "nobody"});
    contacts.close();
    std::cout << "the window draws\n";
    window.run();
    worker.stop();
}
