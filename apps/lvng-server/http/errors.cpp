#include "http/errors.hpp"

#include <lvng/crm/json.hpp>

namespace lvng::server {

using crm::ErrorCode;

ErrorKind kind_of(ErrorCode code) noexcept {
    switch (code) {
    case ErrorCode::invalid:
        return {400, "VALIDATION_ERROR", "the request is not valid"};
    case ErrorCode::unauthenticated:
        return {401, "UNAUTHENTICATED", "a valid bearer token is required"};
    case ErrorCode::forbidden:
        return {403, "FORBIDDEN", "you may not do this"};
    case ErrorCode::not_found:
        return {404, "NOT_FOUND", "there is nothing here"};
    case ErrorCode::already_exists:
        return {409, "ALREADY_EXISTS", "it exists already"};
    case ErrorCode::conflict:
        return {409, "CONFLICT", "its state does not allow this now"};
    case ErrorCode::gone:
        return {410, "GONE", "it was merged into another one"};
    case ErrorCode::precondition_failed:
        return {412, "PRECONDITION_FAILED", "it has changed meanwhile"};
    case ErrorCode::replay_mismatch:
        return {422, "IDEMPOTENCY_MISMATCH", "the key belongs to another request"};
    case ErrorCode::unavailable:
    case ErrorCode::cancelled:
    case ErrorCode::incompatible:
        return {503, "UNAVAILABLE", "the service is unavailable for the moment"};
    case ErrorCode::corrupt:
    case ErrorCode::internal:
        break;
    }
    return {500, "INTERNAL", "something went wrong on our side"};
}

ErrorKind kind_of(HttpError error) noexcept {
    switch (error) {
    case HttpError::bad_request:
        return {400, "BAD_REQUEST", "the request is malformed"};
    case HttpError::invalid_json:
        return {400, "INVALID_JSON", "the body is no JSON object"};
    case HttpError::unknown_path:
        return {404, "NOT_FOUND", "there is no such path"};
    case HttpError::method_not_allowed:
        return {405, "METHOD_NOT_ALLOWED", "the path does not have this method"};
    case HttpError::request_timeout:
        return {408, "REQUEST_TIMEOUT", "the request did not arrive in time"};
    case HttpError::length_required:
        return {411, "LENGTH_REQUIRED", "the body needs Content-Length or chunked coding"};
    case HttpError::payload_too_large:
        return {413, "PAYLOAD_TOO_LARGE", "the body is too large"};
    case HttpError::uri_too_long:
        return {414, "URI_TOO_LONG", "the request target is too long"};
    case HttpError::unsupported_media_type:
        return {415, "UNSUPPORTED_MEDIA_TYPE", "the body must be application/json in UTF-8"};
    case HttpError::expectation_failed:
        return {417, "EXPECTATION_FAILED", "only 100-continue can be expected"};
    case HttpError::rate_limited:
        return {429, "RATE_LIMITED", "too many requests"};
    case HttpError::headers_too_large:
        return {431, "HEADERS_TOO_LARGE", "the headers are too large"};
    case HttpError::not_implemented:
        return {501, "NOT_IMPLEMENTED", "the transfer coding is not known"};
    case HttpError::http_version:
        return {505, "HTTP_VERSION", "only HTTP/1.1 and HTTP/1.0 are spoken here"};
    case HttpError::overloaded:
        return {503, "UNAVAILABLE", "too many connections"};
    }
    return kind_of(ErrorCode::internal);
}

const char* Refusal::what() const noexcept {
    return message.empty() ? kind_of(error).code.data() : message.c_str();
}

namespace {

void append_detail(std::string& out, const crm::FieldError& field, std::string_view contact_id) {
    out += R"({"field":)";
    crm::append_json_string(out, field.field);
    out += R"(,"message":)";
    crm::append_json_string(out, field.message);
    if (!contact_id.empty()) {
        out += R"(,"contact_id":)";
        crm::append_json_string(out, contact_id);
    }
    out += '}';
}

struct Shown {
    ErrorKind kind{};
    std::string_view message{};
    std::span<const crm::FieldError> details{};
    std::string_view holder{};  ///< of a taken value, named in the first detail
};

Reply show(const Shown& error, const ErrorContext& context) {
    std::string body = R"({"success":false,"error":{"code":)";
    crm::append_json_string(body, error.kind.code);
    body += R"(,"message":)";
    crm::append_json_string(body, error.message);
    if (!error.details.empty()) {
        body += R"(,"details":[)";
        std::string_view holder = error.holder;
        for (const crm::FieldError& field : error.details) {
            if (body.back() != '[') body += ',';
            append_detail(body, field, std::exchange(holder, {}));
        }
        body += ']';
    }
    body += R"(,"request_id":)";
    crm::append_json_string(body, context.request_id);
    body += "}}";
    Reply reply = json_reply(error.kind.status, std::move(body));
    if (error.kind.status == 401) reply.set("WWW-Authenticate", "Bearer");
    if (error.kind.status == 503) reply.set("Retry-After", "1");
    return reply;
}

/// What the caller is told. A message of the library is shown where it speaks of the request,
/// never where it could speak of the inside or of why a token failed.
std::string shown_message(const crm::Error& error, const ErrorContext& context) {
    const ErrorKind kind = kind_of(error.code());
    std::string message{kind.message};
    if (kind.status == 503 && context.writes)
        message += error.outcome_unknown() ? "; the change may or may not have been made"
                                           : "; nothing was changed";
    if (kind.status >= 500 || kind.status == 401) return message;
    return error.message().empty() ? message : error.message();
}

}  // namespace

Reply error_reply(const Refusal& refusal, const ErrorContext& context) {
    const ErrorKind kind = kind_of(refusal.error);
    Reply reply =
        show({.kind = kind, .message = refusal.message.empty() ? kind.message : refusal.message},
             context);
    if (!refusal.allow.empty()) reply.set("Allow", refusal.allow);
    if (refusal.retry_after.count() > 0)
        reply.set("Retry-After", std::to_string(refusal.retry_after.count()));
    return reply;
}

Reply error_reply(const crm::Error& error, const ErrorContext& context) {
    const std::string message = shown_message(error, context);
    return show({.kind = kind_of(error.code()),
                 .message = message,
                 .details = error.fields(),
                 .holder = error.code() == ErrorCode::already_exists
                               ? std::string_view{error.related_id()}
                               : std::string_view{}},
                context);
}

Reply internal_error_reply(const ErrorContext& context) {
    const ErrorKind kind = kind_of(ErrorCode::internal);
    return show({.kind = kind, .message = kind.message}, context);
}

}  // namespace lvng::server
