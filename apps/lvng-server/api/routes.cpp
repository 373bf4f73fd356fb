#include "api/routes.hpp"

#include "api/contacts.hpp"
#include "api/conversations.hpp"
#include "api/docs.hpp"
#include "api/members.hpp"
#include "api/messages.hpp"
#include "api/openapi.hpp"
#include "api/receipts.hpp"

#include <array>

namespace lvng::server {
namespace {

// The features, of the library or of a transaction.
constexpr auto contacts = [](auto& source) -> crm::Contacts& { return source.contacts(); };
constexpr auto conversations = [](auto& source) -> crm::Conversations& {
    return source.conversations();
};
constexpr auto members = [](auto& source) -> crm::Members& { return source.members(); };
constexpr auto messages = [](auto& source) -> crm::Messages& { return source.messages(); };
constexpr auto receipts = [](auto& source) -> crm::Receipts& { return source.receipts(); };

/// Makes handlers that act on one feature, each in its own way. What picks it is a type alone, so
/// that a handler takes no memory.
class Handlers {
public:
    explicit Handlers(crm::Crm& crm) : crm_{crm} {}

    /// Inside the call's transaction, where it has one.
    template <class Pick, class Feature>
    Handler on(Pick, Reply (*handler)(const Call&, Feature&)) const {
        return [&crm = crm_, handler](const Call& call) {
            return handler(call, call.transaction ? Pick{}(*call.transaction) : Pick{}(crm));
        };
    }

    /// Answers what was kept of `pages` where it still holds. The handler is a part of the type,
    /// for the same reason.
    template <auto handler, class Pick>
    Handler on_pages(Pick, PageCache& pages) const {
        return
            [&crm = crm_, &pages](const Call& call) { return handler(call, Pick{}(crm), pages); };
    }

    /// The same as `on`, and always in one transaction: the answer takes more than one call.
    template <class Pick, class Feature>
    Handler in_one(Pick, Reply (*handler)(const Call&, Feature&)) const {
        return [&crm = crm_, handler](const Call& call) {
            if (call.transaction) return handler(call, Pick{}(*call.transaction));
            return crm.transact(call.principal, [&](crm::Transaction& transaction) {
                return handler(call, Pick{}(transaction));
            });
        };
    }

    /// What has no tag fits no `If-Match` but `*`. That is the last of all checks, so the change
    /// is made and undone.
    template <class Pick, class Feature>
    Handler on_untagged(Pick, Reply (*handler)(const Call&, Feature&)) const {
        return [&crm = crm_, handler](const Call& call) {
            const auto in = [&](crm::Transaction& transaction) -> Reply {
                Reply reply = handler(call, Pick{}(transaction));
                if (!call.if_match || call.if_match->any) return reply;
                throw crm::Error{crm::ErrorCode::precondition_failed, "this has no entity tag"};
            };
            if (call.transaction) return in(*call.transaction);
            if (!call.if_match || call.if_match->any) return handler(call, Pick{}(crm));
            return crm.transact(call.principal, in);
        };
    }

private:
    crm::Crm& crm_;
};

template <std::size_t count>
std::vector<std::string_view> names(const std::array<std::string_view, count>& parameters) {
    return {parameters.begin(), parameters.end()};
}

Route tagged(Route route) {
    route.tagged = true;
    return route;
}

Route reading_contact(Route route) {
    route.reads_contact = true;
    return route;
}

}  // namespace

std::vector<Route> routes(crm::Crm& crm, Readiness& readiness, PageCache& pages) {
    const Handlers handlers{crm};
    const auto contact_list = names(contact_list_parameters);
    const auto conversation_list = names(conversation_list_parameters);
    const auto message_list = names(message_list_parameters);
    return {
        {"POST", "/api/v2/contacts", handlers.on(contacts, create_contact), Takes::json},
        {"GET", "/api/v2/contacts", handlers.on_pages<list_contacts>(contacts, pages),
         Takes::nothing, contact_list},
        reading_contact(tagged(
            {"GET", "/api/v2/contacts/{id}", handlers.on_pages<get_contact>(contacts, pages)})),
        {"PUT", "/api/v2/contacts/{id}", handlers.on(contacts, update_contact), Takes::json},
        {"DELETE", "/api/v2/contacts/{id}", handlers.on(contacts, delete_contact)},

        {"POST", "/api/v2/conversations", handlers.in_one(conversations, create_conversation),
         Takes::json},
        {"GET", "/api/v2/conversations",
         handlers.on_pages<list_conversations>(conversations, pages), Takes::nothing,
         conversation_list},
        tagged({"GET", "/api/v2/conversations/{id}", handlers.on(conversations, get_conversation)}),
        {"PATCH", "/api/v2/conversations/{id}", handlers.in_one(conversations, update_conversation),
         Takes::json},
        {"DELETE", "/api/v2/conversations/{id}", handlers.on(conversations, delete_conversation)},

        {"GET", "/api/v2/conversations/{id}/messages",
         handlers.on_pages<list_messages>(messages, pages), Takes::nothing, message_list},
        {"POST", "/api/v2/conversations/{id}/messages", handlers.on(messages, send_message),
         Takes::json},
        {"PATCH", "/api/v2/conversations/{id}/messages/{messageId}",
         handlers.on_untagged(messages, edit_message), Takes::json},
        {"DELETE", "/api/v2/conversations/{id}/messages/{messageId}",
         handlers.on_untagged(messages, delete_message)},
        {"POST", "/api/v2/conversations/{id}/members", handlers.on(members, add_member),
         Takes::json},
        {"DELETE", "/api/v2/conversations/{id}/members/{memberId}",
         handlers.on_untagged(members, remove_member)},
        {"POST", "/api/v2/conversations/{id}/read-receipts", handlers.on(receipts, mark_read),
         Takes::json},

        {"GET", "/healthz", healthz},
        {"GET", "/readyz", [&readiness](const Call& call) { return readyz(call, readiness); }},
        {"GET", "/openapi.json", openapi_json},
        {"GET", "/docs", docs_page},
        {"GET", "/docs/page.css", docs_style},
        {"GET", "/docs/page.js", docs_script},
    };
}

}  // namespace lvng::server
