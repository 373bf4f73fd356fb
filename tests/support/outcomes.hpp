#pragma once

#include "support/people.hpp"

#include <lvng/crm/transaction.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <exception>
#include <span>
#include <string>
#include <vector>

namespace lvng::crm::test {

/// What each work came to: `nothing, already_exists email`.
inline std::string outcomes(std::span<const TransactionWork> works) {
    std::vector<std::string> out;
    for (const TransactionWork& work : works) {
        out.push_back(refusal([&] {
            if (work.failure) std::rethrow_exception(work.failure);
        }));
    }
    return fmt::format("{}", fmt::join(out, ", "));
}

}  // namespace lvng::crm::test
