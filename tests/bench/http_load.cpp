// Sends one request again and again on keep-alive connections and says how many answers came, how
// long they took, and what the server's process spent on each.
//
//     http-load PORT PID CONNECTIONS SECONDS < REQUEST
//
// PID 0 asks for no process. Ends with 1 where an answer is none, or not the first one's status.

#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using std::chrono::steady_clock;

struct Asker {
    Poco::Net::StreamSocket socket{};
    steady_clock::time_point asked{};
    std::string answer{};
};

/// Seconds of user and system time that a process has used.
double cpu_seconds(int pid) {
    if (pid == 0) return 0;
    std::ifstream file{fmt::format("/proc/{}/stat", pid)};
    std::string text{std::istreambuf_iterator<char>{file}, {}};
    text.erase(0, text.rfind(')') + 1);  // the name may hold anything
    std::string field;
    double ticks = 0;
    std::size_t place = 3;
    std::size_t begin = 1;
    for (; place <= 15 && begin < text.size(); ++place) {
        const auto end = text.find(' ', begin);
        if (place >= 14) ticks += std::stod(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

/// Whether the answer is whole, by its Content-Length.
bool is_whole(const std::string& answer) {
    const auto end = answer.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    auto at = answer.find("Content-Length: ");
    if (at > end) at = answer.find("content-length: ");
    if (at > end) throw std::runtime_error{"an answer has no length"};
    std::size_t length = 0;
    std::from_chars(answer.data() + at + 16, answer.data() + end, length);
    return answer.size() >= end + 4 + length;
}

void ask(Asker& asker, const std::string& request) {
    asker.answer.clear();
    asker.asked = steady_clock::now();
    if (::send(asker.socket.impl()->sockfd(), request.data(), request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request.size()))
        throw std::runtime_error{"a request could not be sent"};
}

void connect(Asker& asker, std::uint16_t port, int epoll) {
    asker.socket = Poco::Net::StreamSocket{Poco::Net::SocketAddress{"127.0.0.1", port}};
    asker.socket.setNoDelay(true);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &asker;
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, asker.socket.impl()->sockfd(), &event);
}

int run(std::uint16_t port, int pid, std::size_t connections, int seconds) {
    const std::string request{std::istreambuf_iterator<char>{std::cin}, {}};
    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    std::vector<Asker> askers(connections);
    for (Asker& asker : askers) connect(asker, port, epoll);
    const double cpu_before = cpu_seconds(pid);
    const auto started = steady_clock::now();
    const auto end = started + std::chrono::seconds{seconds};
    for (Asker& asker : askers) ask(asker, request);
    std::string status;
    std::vector<double> milliseconds;
    std::array<epoll_event, 64> events{};
    std::array<char, 64 * 1024> buffer{};
    while (steady_clock::now() < end) {
        const int count = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), 100);
        for (int i = 0; i < count; ++i) {
            Asker& asker = *static_cast<Asker*>(events[static_cast<std::size_t>(i)].data.ptr);
            const ssize_t size =
                ::recv(asker.socket.impl()->sockfd(), buffer.data(), buffer.size(), 0);
            if (size <= 0) throw std::runtime_error{"the server closed a connection"};
            asker.answer.append(buffer.data(), static_cast<std::size_t>(size));
            if (!is_whole(asker.answer)) continue;
            const std::chrono::duration<double, std::milli> took =
                steady_clock::now() - asker.asked;
            milliseconds.push_back(took.count());
            if (status.empty()) status = asker.answer.substr(0, 12);
            if (!asker.answer.starts_with(status))
                throw std::runtime_error{"another status: " + asker.answer.substr(0, 200)};
            // A server takes only so many requests on one connection.
            if (asker.answer.find("\r\nConnection: close\r\n") != std::string::npos)
                connect(asker, port, epoll);
            ask(asker, request);
        }
    }
    const std::chrono::duration<double> took = steady_clock::now() - started;
    const double cpu = cpu_seconds(pid) - cpu_before;
    const auto answers = static_cast<double>(milliseconds.size());
    std::sort(milliseconds.begin(), milliseconds.end());
    const auto part = [&](double share) {
        return milliseconds.empty() ? 0
                                    : milliseconds[static_cast<std::size_t>(share * (answers - 1))];
    };
    fmt::print("{}: {:.0f} requests/s, {:.1f} us of CPU each, p50 {:.3f} ms, p99 {:.3f} ms\n",
               status, answers / took.count(), cpu * 1e6 / std::max(answers, 1.0), part(0.5),
               part(0.99));
    return EXIT_SUCCESS;
}

}  // namespace

int main(int count, char** arguments) try {
    if (count != 5) throw std::runtime_error{"usage: http-load PORT PID CONNECTIONS SECONDS"};
    return run(static_cast<std::uint16_t>(std::stoi(arguments[1])), std::stoi(arguments[2]),
               static_cast<std::size_t>(std::stoi(arguments[3])), std::stoi(arguments[4]));
} catch (const std::exception& error) {
    std::cerr << "http-load: " << error.what() << '\n';
    return EXIT_FAILURE;
}
