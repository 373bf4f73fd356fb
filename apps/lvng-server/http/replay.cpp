#include "http/replay.hpp"

#include "http/ascii.hpp"

#include <lvng/crm/error.hpp>
#include <lvng/crm/once.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <system_error>

namespace lvng::server {
namespace {

constexpr std::string_view key_header = "Idempotency-Key";
constexpr std::array<std::string_view, 2> kept_headers{"ETag", "Location"};

/// Takes the first line off the front of `text`.
std::string_view take_line(std::string_view& text) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) throw std::runtime_error{"a recorded answer is cut off"};
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
}

int status_of(std::string_view line) {
    int status = 0;
    const char* end = line.data() + line.size();
    const auto [stop, error] = std::from_chars(line.data(), end, status);
    if (error != std::errc{} || stop != end)
        throw std::runtime_error{"a recorded answer has no status"};
    return status;
}

}  // namespace

std::optional<std::string_view> idempotency_key(const Request& request) {
    const auto key = request.header(key_header);
    if (!key) return std::nullopt;
    const bool good = request.count(key_header) == 1 && !key->empty() &&
                      key->size() <= crm::RepeatableRequest::longest_key &&
                      std::all_of(key->begin(), key->end(), is_visible);
    if (!good)
        throw crm::invalid_fields(
            {{std::string{key_header}, "must be one key of 1 to 255 visible ASCII characters"}});
    return key;
}

// Lines, because no header holds a line feed; the body comes last, so it may.
std::string to_record(const Reply& reply) {
    std::string record = std::to_string(reply.status()) + '\n';
    for (const std::string_view name : kept_headers) {
        if (const std::string* value = reply.header(name)) record += *value;
        record += '\n';
    }
    return record += reply.body();
}

Reply reply_of(std::string_view record) {
    const int status = status_of(take_line(record));
    std::array<std::string_view, kept_headers.size()> values;
    for (std::string_view& value : values) value = take_line(record);
    Reply reply = json_reply(status, std::string{record});
    for (std::size_t i = 0; i < values.size(); ++i)
        if (!values[i].empty()) reply.set(kept_headers[i], std::string{values[i]});
    return reply;
}

}  // namespace lvng::server
