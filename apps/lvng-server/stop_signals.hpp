#pragma once

#include <signal.h>

namespace lvng::server {

/// SIGTERM and SIGINT, kept from every thread that is started afterwards. To be made before the
/// first of them, once in a program. SIGPIPE is ignored from then on: whoever writes to a closed
/// pipe or socket is told by the call itself.
class StopSignals {
public:
    StopSignals();
    /// Returns when the first one has come; the next one ends the process with 1 at once.
    void wait();

private:
    sigset_t set_{};
};

}  // namespace lvng::server
