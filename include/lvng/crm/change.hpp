#pragma once

#include <string>
#include <type_traits>
#include <utility>

namespace lvng::crm::inline v0 {

/// Says "clear this field" in a `Change`.
struct Clear {};
inline constexpr Clear clear{};

/// What an update does to one field: leaves it (default), clears it, or sets it.
template <class T>
class Change {
public:
    Change() = default;
    Change(Clear) : state_{State::cleared} {}
    Change(T value) : state_{State::set}, value_{std::move(value)} {}
    Change(const char* value) requires std::is_same_v<T, std::string>
        : state_{State::set}, value_{value} {}

    [[nodiscard]] bool keeps() const noexcept { return state_ == State::kept; }
    [[nodiscard]] bool clears() const noexcept { return state_ == State::cleared; }
    /// The new value, or null where the field is kept or cleared.
    [[nodiscard]] const T* value() const noexcept {
        return state_ == State::set ? &value_ : nullptr;
    }

private:
    enum class State { kept, cleared, set };
    State state_ = State::kept;
    T value_{};
};

}  // namespace lvng::crm::inline v0
