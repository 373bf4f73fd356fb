#pragma once

#include <lvng/crm/error.hpp>
#include <lvng/crm/export.hpp>
#include <lvng/crm/id.hpp>
#include <lvng/crm/principal.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lvng::crm::inline v0 {

class Scope;
struct ConversationWriting;

struct ReceiptLimits {
    static constexpr std::size_t messages = 500;  ///< distinct ids in one call
};

/// What `Receipts::mark_read` would refuse the ids for whatever the conversation.
LVNG_CRM_EXPORT std::vector<FieldError> bad_message_ids(const std::vector<MessageId>& ids);

/// Who has read what. Safe to share. Source: REST contract, section 3, Read receipts.
class LVNG_CRM_EXPORT Receipts {
public:
    /// Marks messages as read by the caller: 1 to 500 distinct ids, repeats count once. One's
    /// own messages, deleted ones and those already read are fine. Returns how many distinct
    /// messages are now read.
    ///
    /// Throws `invalid` (none, or too many), `not_found` (the caller is no member; or messages
    /// that are not of this conversation, up to ten of them in `Error::fields`: then nothing is
    /// marked), `unavailable`.
    std::int64_t mark_read(const Principal& who, const ConversationId& conversation,
                           const std::vector<MessageId>& messages);

private:
    friend class Crm;
    friend class Transaction;
    Receipts(Scope& scope, const ConversationWriting& writing)
        : scope_{&scope}, writing_{&writing} {}

    Scope* scope_;
    const ConversationWriting* writing_;
};

}  // namespace lvng::crm::inline v0
