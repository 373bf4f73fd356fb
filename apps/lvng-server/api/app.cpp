#include "api/app.hpp"

#include "api/routes.hpp"

#include <utility>

namespace lvng::server {

App::App(const Parts& parts, Boundary::Options options)
    : readiness_{parts.crm}, boundary_{Router{routes(parts.crm, readiness_)},
                                       {.crm = parts.crm,
                                        .verifier = parts.verifier,
                                        .clock = parts.clock,
                                        .log = parts.log},
                                       std::move(options)} {}

}  // namespace lvng::server
