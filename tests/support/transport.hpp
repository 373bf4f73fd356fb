#pragma once

#include "http/exchange.hpp"
#include "http/reply.hpp"
#include "http/request.hpp"

#include <memory>

namespace lvng::server::testing {

/// How a request of a test reaches the boundary: straight, or over a socket through one of the
/// fronts. Each test program links one of them.
class Transport {
public:
    /// The boundary must outlive it.
    explicit Transport(Boundary& boundary);
    ~Transport();
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;

    Reply send(const Request& request);

private:
    class Way;
    std::unique_ptr<Way> way_;
};

}  // namespace lvng::server::testing
