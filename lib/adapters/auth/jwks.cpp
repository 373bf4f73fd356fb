#include "adapters/auth/jwks.hpp"

#include "adapters/curl/fetch.hpp"

#include <lvng/crm/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <utility>

namespace lvng::crm::auth {

namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds longest_refresh = 24h;
// They hold threads of their host, and anybody can invent a kid to wait for.
constexpr int most_waiting = 4;

std::string read_file(const std::string& path, std::size_t max_bytes) {
    std::ifstream file{path, std::ios::binary};
    std::string text(max_bytes + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!file.eof() && !file) throw Error{ErrorCode::unavailable, "cannot be read"};
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > max_bytes) {
        throw Error{ErrorCode::unavailable, fmt::format("is larger than {} bytes", max_bytes)};
    }
    return text;
}

void refuse(bool wrong, std::string message) {
    if (wrong) throw Error{ErrorCode::invalid, std::move(message)};
}

}  // namespace

bool Jwks::is_url() const {
    return options_.source.find("://") != std::string::npos;
}

/// Without its query, which may be a password; no address has one elsewhere.
std::string_view Jwks::shown_source() const {
    const std::string_view source = options_.source;
    return is_url() ? source.substr(0, source.find('?')) : source;
}

Jwks::Jwks(JwksOptions options)
    : options_{std::move(options)}, next_pause_{std::min(options_.retry, options_.refresh)} {
    refuse(is_url() && !curl::is_safe_url(options_.source),
           "the address of the key set must be https://, or http:// on this machine, without "
           "user, password or fragment");
    refuse(options_.timeout <= 0ms || options_.refresh <= 0ms || options_.retry <= 0ms ||
               options_.pause < 0ms,
           "the timeout, refresh and retry of the key set must be above zero");
    if (is_url()) {
        load_and_note({});
    } else {
        // A file that is not there at the start is a mistake, not an outage.
        try {
            Loaded loaded = load({});
            next_load_ = steady_clock::now() + loaded.holds;
            set_ = std::make_shared<const KeySet>(std::move(loaded.set));
        } catch (const Error& error) {
            // Without the source, which its caller knows and may hold a password.
            refuse(true, fmt::format("the key set {}", error.message()));
        }
    }
    thread_ = std::jthread{[this](const std::stop_token& stop) { keep_fresh(stop); }};
}

// The thread ends first, and whoever still waits for it is let go.
Jwks::~Jwks() = default;

bool Jwks::is_signed(const Jws& jws) {
    std::shared_ptr<const KeySet> keys = set();
    const PublicKey* key = keys ? keys->find(jws.header.algorithm, jws.header.kid) : nullptr;
    if (key == nullptr && !jws.header.kid.empty()) {
        wait_for_newer_set();
        keys = set();
        key = keys ? keys->find(jws.header.algorithm, jws.header.kid) : nullptr;
    }
    if (!keys) throw Error{ErrorCode::unavailable, "the key set has not been fetched yet"};
    return key != nullptr && key->verify(jws.signing_input, jws.signature);
}

std::shared_ptr<const KeySet> Jwks::set() const {
    const std::lock_guard lock{mutex_};
    return set_;
}

void Jwks::wait_for_newer_set() {
    std::unique_lock lock{mutex_};
    if (!running_) {
        // Once in `pause` for all callers together: the kid is anybody's to invent.
        const Instant now = steady_clock::now();
        if (now < next_wish_) return;
        next_wish_ = now + options_.pause;
        running_ = true;
        wanted_now_.notify_one();
    }
    if (waiting_ == most_waiting) {
        throw Error{ErrorCode::unavailable,
                    "the key set is being fetched, and others wait for it",
                    {.retryable = true}};
    }
    ++waiting_;
    const std::uint64_t before = loads_;
    ended_.wait_for(lock, options_.timeout, [&] { return loads_ != before; });
    --waiting_;
}

void Jwks::keep_fresh(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        {
            std::unique_lock lock{mutex_};
            // A copy: the instant is looked at while the lock is open.
            const Instant until = next_load_;
            wanted_now_.wait_until(lock, stop, until, [this] { return running_; });
            if (stop.stop_requested()) return;
            running_ = true;
        }
        load_and_note(stop);
    }
}

void Jwks::load_and_note(const std::stop_token& stop) {
    std::string problem;
    try {
        Loaded loaded = load(stop);
        problem = fmt::format("{}", fmt::join(loaded.set.left_out(), ", "));
        auto set = std::make_shared<const KeySet>(std::move(loaded.set));
        const std::lock_guard lock{mutex_};
        // What was there lives on until the last who reads it is done.
        set_.swap(set);
        next_load_ = steady_clock::now() + loaded.holds;
        next_pause_ = std::min(options_.retry, options_.refresh);
    } catch (const std::exception& error) {
        problem = error.what();
        const std::lock_guard lock{mutex_};
        const Instant now = steady_clock::now();
        const Instant next = now + next_pause_;
        // Only a fetch that was due puts the next ones off: a caller's kid must not.
        const bool was_due = next_load_ <= now;
        if (was_due) next_pause_ = std::min(2 * next_pause_, options_.refresh);
        next_load_ = was_due ? next : std::min(next_load_, next);
    }
    if (!problem.empty() && !stop.stop_requested()) {
        report(fmt::format("the key set {} {}", shown_source(), problem));
    }
    const std::lock_guard lock{mutex_};
    running_ = false;
    ++loads_;
    ended_.notify_all();
}

Jwks::Loaded Jwks::load(const std::stop_token& stop) const {
    std::string text;
    milliseconds holds = options_.refresh;
    if (is_url()) {
        curl::Fetched fetched = curl::fetch({.url = options_.source,
                                             .timeout = options_.timeout,
                                             .max_bytes = options_.max_bytes,
                                             .ca_file = options_.ca_file},
                                            stop);
        text = std::move(fetched.body);
        holds = std::clamp<milliseconds>(fetched.max_age, holds, std::max(holds, longest_refresh));
    } else {
        text = read_file(options_.source, options_.max_bytes);
    }
    try {
        return {KeySet::parse(text), holds};
    } catch (const Error& error) {
        throw Error{error.code(), fmt::format("cannot be used: {}", error.message())};
    }
}

void Jwks::report(const std::string& problem) const {
    if (options_.on_problem) options_.on_problem(problem);
}

}  // namespace lvng::crm::auth
