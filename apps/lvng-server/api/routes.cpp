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

/// A handler that acts on one feature of the library.
template <class Feature>
Handler on(Feature& feature, Reply (*handler)(const Call&, Feature&)) {
    return [&feature, handler](const Call& call) { return handler(call, feature); };
}

template <std::size_t count>
std::vector<std::string_view> names(const std::array<std::string_view, count>& parameters) {
    return {parameters.begin(), parameters.end()};
}

}  // namespace

std::vector<Route> routes(crm::Crm& crm, Readiness& readiness) {
    crm::Contacts& contacts = crm.contacts();
    crm::Conversations& conversations = crm.conversations();
    crm::Members& members = crm.members();
    crm::Messages& messages = crm.messages();
    const auto contact_list = names(contact_list_parameters);
    const auto conversation_list = names(conversation_list_parameters);
    const auto message_list = names(message_list_parameters);
    return {
        {"POST", "/api/v2/contacts", on(contacts, create_contact), Takes::json},
        {"GET", "/api/v2/contacts", on(contacts, list_contacts), Takes::nothing, contact_list},
        {"GET", "/api/v2/contacts/{id}", on(contacts, get_contact)},
        {"PUT", "/api/v2/contacts/{id}", on(contacts, update_contact), Takes::json},
        {"DELETE", "/api/v2/contacts/{id}", on(contacts, delete_contact)},

        {"POST", "/api/v2/conversations", on(conversations, create_conversation), Takes::json},
        {"GET", "/api/v2/conversations", on(conversations, list_conversations), Takes::nothing,
         conversation_list},
        {"GET", "/api/v2/conversations/{id}", on(conversations, get_conversation)},
        {"PATCH", "/api/v2/conversations/{id}", on(conversations, update_conversation),
         Takes::json},
        {"DELETE", "/api/v2/conversations/{id}", on(conversations, delete_conversation)},

        {"GET", "/api/v2/conversations/{id}/messages", on(messages, list_messages), Takes::nothing,
         message_list},
        {"POST", "/api/v2/conversations/{id}/messages", on(messages, send_message), Takes::json},
        {"PATCH", "/api/v2/conversations/{id}/messages/{messageId}", on(messages, edit_message),
         Takes::json},
        {"DELETE", "/api/v2/conversations/{id}/messages/{messageId}", on(messages, delete_message)},
        {"POST", "/api/v2/conversations/{id}/members", on(members, add_member), Takes::json},
        {"DELETE", "/api/v2/conversations/{id}/members/{memberId}", on(members, remove_member)},
        {"POST", "/api/v2/conversations/{id}/read-receipts", on(crm.receipts(), mark_read),
         Takes::json},

        {"GET", "/healthz", healthz},
        {"GET", "/readyz", on(readiness, readyz)},
        {"GET", "/openapi.json", openapi_json},
        {"GET", "/docs", docs_page},
        {"GET", "/docs/page.css", docs_style},
        {"GET", "/docs/page.js", docs_script},
    };
}

}  // namespace lvng::server
