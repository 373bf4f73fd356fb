#pragma once

#include "adapters/sql/session.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lvng::crm::postgresql {

/// Writing statements on their way to the server as one, because much of what a statement costs
/// there does not depend on what it does: `with s1 as (insert …), s2 as (update …) update …`.
///
/// All of it sees the moment before any of it and happens in no order, so there is one statement
/// for each table, and none that reads. One thread at a time.
class Bundle {
public:
    /// Takes a statement and a copy of its values, or returns false where it does not fit in.
    bool add(std::string_view statement, std::span<const sql::Value> values);
    [[nodiscard]] bool is_empty() const noexcept { return at_ == &nothing_; }

    /// As one; both live until the next `clear`.
    [[nodiscard]] std::string_view text() const noexcept { return at_->text; }
    [[nodiscard]] std::span<const sql::Value> values() const noexcept { return values_; }
    void clear() noexcept;

private:
    /// What was in a bundle once, and what came next: every text is put together only once.
    struct Step {
        std::string_view table{};  // of the last statement
        const Step* before = nullptr;
        int number = 0;
        std::string text{};
        std::string start{};  // of the next step's text
        std::deque<std::pair<std::string, std::unique_ptr<Step>>> next{};
    };

    Step* step_to(std::string_view statement);
    sql::Value kept(const sql::Value& value);

    Step nothing_{};
    Step* at_ = &nothing_;
    std::size_t steps_ = 0;
    std::vector<sql::Value> values_;
    std::deque<std::string> texts_;  // what values point to
    std::size_t used_texts_ = 0;
};

}  // namespace lvng::crm::postgresql
