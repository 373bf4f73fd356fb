#include "adapters/sql/replays.hpp"

#include <lvng/crm/error.hpp>

#include <array>

namespace lvng::crm::sql {
namespace {

// A look first would not wait for a transaction that has written the key and not committed it.
constexpr std::string_view claim_key =
    "insert into lvng_replays (tenant_id, user_id, request_key, fingerprint, claimed_at, answer)"
    " values ($1, $2, $3, $4, $5, '') on conflict (request_key, user_id, tenant_id) do update set"
    " fingerprint = excluded.fingerprint, claimed_at = excluded.claimed_at, answer = ''"
    " where lvng_replays.claimed_at < $6";
constexpr std::string_view save_answer =
    "update lvng_replays set answer = $4"
    " where tenant_id = $1 and user_id = $2 and request_key = $3";
constexpr std::string_view find_answer =
    "select fingerprint, answer from lvng_replays"
    " where tenant_id = $1 and user_id = $2 and request_key = $3";

}  // namespace

bool SqlReplays::claim(const RepeatableRequest& request, Timestamp now, Timestamp oldest) try {
    return session_->execute(claim_key,
                             std::array<Value, 6>{who_->tenant.to_string(), who_->user.to_string(),
                                                  request.key, request.fingerprint,
                                                  now.milliseconds(), oldest.milliseconds()}) > 0;
} catch (const TimedOut& error) {
    throw Error{ErrorCode::conflict, error.message(), {.retryable = true}};
}

void SqlReplays::save(std::string_view key, std::string_view answer) {
    session_->defer(save_answer, std::array<Value, 4>{who_->tenant.to_string(),
                                                      who_->user.to_string(), key, answer});
}

std::optional<RecordedAnswer> SqlReplays::find(std::string_view key) {
    const std::array<Value, 3> values{who_->tenant.to_string(), who_->user.to_string(), key};
    Rows rows{session_->query(find_answer, values)};
    if (!rows.next()) return std::nullopt;
    return RecordedAnswer{std::string{rows.text(0)}, std::string{rows.text(1)}};
}

}  // namespace lvng::crm::sql
