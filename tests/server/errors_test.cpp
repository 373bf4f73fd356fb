#include "http/errors.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace lvng::server;
using lvng::crm::ErrorCode;

namespace {

template <class Code>
std::string shown(Code code) {
    const ErrorKind kind = kind_of(code);
    return std::to_string(kind.status) + ' ' + std::string{kind.code};
}

}  // namespace

TEST_SUITE("server.errors") {

    TEST_CASE("each code of the library has its status") {
        const std::vector<std::pair<ErrorCode, std::string>> table{
            {ErrorCode::invalid, "400 VALIDATION_ERROR"},
            {ErrorCode::unauthenticated, "401 UNAUTHENTICATED"},
            {ErrorCode::forbidden, "403 FORBIDDEN"},
            {ErrorCode::not_found, "404 NOT_FOUND"},
            {ErrorCode::already_exists, "409 ALREADY_EXISTS"},
            {ErrorCode::conflict, "409 CONFLICT"},
            {ErrorCode::gone, "410 GONE"},
            {ErrorCode::precondition_failed, "412 PRECONDITION_FAILED"},
            {ErrorCode::replay_mismatch, "422 IDEMPOTENCY_MISMATCH"},
            {ErrorCode::unavailable, "503 UNAVAILABLE"},
            {ErrorCode::cancelled, "503 UNAVAILABLE"},
            {ErrorCode::incompatible, "503 UNAVAILABLE"},
            {ErrorCode::corrupt, "500 INTERNAL"},
            {ErrorCode::internal, "500 INTERNAL"},
        };
        for (const auto& [code, wanted] : table) CHECK(shown(code) == wanted);
    }

    TEST_CASE("each error of HTTP has its status") {
        const std::vector<std::pair<HttpError, std::string>> table{
            {HttpError::bad_request, "400 BAD_REQUEST"},
            {HttpError::invalid_json, "400 INVALID_JSON"},
            {HttpError::unknown_path, "404 NOT_FOUND"},
            {HttpError::method_not_allowed, "405 METHOD_NOT_ALLOWED"},
            {HttpError::request_timeout, "408 REQUEST_TIMEOUT"},
            {HttpError::length_required, "411 LENGTH_REQUIRED"},
            {HttpError::payload_too_large, "413 PAYLOAD_TOO_LARGE"},
            {HttpError::uri_too_long, "414 URI_TOO_LONG"},
            {HttpError::unsupported_media_type, "415 UNSUPPORTED_MEDIA_TYPE"},
            {HttpError::expectation_failed, "417 EXPECTATION_FAILED"},
            {HttpError::rate_limited, "429 RATE_LIMITED"},
            {HttpError::headers_too_large, "431 HEADERS_TOO_LARGE"},
            {HttpError::not_implemented, "501 NOT_IMPLEMENTED"},
            {HttpError::http_version, "505 HTTP_VERSION"},
            {HttpError::overloaded, "503 UNAVAILABLE"},
        };
        for (const auto& [error, wanted] : table) CHECK(shown(error) == wanted);
    }

    TEST_CASE("an error body holds code, message, details and request id") {
        const lvng::crm::Error taken{ErrorCode::already_exists,
                                     "the \"address\" is taken",
                                     {.fields = {{"email", "is taken"}}, .related_id = "7"}};
        CHECK(error_reply(taken, {.request_id = "r1"}).body() ==
              R"({"success":false,"error":{"code":"ALREADY_EXISTS",)"
              R"("message":"the \"address\" is taken",)"
              R"("details":[{"field":"email","message":"is taken","contact_id":"7"}],)"
              R"("request_id":"r1"}})");
        CHECK(error_reply(Refusal{HttpError::bad_request}, {.request_id = "r2"}).body() ==
              R"({"success":false,"error":{"code":"BAD_REQUEST",)"
              R"("message":"the request is malformed","request_id":"r2"}})");
    }

    TEST_CASE("the reasons of a refused token and of a failure stay inside") {
        for (const ErrorCode code :
             {ErrorCode::unauthenticated, ErrorCode::unavailable, ErrorCode::corrupt})
            CHECK(error_reply({code, "the inside"}, {}).body().find("inside") == std::string::npos);
    }

    TEST_CASE("a header value that would break the line is refused") {
        Reply reply{200};
        for (const std::string& value : std::vector<std::string>{"a\rb", "a\nb", {"a\0b", 3}})
            CHECK_THROWS_AS(reply.set("X-A", value), std::invalid_argument);
        CHECK(reply.headers().empty());
        reply.set("X-A", "1");
        reply.set("x-a", "2");
        CHECK(reply.headers().size() == 1);
        CHECK(*reply.header("X-A") == "2");
    }

}  // TEST_SUITE
