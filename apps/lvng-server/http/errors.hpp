#pragma once

#include "http/reply.hpp"

#include <lvng/crm/error.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lvng::server {

/// What HTTP itself refuses; a library call knows none of these.
enum class HttpError {
    bad_request,
    invalid_json,
    unknown_path,
    method_not_allowed,
    request_timeout,
    length_required,
    payload_too_large,
    uri_too_long,
    unsupported_media_type,
    expectation_failed,
    rate_limited,
    headers_too_large,
    not_implemented,
    http_version,
    overloaded,
};

/// How an error is shown.
struct ErrorKind {
    int status = 500;
    std::string_view code{};     ///< as in the REST contract, section 1
    std::string_view message{};  ///< where the error itself has no better one to show
};

/// The one table of statuses.
ErrorKind kind_of(crm::ErrorCode code) noexcept;
ErrorKind kind_of(HttpError error) noexcept;

/// Thrown by what stands before the handlers.
struct Refusal : std::exception {
    explicit Refusal(HttpError why, std::string text = {}) : error{why}, message{std::move(text)} {}

    [[nodiscard]] const char* what() const noexcept override;

    HttpError error;
    std::string message{};  ///< empty: the table's
    std::string allow{};    ///< for `method_not_allowed`: the methods that the path has
    std::chrono::seconds retry_after{0};  ///< for `rate_limited`
};

/// Where an error was met.
struct ErrorContext {
    std::string_view request_id{};
    bool writes = false;  ///< a method that changes something
};

Reply error_reply(const Refusal& refusal, const ErrorContext& context);
Reply error_reply(const crm::Error& error, const ErrorContext& context);
/// Says nothing of the inside.
Reply internal_error_reply(const ErrorContext& context);

}  // namespace lvng::server
