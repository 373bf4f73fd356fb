#pragma once

#include <lvng/crm/export.hpp>
#include <lvng/crm/once.hpp>
#include <lvng/crm/timestamp.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace lvng::crm::inline v0 {

/// A request that was made, and what it was answered.
struct RecordedAnswer {
    std::string fingerprint{};  ///< of the request
    std::string answer{};
};

/// The answers that the principal was given, by the keys of the requests. One thread at a time.
class LVNG_CRM_EXPORT ReplayRepository {
public:
    virtual ~ReplayRepository();

    /// Makes the key this request's, as of `now`. False where a request has it already that is not
    /// older than `oldest`. Waits for a transaction that is just taking the key, and throws
    /// `conflict` (retryable) where it could tell that this is what took too long.
    virtual bool claim(const RepeatableRequest& request, Timestamp now, Timestamp oldest) = 0;
    /// Writes down the answer to a request that `claim` has taken the key for.
    virtual void save(std::string_view key, std::string_view answer) = 0;
    virtual std::optional<RecordedAnswer> find(std::string_view key) = 0;
};

}  // namespace lvng::crm::inline v0
