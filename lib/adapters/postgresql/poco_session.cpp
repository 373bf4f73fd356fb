#include "adapters/postgresql/poco_session.hpp"

#include "adapters/postgresql/errors.hpp"
#include "adapters/postgresql/wait.hpp"

#include <Poco/Any.h>
#include <Poco/Data/PostgreSQL/Connector.h>
#include <Poco/Data/PostgreSQL/SessionHandle.h>
#include <Poco/Data/Session.h>
#include <Poco/Exception.h>

#include <libpq-fe.h>
#include <mutex>
#include <new>

namespace lvng::crm::postgresql {
namespace {

using Poco::Data::PostgreSQL::SessionHandle;

struct FinishConnection {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
};

Error cannot_connect(std::string why) {
    while (!why.empty() && why.back() == '\n') why.pop_back();
    return {ErrorCode::unavailable, "cannot connect to PostgreSQL: " + why, {.retryable = true}};
}

/// Connects and hangs up. Poco forgets the memory of every connection that fails (its issue 4231)
/// and knows no deadline, so it is only asked for one that works.
void rehearse(const std::string& connection_string, Deadline deadline) {
    const std::unique_ptr<PGconn, FinishConnection> connection{
        PQconnectStart(connection_string.c_str())};
    if (!connection) throw cannot_connect("out of memory");
    PostgresPollingStatusType next = PGRES_POLLING_WRITING;
    while (PQstatus(connection.get()) != CONNECTION_BAD) {
        if (next == PGRES_POLLING_OK) return;
        if (next == PGRES_POLLING_FAILED) break;
        const short events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        if (!wait_for(connection.get(), events, deadline)) {
            throw cannot_connect("no answer by the deadline");
        }
        next = PQconnectPoll(connection.get());
    }
    throw cannot_connect(PQerrorMessage(connection.get()));
}

SessionHandle* handle_of(Poco::Data::Session& session) {
    return Poco::AnyCast<SessionHandle*>(session.getProperty("handle"));
}

}  // namespace

struct PocoSession::Opened {
    explicit Opened(const std::string& connection_string)
        : session{"PostgreSQL", connection_string} {}

    Poco::Data::Session session;
};

PocoSession::PocoSession(const std::string& connection_string, Deadline deadline) {
    static std::once_flag registered;
    std::call_once(registered, Poco::Data::PostgreSQL::Connector::registerConnector);
    rehearse(connection_string, deadline);
    try {
        opened_ = std::make_unique<Opened>(connection_string);
        handle_ = *handle_of(opened_->session);
    } catch (const Poco::Exception& error) {
        throw cannot_connect(error.displayText());
    }
}

PocoSession::~PocoSession() {
    if (PQstatus(handle_) == CONNECTION_OK) return;  // Poco closes it
    // Poco forgets a connection that has failed. Its handle is made anew, empty, and what it
    // pointed to is closed here.
    SessionHandle* const handle = handle_of(opened_->session);
    handle->~SessionHandle();
    new (handle) SessionHandle;
    PQfinish(handle_);
}

}  // namespace lvng::crm::postgresql
