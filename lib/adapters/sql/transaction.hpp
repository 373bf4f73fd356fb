#pragma once

#include "adapters/sql/api_keys.hpp"
#include "adapters/sql/contacts.hpp"
#include "adapters/sql/conversations.hpp"
#include "adapters/sql/events.hpp"
#include "adapters/sql/messages.hpp"
#include "adapters/sql/replays.hpp"
#include "adapters/sql/session.hpp"
#include "adapters/sql/tenants.hpp"
#include "adapters/sql/upkeep.hpp"
#include "adapters/sql/users.hpp"

#include <lvng/crm/error.hpp>
#include <lvng/crm/ports/store.hpp>
#include <lvng/crm/principal.hpp>

namespace lvng::crm::sql {

/// A transaction whose repositories are SQL on one connection; how it begins and ends is left to
/// the database.
class SqlTransaction : public StoreTransaction {
public:
    ContactRepository& contacts() override { return contacts_; }
    ConversationRepository& conversations() override { return conversations_; }
    MessageRepository& messages() override { return messages_; }
    EventLog& events() override { return events_; }
    UserRepository& users() override { return users_; }
    ApiKeyRepository& api_keys() override { return api_keys_; }
    ReplayRepository& replays() override { return replays_; }
    UpkeepRepository& upkeep() override { return upkeep_; }
    void note_tenant() override { sql::note_tenant(*session_, who_.tenant); }

protected:
    /// All must outlive it. For `texts` see `SqlContacts`.
    SqlTransaction(Session& session, const Principal& who, BookTextCache* texts)
        : who_{who}, session_{&session}, contacts_{session, who_, texts},
          conversations_{session, who_}, messages_{session, who_}, events_{session, who_},
          users_{session, who_}, api_keys_{session, who_}, replays_{session, who_}, upkeep_{session,
                                                                                            who_} {}

    /// What `commit` and `rollback` do for work that shares its transaction.
    [[noreturn]] static void refuse_to_end() {
        throw Error{ErrorCode::internal, "the work of a transaction must not end it"};
    }

    const Principal who_;

private:
    Session* session_;
    SqlContacts contacts_;
    SqlConversations conversations_;
    SqlMessages messages_;
    SqlEvents events_;
    SqlUsers users_;
    SqlApiKeys api_keys_;
    SqlReplays replays_;
    SqlUpkeep upkeep_;
};

}  // namespace lvng::crm::sql
