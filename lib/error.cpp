#include <lvng/crm/error.hpp>

#include <cassert>
#include <utility>

namespace lvng::crm::inline v0 {

std::string_view to_string(ErrorCode code) noexcept {
    switch (code) {
    case ErrorCode::invalid:
        return "invalid";
    case ErrorCode::unauthenticated:
        return "unauthenticated";
    case ErrorCode::forbidden:
        return "forbidden";
    case ErrorCode::not_found:
        return "not_found";
    case ErrorCode::already_exists:
        return "already_exists";
    case ErrorCode::conflict:
        return "conflict";
    case ErrorCode::gone:
        return "gone";
    case ErrorCode::precondition_failed:
        return "precondition_failed";
    case ErrorCode::replay_mismatch:
        return "replay_mismatch";
    case ErrorCode::unavailable:
        return "unavailable";
    case ErrorCode::cancelled:
        return "cancelled";
    case ErrorCode::corrupt:
        return "corrupt";
    case ErrorCode::incompatible:
        return "incompatible";
    case ErrorCode::internal:
        return "internal";
    }
    assert(false && "a value that is no ErrorCode");
    return "internal";
}

// Behind a shared pointer, because an exception that is copied while it flies must not throw.
struct Error::State {
    ErrorCode code;
    std::string message;
    More more;
    std::string what;
};

namespace {

std::string describe(const std::string& message, const std::vector<FieldError>& fields) {
    std::string out = message;
    std::string_view separator = " (";
    for (const FieldError& error : fields) {
        out.append(separator).append(error.field).append(": ").append(error.message);
        separator = "; ";
    }
    if (!fields.empty()) out += ')';
    return out;
}

}  // namespace

Error::Error(ErrorCode code, std::string message) : Error{code, std::move(message), More{}} {}

Error::Error(ErrorCode code, std::string message, More more) {
    std::string what = describe(message, more.fields);
    state_ = std::make_shared<const State>(
        State{code, std::move(message), std::move(more), std::move(what)});
}

ErrorCode Error::code() const noexcept {
    return state_->code;
}
const std::string& Error::message() const noexcept {
    return state_->message;
}
const std::vector<FieldError>& Error::fields() const noexcept {
    return state_->more.fields;
}
const std::string& Error::related_id() const noexcept {
    return state_->more.related_id;
}
bool Error::retryable() const noexcept {
    return state_->more.retryable;
}
bool Error::outcome_unknown() const noexcept {
    return state_->more.outcome_unknown;
}
const char* Error::what() const noexcept {
    return state_->what.c_str();
}

Error invalid_fields(std::vector<FieldError> fields) {
    assert(!fields.empty());
    return {ErrorCode::invalid, "validation failed", {.fields = std::move(fields)}};
}

}  // namespace lvng::crm::inline v0
