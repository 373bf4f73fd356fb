#pragma once

#include <utility>

#include <unistd.h>

namespace lvng::server {

/// Owns a file descriptor. Immutable but for moves.
class Descriptor {
public:
    static constexpr int none = -1;

    Descriptor() = default;
    explicit Descriptor(int number) noexcept : number_{number} {}
    Descriptor(Descriptor&& other) noexcept : number_{std::exchange(other.number_, none)} {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Descriptor() {
        if (number_ != none) ::close(number_);
    }

    [[nodiscard]] int number() const noexcept { return number_; }
    explicit operator bool() const noexcept { return number_ != none; }

private:
    int number_ = none;
};

}  // namespace lvng::server
