#include "front/head_parser.hpp"

#include "http/ascii.hpp"
#include "http/errors.hpp"

#include <algorithm>

namespace lvng::server {
namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::size_t usual_headers = 16;

[[noreturn]] void refuse(const char* why) {
    throw Refusal{HttpError::bad_request, why};
}

/// The line at the front of `text`, without its end, which is taken off too.
std::string_view take_line(std::string_view& text) {
    const auto end = text.find(line_end);
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + line_end.size());
    return line;
}

constexpr bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t';
}

/// The form alone; which versions are spoken here is judged later.
bool is_version(std::string_view text) noexcept {
    return text.size() == 8 && text.starts_with("HTTP/") && is_digit(text[5]) && text[6] == '.' &&
           is_digit(text[7]);
}

void split_request_line(std::string_view line, Request& request) {
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == std::string_view::npos || first == last)
        refuse("the request line must be method, target and version");
    request.method = line.substr(0, first);
    request.target = line.substr(first + 1, last - first - 1);
    request.version = line.substr(last + 1);
    if (request.method.empty() || request.target.empty() ||
        request.target.find(' ') != std::string_view::npos)
        refuse("the request line must hold two single blanks");
    if (!is_version(request.version)) refuse("the request line must end with the version");
}

/// Whether others in the row of proxies could read another value than the trimmed one.
bool is_plain_framing(std::string_view value) noexcept {
    return value.find('\t') == std::string_view::npos && !value.ends_with(' ');
}

HeaderField split_header(std::string_view line) {
    if (is_blank(line.front())) refuse("a header must not go on in the next line");
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) refuse("a header line has no colon");
    const HeaderField field{.name = line.substr(0, colon), .value = line.substr(colon + 1)};
    const bool frames =
        same_name(field.name, "Content-Length") || same_name(field.name, "Transfer-Encoding");
    if (frames && !is_plain_framing(field.value)) refuse("the length of the body is not plain");
    return {.name = field.name, .value = trim_blanks(field.value)};
}

}  // namespace

std::optional<std::size_t> HeadScanner::find_end(std::string_view bytes, const SizeLimits& limits) {
    while (true) {
        const auto feed = bytes.find('\n', std::max(line_, seen_));
        if (feed == std::string_view::npos) break;
        const auto carriage = bytes.substr(line_, feed - line_).find('\r');
        if (carriage == std::string_view::npos || line_ + carriage + 1 != feed)
            refuse("a line must end with CR LF");
        const bool empty = feed == line_ + 1;
        line_ = feed + 1;
        if (empty && lines_ > 0) return line_;
        if (empty && request_end_ > 0) refuse("the request line is missing");
        if (lines_ == 0) request_end_ = line_;
        lines_ += empty ? 0 : 1;
    }
    check_unfinished(bytes, limits);
    return std::nullopt;
}

// A whole head is judged by `check_head`, in the order of the contract; here only what keeps an
// unfinished one from being waited for.
void HeadScanner::check_unfinished(std::string_view bytes, const SizeLimits& limits) {
    std::string_view fresh = bytes.substr(std::max(line_, seen_));
    if (fresh.ends_with('\r')) fresh.remove_suffix(1);  // its line feed may be the next byte
    if (std::any_of(fresh.begin(), fresh.end(), [](char c) { return is_control(c) && c != '\t'; }))
        refuse("a line holds a control character");
    seen_ = bytes.size() - (bytes.ends_with('\r') ? 1 : 0);
    const std::size_t line = bytes.size() - line_;
    constexpr std::size_t around = 3;  // two blanks, or colon and blank, and CR
    if (lines_ == 0) {
        if (line > limits.request_line + around) throw Refusal{HttpError::uri_too_long};
        return;
    }
    if (line > limits.header_name + limits.header_value + around ||
        bytes.size() - request_end_ > limits.headers || lines_ > limits.header_count + 1)
        throw Refusal{HttpError::headers_too_large};
}

void split_head(std::string_view head, Request& request) {
    if (head.starts_with(line_end)) head.remove_prefix(line_end.size());
    split_request_line(take_line(head), request);
    request.headers.clear();
    request.headers.reserve(usual_headers);
    while (head.size() > line_end.size()) request.headers.push_back(split_header(take_line(head)));
}

}  // namespace lvng::server
