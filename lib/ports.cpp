#include <lvng/crm/ports/conversation_repositories.hpp>
#include <lvng/crm/ports/environment.hpp>
#include <lvng/crm/ports/repositories.hpp>
#include <lvng/crm/ports/store.hpp>

// The destructors stand here and not in the headers: a class's first out-of-line virtual function
// decides where its vtable and type information live, so that a shared build has them once.

namespace lvng::crm::inline v0 {

Clock::~Clock() = default;
IdGenerator::~IdGenerator() = default;
TokenVerifier::~TokenVerifier() = default;

ContactRepository::~ContactRepository() = default;
ConversationRepository::~ConversationRepository() = default;
MessageRepository::~MessageRepository() = default;
EventLog::~EventLog() = default;
UserRepository::~UserRepository() = default;
ReplayRepository::~ReplayRepository() = default;
UpkeepRepository::~UpkeepRepository() = default;
ApiKeyRepository::~ApiKeyRepository() = default;

StoreTransaction::~StoreTransaction() = default;
Store::~Store() = default;

}  // namespace lvng::crm::inline v0
