#pragma once

#include "front/front.hpp"
#include "http/poco_handler.hpp"
#include "support/http_scenario.hpp"

#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/ThreadPool.h>

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <utility>

namespace lvng::server::testing {

/// Any host's HTTPServer with all routes mounted.
class HostServer {
public:
    explicit HostServer(Boundary::Options options = {},
                        std::chrono::milliseconds body_timeout = std::chrono::seconds{30})
        : app{std::move(options)} {
        socket_.bind(Poco::Net::SocketAddress{"127.0.0.1", 0}, true, false);
        socket_.listen();
        Poco::Net::HTTPServerParams::Ptr params = new Poco::Net::HTTPServerParams;
        params->setTimeout(Poco::Timespan{5, 0});
        auto* factory = new PocoHandlerFactory{app.boundary(), {.body_timeout = body_timeout}};
        server_ = std::make_unique<Poco::Net::HTTPServer>(factory, threads_, socket_, params);
        server_->start();
    }
    ~HostServer() {
        server_->stopAll(true);
        threads_.joinAll();  // a handler may still be saying goodbye, and uses the app
    }

    [[nodiscard]] Poco::Net::SocketAddress address() const { return socket_.address(); }

    TestServer app;

private:
    Poco::ThreadPool threads_{2, 64};
    Poco::Net::ServerSocket socket_;
    std::unique_ptr<Poco::Net::HTTPServer> server_;
};

/// The server's own front.
class FrontServer {
public:
    explicit FrontServer(Boundary::Options options = {},
                         std::chrono::milliseconds body_timeout = std::chrono::seconds{30})
        : FrontServer{std::move(options),
                      {.crew = {.active = 2, .reserve = 4}, .timeouts = {.body = body_timeout}}} {}
    FrontServer(Boundary::Options options, const Front::Options& front_options)
        : app{std::move(options)}, front{app.boundary(), bound_socket("127.0.0.1", 0),
                                         front_options} {
        front.start();
    }

    [[nodiscard]] Poco::Net::SocketAddress address() const {
        return Poco::Net::SocketAddress{front.url().substr(7)};
    }

    TestServer app;
    Front front;
};

}  // namespace lvng::server::testing

TYPE_TO_STRING(lvng::server::testing::HostServer);
TYPE_TO_STRING(lvng::server::testing::FrontServer);
