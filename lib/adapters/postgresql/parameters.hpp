#pragma once

#include "adapters/sql/session.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace lvng::crm::postgresql {

/// Values as libpq takes them, in binary form. Keeps its memory from one use to the next.
class Parameters {
public:
    /// Points into `values`, which must live until the statement is sent.
    void assign(std::span<const sql::Value> values);

    [[nodiscard]] int count() const noexcept { return static_cast<int>(pointers_.size()); }
    [[nodiscard]] const char* const* pointers() const noexcept { return pointers_.data(); }
    [[nodiscard]] const int* lengths() const noexcept { return lengths_.data(); }
    [[nodiscard]] const int* formats() const noexcept { return formats_.data(); }

private:
    using Integer = std::array<char, sizeof(std::int64_t)>;

    std::vector<const char*> pointers_;
    std::vector<int> lengths_;
    std::vector<int> formats_;  // all binary
    std::vector<Integer> integers_;
};

}  // namespace lvng::crm::postgresql
