#include "api/routes.hpp"

#include "api/contacts.hpp"
#include "api/openapi.hpp"

namespace lvng::server {
namespace {

/// A handler that acts on one feature of the library.
template <class Feature>
Handler on(Feature& feature, Reply (*handler)(const Call&, Feature&)) {
    return [&feature, handler](const Call& call) { return handler(call, feature); };
}

}  // namespace

std::vector<Route> routes(crm::Crm& crm, Readiness& readiness) {
    crm::Contacts& contacts = crm.contacts();
    const std::vector<std::string_view> list{contact_list_parameters.begin(),
                                             contact_list_parameters.end()};
    return {
        {"POST", "/api/v2/contacts", on(contacts, create_contact), Takes::json},
        {"GET", "/api/v2/contacts", on(contacts, list_contacts), Takes::nothing, list},
        {"GET", "/api/v2/contacts/{id}", on(contacts, get_contact)},
        {"PUT", "/api/v2/contacts/{id}", on(contacts, update_contact), Takes::json},
        {"DELETE", "/api/v2/contacts/{id}", on(contacts, delete_contact)},

        {"GET", "/healthz", healthz},
        {"GET", "/readyz", on(readiness, readyz)},
        {"GET", "/openapi.json", openapi_json},
    };
}

}  // namespace lvng::server
