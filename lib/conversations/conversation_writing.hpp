#pragma once

#include <lvng/crm/ports/environment.hpp>

#include <cstdint>

namespace lvng::crm::inline v0 {

/// What writing in a conversation needs beside the values.
struct ConversationWriting {
    const Clock& clock;
    IdGenerator& ids;
    std::int64_t agent_run_limit = 0;  ///< where the conversation has none of its own
};

}  // namespace lvng::crm::inline v0
