#pragma once

#include "http/router.hpp"

#include <lvng/crm/condition.hpp>

#include <string>

namespace lvng::server {

/// What the caller's `If-Match` asks of an object whose tag is `tag_of(object)`. The call must
/// outlive it.
template <class Value>
crm::Condition<Value> condition(const Call& call, std::string (*tag_of)(const Value&)) {
    if (!call.if_match) return {};
    return [&tags = *call.if_match, tag_of](const Value& value) {
        return tags.fit_strongly(tag_of(value));
    };
}

}  // namespace lvng::server
