#include "http/reply.hpp"

#include "http/ascii.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace lvng::server {
namespace {

template <class Fields>
auto find_field(Fields& fields, std::string_view name) {
    return std::find_if(fields.begin(), fields.end(),
                        [&](const Reply::Field& field) { return same_name(field.name, name); });
}

}  // namespace

void Reply::set(std::string_view literal_name, std::string value) {
    if (std::any_of(value.begin(), value.end(),
                    [](char c) { return c == '\r' || c == '\n' || c == '\0'; }))
        throw std::invalid_argument{"a header value must be one line"};
    const auto found = find_field(headers_, literal_name);
    if (found != headers_.end())
        found->value = std::move(value);
    else
        headers_.push_back({.name = literal_name, .value = std::move(value)});
}

void Reply::set_body(std::string content_type, std::string body) {
    set("Content-Type", std::move(content_type));
    body_ = std::move(body);
}

const std::string* Reply::header(std::string_view name) const noexcept {
    const auto found = find_field(headers_, name);
    return found == headers_.end() ? nullptr : &found->value;
}

Reply json_reply(int status, std::string json) {
    Reply reply{status};
    reply.set_body("application/json", std::move(json));
    return reply;
}

}  // namespace lvng::server
