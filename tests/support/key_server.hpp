#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

/// A small HTTP server of the tests, on a loopback port of its own: one connection at a time, each
/// answered with the bytes that were set last.
namespace key_server {

inline std::string ok(std::string_view body, std::string_view more_headers = "") {
    return fmt::format("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
                       "Content-Length: {}\r\n{}\r\n{}",
                       body.size(), more_headers, body);
}

/// A key and a certificate for `localhost` that it has signed itself.
class Certificate {
public:
    Certificate() : key_{EVP_EC_gen("P-256")}, certificate_{X509_new()} {
        ASN1_INTEGER_set(X509_get_serialNumber(certificate_), 1);
        X509_gmtime_adj(X509_getm_notBefore(certificate_), -60);
        X509_gmtime_adj(X509_getm_notAfter(certificate_), 3600);
        X509_set_version(certificate_, 2);
        X509_set_pubkey(certificate_, key_);
        X509_NAME* const name = X509_get_subject_name(certificate_);
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
        X509_set_issuer_name(certificate_, name);
        add(NID_subject_alt_name, "DNS:localhost");
        add(NID_basic_constraints, "critical,CA:TRUE");
        REQUIRE(X509_sign(certificate_, key_, EVP_sha256()) > 0);
    }
    ~Certificate() {
        X509_free(certificate_);
        EVP_PKEY_free(key_);
    }
    Certificate(const Certificate&) = delete;
    Certificate& operator=(const Certificate&) = delete;

    void write_to(const std::string& path) const {
        FILE* const file = std::fopen(path.c_str(), "w");
        REQUIRE(file != nullptr);
        PEM_write_X509(file, certificate_);
        std::fclose(file);
    }
    [[nodiscard]] EVP_PKEY* key() const noexcept { return key_; }
    [[nodiscard]] X509* native() const noexcept { return certificate_; }

private:
    void add(int kind, const char* value) {
        X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value);
        REQUIRE(extension != nullptr);
        X509_add_ext(certificate_, extension, -1);
        X509_EXTENSION_free(extension);
    }

    EVP_PKEY* key_;
    X509* certificate_;
};

class KeyServer {
public:
    /// Speaks TLS with `certificate`, which must outlive it, or none.
    explicit KeyServer(std::string answer, const Certificate* certificate = nullptr)
        : answer_{std::move(answer)}, listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        REQUIRE(::bind(listener_, generic, length) == 0);
        REQUIRE(::listen(listener_, 64) == 0);
        REQUIRE(::getsockname(listener_, generic, &length) == 0);
        port_ = ntohs(address.sin_port);
        if (certificate != nullptr) {
            tls_ = SSL_CTX_new(TLS_server_method());
            SSL_CTX_use_certificate(tls_, certificate->native());
            SSL_CTX_use_PrivateKey(tls_, certificate->key());
        }
        thread_ = std::thread{[this] { serve(); }};
    }
    ~KeyServer() {
        stall(false);
        ::shutdown(listener_, SHUT_RDWR);  // ends the accept
        thread_.join();
        ::close(listener_);
        SSL_CTX_free(tls_);
    }
    KeyServer(const KeyServer&) = delete;
    KeyServer& operator=(const KeyServer&) = delete;

    [[nodiscard]] std::string url() const {
        return fmt::format("{}://localhost:{}/keys", tls_ != nullptr ? "https" : "http", port_);
    }
    void set(std::string answer) {
        const std::lock_guard lock{mutex_};
        answer_ = std::move(answer);
    }
    /// While it stalls it takes requests and answers none.
    void stall(bool on) {
        const std::lock_guard lock{mutex_};
        stalled_ = on;
        changed_.notify_all();
    }
    [[nodiscard]] int requests() const {
        const std::lock_guard lock{mutex_};
        return requests_;
    }
    /// Waits until that many requests have come in all; false where they don't.
    [[nodiscard]] bool wait_for_requests(int count) const {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, std::chrono::seconds{20},
                                 [&] { return requests_ >= count; });
    }

private:
    void serve() {
        // OpenSSL writes to clients that have gone.
        sigset_t broken_pipe;
        sigemptyset(&broken_pipe);
        sigaddset(&broken_pipe, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
        for (;;) {
            const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (client < 0) return;
            SSL* const tls = tls_ != nullptr ? SSL_new(tls_) : nullptr;
            if (tls != nullptr) SSL_set_fd(tls, client);
            if (tls == nullptr || SSL_accept(tls) == 1) answer(client, tls);
            SSL_free(tls);
            ::close(client);
        }
    }

    void answer(int client, SSL* tls) {
        std::string head;
        while (head.find("\r\n\r\n") == std::string::npos) {
            char bytes[1024];
            const auto count = tls != nullptr ? SSL_read(tls, bytes, sizeof bytes)
                                              : ::recv(client, bytes, sizeof bytes, 0);
            if (count <= 0) return;
            head.append(bytes, static_cast<std::size_t>(count));
        }
        std::unique_lock lock{mutex_};
        ++requests_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return !stalled_; });
        const std::string text = answer_;
        lock.unlock();
        std::size_t sent = 0;
        while (sent < text.size()) {
            const std::size_t left = text.size() - sent;
            const auto count = tls != nullptr
                                   ? SSL_write(tls, text.data() + sent, static_cast<int>(left))
                                   : ::send(client, text.data() + sent, left, MSG_NOSIGNAL);
            if (count <= 0) return;
            sent += static_cast<std::size_t>(count);
        }
        if (tls != nullptr) SSL_shutdown(tls);
    }

    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::string answer_;
    bool stalled_ = false;
    int requests_ = 0;
    int listener_;
    std::uint16_t port_ = 0;
    SSL_CTX* tls_ = nullptr;
    std::thread thread_;
};

}  // namespace key_server
