#include "http/poco_handler.hpp"
#include "support/transport.hpp"
#include "support/wire.hpp"

#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/ThreadPool.h>

namespace lvng::server::testing {

class Transport::Way {
public:
    explicit Way(Boundary& boundary) : boundary_{boundary} {
        socket_.bind(Poco::Net::SocketAddress{"127.0.0.1", 0}, true, false);
        socket_.listen();
        Poco::Net::HTTPServerParams::Ptr params = new Poco::Net::HTTPServerParams;
        params->setMaxKeepAliveRequests(0);
        server_ = std::make_unique<Poco::Net::HTTPServer>(new PocoHandlerFactory{boundary_},
                                                          threads_, socket_, params);
        server_->start();
        wire_.emplace(socket_.address());
    }
    ~Way() {
        wire_.reset();
        server_->stopAll(true);
        threads_.joinAll();
    }
    Reply send(const Request& request) { return wire_->send(request); }

private:
    Boundary& boundary_;
    Poco::ThreadPool threads_{2, 4};
    Poco::Net::ServerSocket socket_;
    std::unique_ptr<Poco::Net::HTTPServer> server_;
    std::optional<Wire> wire_;
};

Transport::Transport(Boundary& boundary) : way_{std::make_unique<Way>(boundary)} {}
Transport::~Transport() = default;

Reply Transport::send(const Request& request) {
    return way_->send(request);
}

}  // namespace lvng::server::testing
