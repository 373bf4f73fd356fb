#pragma once

#include "front/front.hpp"
#include "settings.hpp"

namespace lvng::server {

/// What the settings want of the front.
Front::Options front_options(const Settings& settings);

/// What they want of the one that serves `/metrics` alone.
Front::Options metrics_front_options(const Settings& settings);

}  // namespace lvng::server
