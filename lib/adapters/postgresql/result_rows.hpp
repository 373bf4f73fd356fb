#pragma once

#include "adapters/sql/session.hpp"

#include <memory>

struct pg_result;

namespace lvng::crm::postgresql {

struct ClearResult {
    void operator()(pg_result* result) const noexcept;
};
using Result = std::unique_ptr<pg_result, ClearResult>;

/// The rows of an answer, which is there as a whole, in binary form.
class ResultRows final : public sql::Cursor {
public:
    void take(Result result) noexcept;

    bool next() override;
    void finish() noexcept override { result_.reset(); }
    [[nodiscard]] bool is_null(int column) const override;
    [[nodiscard]] std::int64_t integer(int column) const override;
    [[nodiscard]] std::string_view text(int column) const override;
    [[nodiscard]] Uuid uuid(int column) const override;

private:
    Result result_;
    int row_ = -1;
    int count_ = 0;
};

}  // namespace lvng::crm::postgresql
