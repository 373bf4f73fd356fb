#include "front/head_parser.hpp"
#include "fuzz/property.hpp"
#include "http/errors.hpp"
#include "http/head_rules.hpp"

#include <optional>
#include <string>

using fuzz::require;
using namespace lvng::server;

namespace {

constexpr SizeLimits limits{
    .request_line = 200, .header_value = 100, .header_name = 20, .header_count = 8, .headers = 400};

struct Found {
    std::optional<std::size_t> end{};
    bool refused = false;
};

/// What the scanner finds where `step` bytes arrive at a time.
Found scan(std::string_view text, std::size_t step) try {
    HeadScanner scanner;
    for (std::size_t size = 0; size < text.size();) {
        size = std::min(size + step, text.size());
        if (const auto end = scanner.find_end(text.substr(0, size), limits)) return {.end = end};
    }
    return {};
} catch (const Refusal&) {
    return {.refused = true};
}

/// The head as its parts say it was.
std::string written(const Request& request) {
    std::string out;
    for (const std::string_view part : {request.method, request.target, request.version}) {
        out += part;
        out += ' ';
    }
    out.back() = '\r';
    out += '\n';
    for (const HeaderField& field : request.headers) {
        out += field.name;
        out += ": ";
        out += field.value;
        out += "\r\n";
    }
    return out + "\r\n";
}

bool same(const Request& left, const Request& right) {
    return left.method == right.method && left.target == right.target &&
           left.version == right.version &&
           std::equal(left.headers.begin(), left.headers.end(), right.headers.begin(),
                      right.headers.end(), [](const HeaderField& a, const HeaderField& b) {
                          return a.name == b.name && a.value == b.value;
                      });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    const Found whole = scan(text, std::max<std::size_t>(size, 1));
    const Found slow = scan(text, 1);
    if (whole.end && slow.end) require(whole.end == slow.end, "a head ends in one place");
    if (slow.end) require(whole.end.has_value(), "a head that comes slowly is one at once too");
    if (whole.refused) require(slow.refused, "what is refused at once is refused slowly too");
    if (!whole.end) return 0;

    const std::string head{text.substr(0, *whole.end)};
    require(head.ends_with("\r\n\r\n"), "a head ends with an empty line");
    require(head.find("\r\n\r\n") == head.size() - 4, "and holds no other");
    Request request;
    try {
        split_head(head, request);
        check_head(request, limits);
    } catch (const Refusal&) {
        return 0;
    }
    require(request.headers.size() <= limits.header_count, "there are not too many headers");
    for (const char c : written(request)) require(c != '\0', "what is taken holds no U+0000");
    Request again;
    const std::string text_again = written(request);
    split_head(text_again, again);
    require(same(request, again), "what is taken means the same when it is written again");
    return 0;
}
