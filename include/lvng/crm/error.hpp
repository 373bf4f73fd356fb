#pragma once

#include <lvng/crm/export.hpp>

#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lvng::crm::inline v0 {

/// Why a call was refused or failed. Codes mean something to a host program and know no HTTP.
enum class ErrorCode {
    invalid,              ///< an argument breaks a rule; `Error::fields` names each one
    unauthenticated,      ///< no credential, or one that does not hold
    forbidden,            ///< the caller sees the object and may not do this to it
    not_found,            ///< unknown, or not the caller's: the two are not told apart
    already_exists,       ///< a unique value is taken; `Error::related_id` is the holder
    conflict,             ///< the object's state does not allow it now
    gone,                 ///< it was merged away; `Error::related_id` is the survivor
    precondition_failed,  ///< the object has moved since the caller saw it
    replay_mismatch,      ///< an idempotency key came again with another request
    unavailable,          ///< the store does not answer in time, is full, or is shutting down
    cancelled,            ///< the caller asked to stop
    corrupt,              ///< stored data is damaged
    incompatible,         ///< the store's schema is newer or older than this library can use
    internal,             ///< a defect of the library
};

/// The code's name as it is spelt above.
LVNG_CRM_EXPORT std::string_view to_string(ErrorCode code) noexcept;

/// One refused field of a request.
struct FieldError {
    std::string field{};  ///< as the REST contract spells it: `email`, `tags`
    std::string
        message{};  ///< one sentence without the field's name: `must be at most 200 characters`

    bool operator==(const FieldError&) const = default;
};

/// The one exception that leaves the library on purpose.
///
/// Immutable value; copying does not throw.
class LVNG_CRM_EXPORT Error : public std::exception {
public:
    /// What only some errors carry.
    struct More {
        std::vector<FieldError> fields{};  ///< for `invalid` and `already_exists`: every bad field,
                                           ///< once; for `not_found`: which of several were not
        std::string related_id{};          ///< the holder of a taken value, the survivor of a merge
        bool retryable = false;            ///< nothing was done, and the same call may succeed soon
        bool outcome_unknown =
            false;  ///< the commit was sent and its answer lost: it may have been done
    };

    Error(ErrorCode code, std::string message);
    Error(ErrorCode code, std::string message, More more);

    [[nodiscard]] ErrorCode code() const noexcept;
    [[nodiscard]] const std::string& message() const noexcept;
    [[nodiscard]] const std::vector<FieldError>& fields() const noexcept;
    [[nodiscard]] const std::string& related_id() const noexcept;
    [[nodiscard]] bool retryable() const noexcept;
    [[nodiscard]] bool outcome_unknown() const noexcept;

    /// The message, then each bad field: `validation failed (email: must be an e-mail address)`.
    [[nodiscard]] const char* what() const noexcept override;

private:
    struct State;
    std::shared_ptr<const State> state_;
};

/// An `invalid` that names its fields. `fields` must not be empty.
LVNG_CRM_EXPORT Error invalid_fields(std::vector<FieldError> fields);

}  // namespace lvng::crm::inline v0
