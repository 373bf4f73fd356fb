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

void Store::write(const Principal& who, Deadline deadline, WorkThread /*thread*/,
                  const std::function<void(StoreTransaction&)>& work) {
    const std::unique_ptr<StoreTransaction> tx = begin(who, Access::write, deadline);
    try {
        work(*tx);
    } catch (...) {
        // Throws in its turn where the reason of the refusal has not become durable.
        tx->rollback();
        throw;
    }
    tx->commit();
}

void Store::write_each(std::span<SharedWrite> writes, Deadline deadline) {
    for (SharedWrite& shared : writes) {
        try {
            write(*shared.who, deadline, WorkThread::any, shared.work);
        } catch (...) {
            shared.failure = std::current_exception();
        }
    }
}

void Store::find_each(std::span<ContactRequest* const> requests, Deadline deadline) {
    for (ContactRequest* const request : requests) {
        try {
            const std::unique_ptr<StoreTransaction> tx =
                begin(request->who, Access::glance, deadline - request->waited);
            request->contact = tx->contacts().find(request->id);
            tx->commit();
        } catch (...) {
            request->failure = std::current_exception();
        }
    }
}

std::optional<StoreMoment> Store::moment() const noexcept {
    return std::nullopt;
}

}  // namespace lvng::crm::inline v0
