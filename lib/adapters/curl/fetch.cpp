#include "adapters/curl/fetch.hpp"

#include <lvng/crm/error.hpp>

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include <signal.h>

namespace lvng::crm::curl {

namespace {

struct FreeUrl {
    void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};
struct FreeHandle {
    void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
};
using Url = std::unique_ptr<CURLU, FreeUrl>;
using Handle = std::unique_ptr<CURL, FreeHandle>;

[[noreturn]] void fail(std::string why) {
    throw Error{ErrorCode::unavailable, std::move(why)};
}

Url parsed(std::string_view text) {
    Url url{curl_url()};
    const std::string copy{text};
    if (url && curl_url_set(url.get(), CURLUPART_URL, copy.c_str(), 0) != CURLUE_OK) url.reset();
    return url;
}

std::optional<std::string> part_of(const Url& url, CURLUPart part) {
    char* text = nullptr;
    if (curl_url_get(url.get(), part, &text, 0) != CURLUE_OK) return std::nullopt;
    std::string copy{text};
    curl_free(text);
    return copy;
}

bool is_digits_and_dots(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

/// `127.0.0.1.example.org` is somebody else's machine. libcurl itself reads `localhost` as this
/// machine and nothing else.
bool is_loopback(std::string_view host) {
    return host == "localhost" || host == "[::1]" ||
           (host.starts_with("127.") && is_digits_and_dots(host));
}

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// The number behind `max-age=` in a `Cache-Control` line; nothing in any other line.
std::optional<std::chrono::seconds> max_age_of(std::string_view line) {
    std::string text{line};
    std::transform(text.begin(), text.end(), text.begin(), lower);
    constexpr std::string_view directive = "max-age=";
    if (!text.starts_with("cache-control:")) return std::nullopt;
    const std::size_t at = text.find(directive);
    if (at == std::string::npos) return std::nullopt;
    std::int32_t seconds = 0;
    const char* const first = text.data() + at + directive.size();
    const auto [end, error] = std::from_chars(first, text.data() + text.size(), seconds);
    if (error != std::errc{} || seconds < 0) return std::nullopt;
    return std::chrono::seconds{seconds};
}

/// What libcurl's callbacks write to.
struct Receiver {
    const Fetch* what;
    const std::stop_token* stop;
    Fetched fetched{};
    std::size_t head_bytes = 0;
    bool too_large = false;

    bool fits(std::size_t bytes) {
        too_large = too_large || bytes > what->max_bytes;
        return !too_large;
    }
};

std::size_t on_body(char* data, std::size_t, std::size_t length, void* receiver) {
    auto& to = *static_cast<Receiver*>(receiver);
    if (!to.fits(to.fetched.body.size() + length)) return 0;
    to.fetched.body.append(data, length);
    return length;
}

std::size_t on_header(char* data, std::size_t, std::size_t length, void* receiver) {
    auto& to = *static_cast<Receiver*>(receiver);
    if (!to.fits(to.head_bytes += length)) return 0;
    if (const auto max_age = max_age_of({data, length})) to.fetched.max_age = *max_age;
    return length;
}

int on_progress(void* receiver, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<Receiver*>(receiver)->stop->stop_requested() ? 1 : 0;
}

/// Keeps this thread from SIGPIPE, which would end a host that knows nothing of our connections:
/// OpenSSL writes to one that the other side has closed, and a libcurl that may not touch signal
/// handlers leaves that to its caller.
class WithoutBrokenPipes {
public:
    WithoutBrokenPipes() {
        sigemptyset(&broken_pipe_);
        sigaddset(&broken_pipe_, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &broken_pipe_, &before_);
    }
    ~WithoutBrokenPipes() {
        // One that has come must not be delivered now. It is this thread's own.
        const timespec at_once{};
        if (sigismember(&before_, SIGPIPE) == 0) sigtimedwait(&broken_pipe_, nullptr, &at_once);
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    WithoutBrokenPipes(const WithoutBrokenPipes&) = delete;
    WithoutBrokenPipes& operator=(const WithoutBrokenPipes&) = delete;

private:
    sigset_t broken_pipe_{};
    sigset_t before_{};
};

void start_once() {
    static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (started != CURLE_OK) throw Error{ErrorCode::internal, "libcurl does not start"};
}

template <class Value>
void set(const Handle& handle, CURLoption option, Value value) {
    if (curl_easy_setopt(handle.get(), option, value) != CURLE_OK) {
        throw Error{ErrorCode::internal,
                    fmt::format("libcurl lacks option {}", static_cast<int>(option))};
    }
}

void set_rules(const Handle& handle, const Fetch& what) {
    set(handle, CURLOPT_PROTOCOLS_STR, "https,http");
    set(handle, CURLOPT_FOLLOWLOCATION, 0L);
    set(handle, CURLOPT_NOSIGNAL, 1L);
    set(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(what.timeout.count()));
    set(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(handle, CURLOPT_SSL_VERIFYPEER, 1L);
    set(handle, CURLOPT_SSL_VERIFYHOST, 2L);
    if (!what.ca_file.empty()) set(handle, CURLOPT_CAINFO, what.ca_file.c_str());
    const std::optional<std::string> host = part_of(parsed(what.url), CURLUPART_HOST);
    // The way to this very machine never leads through a proxy.
    if (host && is_loopback(*host)) set(handle, CURLOPT_NOPROXY, "*");
}

}  // namespace

bool is_safe_url(std::string_view text) {
    start_once();
    const Url url = parsed(text);
    if (!url) return false;
    if (part_of(url, CURLUPART_USER) || part_of(url, CURLUPART_PASSWORD) ||
        part_of(url, CURLUPART_FRAGMENT)) {
        return false;
    }
    const std::optional<std::string> scheme = part_of(url, CURLUPART_SCHEME);
    const std::optional<std::string> host = part_of(url, CURLUPART_HOST);
    if (!scheme || !host || host->empty()) return false;
    return scheme == "https" || (scheme == "http" && is_loopback(*host));
}

Fetched fetch(const Fetch& what, const std::stop_token& stop) {
    start_once();
    const WithoutBrokenPipes quiet;
    const Handle handle{curl_easy_init()};
    if (!handle) throw Error{ErrorCode::internal, "libcurl makes no handle"};
    Receiver receiver{.what = &what, .stop = &stop};
    std::array<char, CURL_ERROR_SIZE> reason{};
    set_rules(handle, what);
    set(handle, CURLOPT_URL, what.url.c_str());
    set(handle, CURLOPT_ERRORBUFFER, reason.data());
    set(handle, CURLOPT_WRITEFUNCTION, &on_body);
    set(handle, CURLOPT_WRITEDATA, &receiver);
    set(handle, CURLOPT_HEADERFUNCTION, &on_header);
    set(handle, CURLOPT_HEADERDATA, &receiver);
    set(handle, CURLOPT_NOPROGRESS, 0L);
    set(handle, CURLOPT_XFERINFOFUNCTION, &on_progress);
    set(handle, CURLOPT_XFERINFODATA, &receiver);

    const CURLcode result = curl_easy_perform(handle.get());
    if (receiver.too_large) fail(fmt::format("sends more than {} bytes", what.max_bytes));
    if (result != CURLE_OK) {
        fail(fmt::format("cannot be fetched: {}",
                         reason.front() != '\0' ? reason.data() : curl_easy_strerror(result)));
    }
    long status = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) fail(fmt::format("answers {} instead of 200", status));
    return std::move(receiver.fetched);
}

}  // namespace lvng::crm::curl
