#include "front/front.hpp"
#include "support/transport.hpp"
#include "support/wire.hpp"

namespace lvng::server::testing {

class Transport::Way {
public:
    explicit Way(Boundary& boundary)
        : front_{boundary, bound_socket("127.0.0.1", 0), {.crew = {.active = 1, .reserve = 1}}} {
        front_.start();
    }
    Reply send(const Request& request) { return wire_.send(request); }

private:
    Front front_;
    Wire wire_{Poco::Net::SocketAddress{front_.url().substr(7)}};
};

Transport::Transport(Boundary& boundary) : way_{std::make_unique<Way>(boundary)} {}
Transport::~Transport() = default;

Reply Transport::send(const Request& request) {
    return way_->send(request);
}

}  // namespace lvng::server::testing
