#include "support/transport.hpp"

namespace lvng::server::testing {

class Transport::Way {
public:
    explicit Way(Boundary& boundary) : boundary_{boundary} {}
    Reply send(const Request& request) { return boundary_.answer(request); }

private:
    Boundary& boundary_;
};

Transport::Transport(Boundary& boundary) : way_{std::make_unique<Way>(boundary)} {}
Transport::~Transport() = default;

Reply Transport::send(const Request& request) {
    return way_->send(request);
}

}  // namespace lvng::server::testing
