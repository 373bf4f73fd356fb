#include <doctest/doctest.h>
#include <lvng/crm/error.hpp>

#include <string>
#include <type_traits>

using namespace lvng::crm;

TEST_SUITE("error") {
    TEST_CASE("a code prints as it is spelt in the program") {
        CHECK(to_string(ErrorCode::invalid) == "invalid");
        CHECK(to_string(ErrorCode::not_found) == "not_found");
        CHECK(to_string(ErrorCode::already_exists) == "already_exists");
        CHECK(to_string(ErrorCode::precondition_failed) == "precondition_failed");
        CHECK(to_string(ErrorCode::internal) == "internal");
    }

    TEST_CASE("an error without fields says its message alone") {
        const Error error{ErrorCode::not_found, "no such contact"};
        CHECK(error.code() == ErrorCode::not_found);
        CHECK(error.message() == "no such contact");
        CHECK(error.what() == std::string{"no such contact"});
        CHECK(error.fields().empty());
        CHECK(error.related_id().empty());
        CHECK_FALSE(error.retryable());
        CHECK_FALSE(error.outcome_unknown());
    }

    TEST_CASE("every bad field is named behind the message") {
        const Error error =
            invalid_fields({{"name", "is required"}, {"email", "must be an e-mail address"}});
        CHECK(error.code() == ErrorCode::invalid);
        CHECK(error.message() == "validation failed");
        CHECK(
            error.what() ==
            std::string{"validation failed (name: is required; email: must be an e-mail address)"});
        CHECK(error.fields().at(1) == FieldError{"email", "must be an e-mail address"});
    }

    TEST_CASE("an error carries the holder of a taken value and what a repeat would do") {
        const Error taken{ErrorCode::already_exists, "taken", {.related_id = "42"}};
        CHECK(taken.related_id() == "42");
        const Error busy{ErrorCode::unavailable, "busy", {.retryable = true}};
        CHECK(busy.retryable());
        CHECK_FALSE(busy.outcome_unknown());
        const Error lost{ErrorCode::unavailable, "lost", {.outcome_unknown = true}};
        CHECK(lost.outcome_unknown());
        CHECK_FALSE(lost.retryable());
    }

    TEST_CASE("copies do not throw and outlive what they were copied from") {
        static_assert(std::is_nothrow_copy_constructible_v<Error>);
        static_assert(std::is_nothrow_copy_assignable_v<Error>);
        Error copy{ErrorCode::internal, "before"};
        {
            const Error original = invalid_fields({{"id", "must be a UUID"}});
            copy = original;
        }
        CHECK(copy.what() == std::string{"validation failed (id: must be a UUID)"});
    }

    TEST_CASE("it is caught as a standard exception") {
        try {
            throw Error{ErrorCode::corrupt, "bad page"};
        } catch (const std::exception& error) {
            CHECK(error.what() == std::string{"bad page"});
        }
    }
}
