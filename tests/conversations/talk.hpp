#pragma once

#include "support/people.hpp"
#include "support/store_under_test.hpp"

#include <lvng/crm/crm.hpp>

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What the tests of conversations share: people, and answers as text.
namespace lvng::crm::test {

inline Principal person(std::string_view id, std::string_view tenant = "acme") {
    return {.tenant = TenantId{tenant}, .user = UserId{id}};
}
inline Principal cleo() {
    return person("usr_cleo");
}
/// In no conversation unless a test says so.
inline Principal stranger() {
    return person("usr_stranger");
}

inline JsonText json(std::string_view text) {
    return JsonText{JsonObject::parse(text)};
}

/// `usr_ana admin user, usr_bob member twin`.
inline std::string shown(const std::vector<Member>& members) {
    std::string out;
    for (const Member& member : members) {
        if (!out.empty()) out += ", ";
        out += fmt::format("{} {} {}", member.id.to_string(), to_string(member.role),
                           to_string(member.type));
    }
    return out;
}

/// `1 hello, 2 (deleted)`.
inline std::string shown(const std::vector<Message>& messages) {
    std::string out;
    for (const Message& message : messages) {
        if (!out.empty()) out += ", ";
        out += fmt::format("{} {}", message.number,
                           message.deleted_at ? "(deleted)" : message.content);
    }
    return out;
}

namespace detail {

inline std::string names(const std::vector<UserId>& users) {
    std::string out;
    for (const UserId& user : users) out += ' ' + user.to_string();
    return out;
}

/// What an event says beside its name and its place.
struct Told {
    static std::string message(const Message& message) { return ' ' + shown({message}); }
    std::string operator()(const MessageSent& event) const { return message(event.message); }
    std::string operator()(const MessageEdited& event) const { return message(event.message); }
    std::string operator()(const MessageDeleted& event) const { return message(event.message); }
    std::string operator()(const MessagesRead& event) const {
        return fmt::format(" {} {}", event.user.to_string(), event.messages.size());
    }
    std::string operator()(const ConversationCreated& event) const { return names(event.members); }
    std::string operator()(const ConversationUpdated& event) const {
        return ' ' + event.conversation.name.value_or("(no name)");
    }
    std::string operator()(const ConversationDeleted& event) const { return names(event.members); }
    std::string operator()(const MemberAdded& event) const {
        return fmt::format(" {} {} by {}", event.user.to_string(), to_string(event.type),
                           event.by.to_string());
    }
    std::string operator()(const MemberRemoved& event) const {
        return fmt::format(" {} {} by {}", event.user.to_string(), to_string(event.type),
                           event.by.to_string());
    }
    std::string operator()(const EventsLost& /*event*/) const { return ""; }
};

}  // namespace detail

/// A line each: `2 message:new 1 hello`.
inline std::string shown(const std::vector<Event>& events) {
    std::string out;
    for (const Event& event : events) {
        if (const EventPlace* place = place_of(event)) out += fmt::format("{} ", place->number);
        out += event_name(event);
        out += std::visit(detail::Told{}, event) + '\n';
    }
    return out;
}

/// Conversations on a fresh store.
struct Talk : CrmUnderTest {
    Conversations& conversations = crm().conversations();
    Members& members = crm().members();
    Messages& messages = crm().messages();
    Receipts& receipts = crm().receipts();

    using CrmUnderTest::CrmUnderTest;

    void pass(std::chrono::milliseconds time = std::chrono::milliseconds{1}) {
        clock().advance(time);
    }

    static std::vector<NewMember> users(const std::vector<std::string>& ids) {
        std::vector<NewMember> out;
        for (const std::string& id : ids) out.push_back({.id = UserId{id}});
        return out;
    }

    /// A group of the creator and others.
    ConversationId group(const Principal& creator, const std::vector<std::string>& others,
                         const std::string& name = "") {
        return conversations.create(creator, {.members = users(others), .name = name})
            .conversation.id;
    }
    ConversationId direct(const Principal& creator, const Principal& other) {
        return conversations
            .create(creator, {.type = ConversationType::direct, .members = {{.id = other.user}}})
            .conversation.id;
    }

    Message say(const Principal& who, const ConversationId& where, const std::string& content) {
        return messages.send(who, where, {.content = content});
    }
    void leave(const Principal& who, const ConversationId& where) {
        members.remove(who, where, who.user);
    }

    std::string people(const Principal& who, const ConversationId& where) {
        return shown(members.list(who, where));
    }
    std::string everything(const Principal& who, const ConversationId& where) {
        return shown(messages.list(who, where, {.direction = PageDirection::newer}).messages);
    }
    Conversation look(const Principal& who, const ConversationId& where) {
        return conversations.get(who, where).conversation;
    }
    /// Names of a page of conversations, comma separated, then its total.
    std::string list(const Principal& who, const ConversationFilter& filter = {},
                     const Page& page = {.limit = 20}) {
        const auto listing = conversations.list(who, filter, page);
        std::string out;
        for (const ConversationEntry& entry : listing.items)
            out += entry.conversation.name.value_or("-") + ',';
        return out + std::to_string(listing.total);
    }
    /// As the list shows it; -1 where the conversation is not in it.
    std::int64_t unread(const Principal& who, const ConversationId& where) {
        for (const ConversationEntry& entry :
             conversations.list(who, {.archived = true}, {.limit = 100}).items) {
            if (entry.conversation.id == where) return entry.unread_count;
        }
        return -1;
    }
    std::string log(const Principal& who, const ConversationId& where, std::int64_t after = 0) {
        return shown(crm().events_since(who, where, after));
    }
};

}  // namespace lvng::crm::test
