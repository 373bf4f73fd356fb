#include "adapters/postgresql/result_rows.hpp"

#include <lvng/crm/error.hpp>

#include <algorithm>
#include <libpq-fe.h>

namespace lvng::crm::postgresql {

void ClearResult::operator()(PGresult* result) const noexcept {
    PQclear(result);
}

void ResultRows::take(Result result) noexcept {
    result_ = std::move(result);
    row_ = -1;
    count_ = PQntuples(result_.get());
}

bool ResultRows::next() {
    return ++row_ < count_;
}

bool ResultRows::is_null(int column) const {
    return PQgetisnull(result_.get(), row_, column) != 0;
}

std::int64_t ResultRows::integer(int column) const {
    const std::string_view bytes = text(column);
    if (bytes.empty()) return 0;
    if (bytes.size() > sizeof(std::int64_t)) {
        throw Error{ErrorCode::corrupt, "a number in the store is not an integer"};
    }
    // Big-endian, in two's complement of as many bytes as the column's type has.
    std::uint64_t number = static_cast<signed char>(bytes.front()) < 0 ? ~std::uint64_t{0} : 0;
    for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
    return static_cast<std::int64_t>(number);
}

std::string_view ResultRows::text(int column) const {
    return {PQgetvalue(result_.get(), row_, column),
            static_cast<std::size_t>(PQgetlength(result_.get(), row_, column))};
}

Uuid ResultRows::uuid(int column) const {
    const std::string_view text_bytes = text(column);
    Uuid::Bytes bytes{};
    if (text_bytes.size() != bytes.size()) {
        throw Error{ErrorCode::corrupt, "an id in the store is not 16 bytes long"};
    }
    std::copy(text_bytes.begin(), text_bytes.end(), bytes.begin());
    return Uuid{bytes};
}

}  // namespace lvng::crm::postgresql
