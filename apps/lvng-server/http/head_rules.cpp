#include "http/head_rules.hpp"

#include "http/ascii.hpp"
#include "http/errors.hpp"
#include "http/percent.hpp"

#include <algorithm>
#include <charconv>

namespace lvng::server {
namespace {

constexpr std::size_t longest_method = 32;

[[noreturn]] void refuse(const char* why) {
    throw Refusal{HttpError::bad_request, why};
}

void check_method(const Request& request) {
    if (!is_token(request.method)) refuse("the method is no token");
    if (request.method.size() > longest_method) refuse("the method is too long");
    if (request.method == "CONNECT") refuse("this is no proxy");
}

void check_version(const Request& request) {
    if (request.version == "HTTP/1.1" || request.version == "HTTP/1.0") return;
    throw Refusal{HttpError::http_version};
}

/// Of an address of IP version 6.
constexpr bool is_literal_byte(char c) noexcept {
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f') || c == ':' || c == '.';
}

/// `host` or `host:port`, also `[::1]:8080`. Source: RFC 3986, section 3.2.
bool is_authority(std::string_view text) noexcept {
    static constexpr ByteSet name_bytes{"-._~!$&'()*+,;=%"};
    std::string_view port;
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos || end < 3) return false;
        const std::string_view literal = text.substr(1, end - 1);
        if (!std::all_of(literal.begin(), literal.end(), is_literal_byte)) return false;
        port = text.substr(end + 1);
    } else {
        const auto end = std::min(text.find(':'), text.size());
        if (end == 0 || !name_bytes.holds_all(text.substr(0, end))) return false;
        port = text.substr(end);
    }
    if (port.empty()) return true;
    port.remove_prefix(1);
    return text[text.size() - port.size() - 1] == ':' && port.size() <= 5 &&
           std::all_of(port.begin(), port.end(), is_digit);
}

void check_target(const Request& request) {
    const std::string_view target = request.target;
    const bool clean =
        std::all_of(target.begin(), target.end(), [](char c) { return is_visible(c) && c != '#'; });
    if (!clean) refuse("the request target holds a byte that must be escaped");
    if (target == "*" && request.method == "OPTIONS") return;
    if (!target.starts_with('/') && !target.starts_with("http://") &&
        !target.starts_with("https://"))
        refuse("the request target must be a path");
    if (!target.starts_with('/')) {
        const std::string_view rest = target.substr(target.find("://") + 3);
        if (!is_authority(rest.substr(0, rest.find_first_of("/?"))))
            refuse("the request target names no host");
    }
    // A broken escape in the query is a broken parameter, not a broken request.
    if (!has_good_escapes(target.substr(0, target.find('?'))))
        refuse("the path holds a broken escape");
}

void check_headers(const Request& request) {
    for (const HeaderField& field : request.headers) {
        if (!is_token(field.name)) refuse("a header name is no token");
        if (std::any_of(field.value.begin(), field.value.end(),
                        [](char c) { return is_control(c) && c != '\t'; }))
            refuse("a header value holds a control character");
    }
}

void check_host(const Request& request) {
    const std::size_t hosts = request.count("Host");
    if (hosts > 1) refuse("Host must be given once");
    if (hosts == 0 && request.version == "HTTP/1.1") refuse("Host is missing");
    if (hosts == 1 && !is_authority(*request.header("Host"))) refuse("Host is no host");
}

std::uint64_t content_length(std::string_view text) {
    std::int64_t length = 0;  // 63 bits, as others in the row of proxies count
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, length);
    const bool digits = !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
    if (!digits || error != std::errc{} || stop != end) refuse("Content-Length is no number");
    return static_cast<std::uint64_t>(length);
}

Framing check_framing(const Request& request) {
    const std::size_t lengths = request.count("Content-Length");
    const std::size_t codings = request.count("Transfer-Encoding");
    if (lengths + codings > 1) refuse("the length of the body is given more than once");
    if (lengths == 1) return {.length = content_length(*request.header("Content-Length"))};
    if (codings == 0) return {};
    const std::string_view coding = *request.header("Transfer-Encoding");
    if (!is_token(coding)) refuse("Transfer-Encoding must be one plain coding");
    if (coding != "chunked") throw Refusal{HttpError::not_implemented};
    if (request.version != "HTTP/1.1") refuse("chunks need HTTP/1.1");
    return {.chunked = true};
}

void check_limits(const Request& request, const SizeLimits& limits) {
    constexpr std::size_t blanks = 2;
    if (request.method.size() + request.target.size() + request.version.size() + blanks >
        limits.request_line)
        throw Refusal{HttpError::uri_too_long};
    std::size_t total = 0;
    for (const HeaderField& field : request.headers) {
        constexpr std::size_t around = 4;  // colon, blank, CR, LF
        total += field.name.size() + field.value.size() + around;
        if (field.name.size() > limits.header_name || field.value.size() > limits.header_value)
            throw Refusal{HttpError::headers_too_large};
    }
    if (request.headers.size() > limits.header_count || total > limits.headers)
        throw Refusal{HttpError::headers_too_large};
}

void check_expectation(const Request& request) {
    const auto expected = request.header("Expect");
    if (!expected) return;
    if (request.count("Expect") > 1 || !same_name(*expected, "100-continue"))
        throw Refusal{HttpError::expectation_failed};
}

bool is_utf8_charset(std::string_view parameter) noexcept {
    const auto equals = parameter.find('=');
    if (equals == std::string_view::npos) return false;
    std::string_view value = parameter.substr(equals + 1);
    if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"'))
        value = value.substr(1, value.size() - 2);
    return same_name(parameter.substr(0, equals), "charset") && same_name(value, "utf-8");
}

/// `application/json`, alone or with `charset=utf-8`.
bool is_json(std::string_view media_type) noexcept {
    const auto semicolon = std::min(media_type.find(';'), media_type.size());
    if (!same_name(trim_blanks(media_type.substr(0, semicolon)), "application/json")) return false;
    return semicolon == media_type.size() ||
           is_utf8_charset(trim_blanks(media_type.substr(semicolon + 1)));
}

}  // namespace

Framing check_head(const Request& request, const SizeLimits& limits) {
    check_method(request);
    check_version(request);
    check_target(request);
    check_headers(request);
    check_host(request);
    if (request.count("Authorization") > 1) refuse("Authorization must be given once");
    const Framing framing = check_framing(request);
    check_limits(request, limits);
    check_expectation(request);
    return framing;
}

void check_json_head(const Request& request, const Framing& framing, const SizeLimits& limits) {
    if (!framing.length && !framing.chunked) throw Refusal{HttpError::length_required};
    if (framing.length.value_or(0) > limits.body) throw Refusal{HttpError::payload_too_large};
    const auto media_type = request.header("Content-Type");
    if (!media_type || request.count("Content-Type") > 1 || !is_json(*media_type))
        throw Refusal{HttpError::unsupported_media_type};
    const auto coding = request.header("Content-Encoding");
    if (coding && (request.count("Content-Encoding") > 1 || !same_name(*coding, "identity")))
        throw Refusal{HttpError::unsupported_media_type,
                      "the body must come without a content coding"};
}

}  // namespace lvng::server
