#include "api/contacts.hpp"

#include "api/answers.hpp"
#include "api/body.hpp"
#include "api/conditions.hpp"
#include "api/path.hpp"
#include "api/query_reader.hpp"

#include <lvng/crm/page.hpp>

#include <exception>
#include <string>

namespace lvng::server {
namespace {

struct ContactList {
    crm::ContactFilter filter{};
    crm::Page page{};
};

std::string tag_of(const crm::Contact& contact) {
    return '"' + std::to_string(contact.version) + '"';
}

std::string json_of(const crm::Contact& contact) {
    return value_json("contact", contact);
}

Reply contact_reply(int status, const crm::Contact& contact) {
    Reply reply = json_reply(status, json_of(contact));
    reply.set("ETag", tag_of(contact));
    return reply;
}

std::string json_of(const crm::Listing<crm::Contact>& found, const crm::Page& page) {
    std::string body = R"({"success":true,"contacts":)";
    append_list(body, found.items);
    body += R"(,"total":)" + std::to_string(found.total);
    body += R"(,"limit":)" + std::to_string(page.limit);
    body += R"(,"offset":)" + std::to_string(page.offset);
    body += '}';
    return body;
}

crm::ContactId contact_id(const Call& call) {
    return path_id<crm::ContactId>(call, 0, "id");
}

void refuse_others(BodyReader& reader) {
    for (const auto field :
         {"id", "user_id", "other_emails", "other_phones", "created_at", "updated_at"})
        reader.refuse(field, "is read-only");
    reader.refuse_unknown();
}

crm::NewContact bind_new_contact(const Call& call) {
    BodyReader reader{call};
    crm::NewContact draft;
    reader.require("name");
    reader.take("name", draft.name);
    reader.take("email", draft.email);
    reader.take("phone", draft.phone);
    reader.take("company", draft.company);
    reader.take("title", draft.title);
    reader.take("tags", draft.tags);
    reader.take("notes", draft.notes);
    reader.take("source", draft.source);
    refuse_others(reader);
    reader.check(crm::bad_fields(draft));
    return draft;
}

crm::ContactChanges bind_contact_changes(const Call& call) {
    BodyReader reader{call};
    crm::ContactChanges changes;
    reader.take("name", changes.name);
    reader.take("email", changes.email);
    reader.take("phone", changes.phone);
    reader.take("company", changes.company);
    reader.take("title", changes.title);
    reader.take("tags", changes.tags);
    reader.take("notes", changes.notes);
    reader.refuse("source", "can be set at creation only");
    refuse_others(reader);
    reader.check(crm::bad_fields(changes));
    return changes;
}

ContactList bind_list(const Call& call) {
    QueryReader reader{call};
    ContactList list;
    list.filter.search = reader.text("search");
    list.filter.company = reader.text("company");
    list.filter.tags = reader.list("tags");
    reader.take("source", list.filter.source);
    list.page.limit = reader.number("limit", list.page.limit, {1, crm::ContactLimits::page});
    list.page.offset = reader.number("offset", 0, {0, crm::ContactLimits::offset});
    reader.check();
    return list;
}

}  // namespace

Reply create_contact(const Call& call, crm::Contacts& contacts) {
    const crm::NewContact draft = bind_new_contact(call);
    const crm::Contact contact = contacts.create(call.principal, draft);
    Reply reply = contact_reply(201, contact);
    reply.set("Location", "/api/v2/contacts/" + contact.id.to_string());
    return reply;
}

Reply list_contacts(const Call& call, crm::Contacts& contacts, PageCache& pages) {
    const ContactList wanted = bind_list(call);
    return pages.own_list(
        call.principal, call.target,
        [&](const crm::ListVersion& known) {
            return contacts.list_if_changed(call.principal, known, wanted.filter, wanted.page);
        },
        [&](const auto& found) { return json_of(found, wanted.page); });
}

Reply get_contact(const Call& call, crm::Contacts& contacts, PageCache& pages) {
    const crm::ContactId id = contact_id(call);
    refuse_errors(call);
    // Not kept: it may be older than the moment that the store has by now.
    if (call.asked != nullptr) {
        if (call.asked->failure) std::rethrow_exception(call.asked->failure);
        return contact_reply(200, call.asked->contact.value());
    }
    return pages.own_object(call.principal, call.target, [&] {
        const crm::Contact contact = contacts.get(call.principal, id);
        return PageCache::Tagged{.tag = tag_of(contact), .json = json_of(contact)};
    });
}

Reply update_contact(const Call& call, crm::Contacts& contacts) {
    const crm::ContactId id = contact_id(call);
    const crm::ContactChanges changes = bind_contact_changes(call);
    return contact_reply(200,
                         contacts.update(call.principal, id, changes, condition(call, tag_of)));
}

Reply delete_contact(const Call& call, crm::Contacts& contacts) {
    const crm::ContactId id = contact_id(call);
    refuse_errors(call);
    contacts.remove(call.principal, id, condition(call, tag_of));
    return json_reply(200, R"({"success":true,"message":"Contact deleted"})");
}

}  // namespace lvng::server
