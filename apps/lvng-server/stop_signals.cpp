#include "stop_signals.hpp"

#include <signal.h>
#include <unistd.h>

namespace lvng::server {

StopSignals::StopSignals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
}

void StopSignals::wait() {
    int first = 0;
    while (sigwait(&set_, &first) != 0) {
    }
    const auto end = [](int) { ::_exit(1); };
    ::signal(SIGTERM, end);
    ::signal(SIGINT, end);
    pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);
}

}  // namespace lvng::server
