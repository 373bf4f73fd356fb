#pragma once

#include "http/exchange.hpp"

#include <Poco/Net/HTTPRequestHandlerFactory.h>

#include <chrono>

namespace lvng::server {

/// Mounts every route in any `Poco::Net::HTTPServer`.
///
/// Poco has read the head by then, so what it repairs in silence cannot be refused here: what is
/// still seen (two lengths, both framings, two hosts) is. A connection owns a thread of the
/// server, an idle one too: give it a thread pool as large as the connections it shall have.
/// After a chunked body the connection closes, because Poco's reader takes chunks that it should
/// refuse. Safe to share; the boundary must outlive it.
class PocoHandlerFactory final : public Poco::Net::HTTPRequestHandlerFactory {
public:
    struct Options {
        std::chrono::milliseconds body_timeout{30'000};   ///< for a whole body
        std::chrono::milliseconds write_timeout{10'000};  ///< without progress
    };

    explicit PocoHandlerFactory(Boundary& boundary) : PocoHandlerFactory{boundary, Options{}} {}
    PocoHandlerFactory(Boundary& boundary, const Options& options)
        : boundary_{boundary}, options_{options} {}

    Poco::Net::HTTPRequestHandler*
    createRequestHandler(const Poco::Net::HTTPServerRequest& request) override;

private:
    Boundary& boundary_;
    Options options_;
};

}  // namespace lvng::server
