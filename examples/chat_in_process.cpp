// A chat inside one program: people and an agent talk in one file, no server between them. A
// `Subscription` wakes who listens; the numbers of events say what was missed.

#include <lvng/crm/crm.hpp>
#include <lvng/crm/sqlite.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <iostream>
#include <string>
#include <thread>
#include <variant>
#include <vector>

using namespace lvng::crm;

namespace {

void print(const Message& message) {
    std::cout << "  " << message.number << ' ' << message.user_id.to_string() << ": "
              << (message.deleted_at ? "(deleted)" : message.content) << '\n';
}

/// The contact and the conversation about them are there together, or not at all.
ConversationId open_room(Crm& crm, const Principal& host, const std::vector<NewMember>& others) {
    return crm.transact(host, [&](Transaction& tx) {
        const Contact jane = tx.contacts().create(host, {.name = "Jane Smith"});
        const NewConversation room{.members = others,
                                   .name = jane.name,
                                   // An agent that has answered waits until somebody else writes.
                                   .settings = JsonObject::parse(R"({"agent_run_limit":1})")};
        return tx.conversations().create(host, room).conversation.id;
    });
}

/// The agent's thread. It ends with its membership, of which it hears last.
void answer(Crm& crm, const Principal& agent, Subscription news) {
    for (bool in = true; in;) {
        for (const Event& event : news.wait(std::chrono::minutes{1})) {
            const auto* sent = std::get_if<MessageSent>(&event);
            if (sent && sent->message.type == MessageType::user) {
                crm.messages().send(agent, sent->place.conversation,
                                    {.content = "Noted: " + sent->message.content});
            }
            const auto* removed = std::get_if<MemberRemoved>(&event);
            if (removed && removed->user == agent.user) in = false;
        }
    }
}

/// Shows what is said until the agent has said something.
void listen(Subscription& news) {
    for (bool answered = false; !answered;) {
        for (const Event& event : news.wait(std::chrono::minutes{1})) {
            const auto* sent = std::get_if<MessageSent>(&event);
            if (!sent) continue;
            print(sent->message);
            answered = sent->message.type == MessageType::agent;
        }
    }
}

/// One thread asks, another one answers.
void talk(Crm& crm, const Principal& ana, const ConversationId& room, const Principal& agent) {
    Subscription news = crm.subscribe({.tenant = ana.tenant, .user = ana.user});
    std::jthread scribe{answer, std::ref(crm), agent,
                        crm.subscribe({.tenant = agent.tenant, .user = agent.user})};
    for (const char* line : {"Jane calls at four.", "She wants an offer by Friday."}) {
        crm.messages().send(ana, room, {.content = line});
        listen(news);
    }
    try {
        crm.messages().send(agent, room, {.content = "And another thing"});
    } catch (const Error& error) {
        std::cout << "the agent once more: " << to_string(error.code()) << '\n';
    }
    crm.members().remove(ana, room, agent.user);
}

void print_unread(Crm& crm, const Principal& who) {
    const ConversationEntry room = crm.conversations().list(who).items.at(0);
    std::cout << room.unread_count << " unread in " << room.conversation.name.value() << '\n';
}

/// Pages from the newest message to the oldest and marks all of them as read.
void read_back(Crm& crm, const Principal& who, const ConversationId& room) {
    std::vector<MessageId> seen;
    MessageQuery query{.limit = 3};
    MessagePage page;
    do {
        page = crm.messages().list(who, room, query);
        std::cout << "page of " << page.messages.size() << " of " << page.total << '\n';
        for (const Message& message : page.messages) {
            print(message);
            seen.push_back(message.id);
        }
        query.cursor = page.cursor;
    } while (page.has_more);
    crm.receipts().mark_read(who, room, seen);
}

/// Shows the events in their order. What the queue had no room for stands in the log.
void catch_up(Crm& crm, const Principal& who, const ConversationId& room, Subscription& news) {
    std::int64_t heard = 0;
    const auto show = [&](const Event& event) {
        const EventPlace* place = place_of(event);
        if (place && place->number <= heard) return;  // the log had it already
        if (place) heard = place->number;
        std::cout << "  " << (place ? std::to_string(heard) : "-") << ' ' << event_name(event)
                  << '\n';
    };
    for (const Event& event : news.take()) {
        show(event);
        if (place_of(event)) continue;
        // The new subscription first: what happens in between comes twice rather than never.
        news = crm.subscribe({.tenant = who.tenant, .user = who.user});
        for (const Event& missed : crm.events_since(who, room, heard)) show(missed);
    }
}

}  // namespace

int main() {
    const auto file = std::filesystem::temp_directory_path() / "lvng-chat-in-process.db";
    std::filesystem::remove(file);
    Crm crm{sqlite_store({.path = file})};
    const TenantId acme{"acme"};
    const Principal ana{.tenant = acme, .user = UserId{"usr_ana"}};
    const Principal bob{.tenant = acme, .user = UserId{"usr_bob"}};
    const Principal scribe{.tenant = acme, .user = UserId{"agt_scribe"}};

    // Bob's window has room for three events, and he is at lunch.
    Subscription window = crm.subscribe({.tenant = acme, .user = bob.user, .capacity = 3});
    const ConversationId room =
        open_room(crm, ana, {{.id = bob.user}, {.id = scribe.user, .type = MemberType::agent}});
    talk(crm, ana, room, scribe);

    print_unread(crm, bob);
    read_back(crm, bob, room);
    print_unread(crm, bob);
    const std::vector<Message> newest = crm.messages().list(ana, room, {.limit = 2}).messages;
    crm.messages().edit(ana, room, newest.at(1).id, {.content = "She wants an offer by Monday."});
    crm.messages().remove(ana, room, newest.at(0).id);
    for (const Message& message : crm.messages().list(bob, room).messages) print(message);

    std::cout << "Bob is back\n";
    catch_up(crm, bob, room, window);
    const CheckReport report = crm.check();
    std::cout << "counted anew: " << report.conversations << " conversation, " << report.books
              << " book, " << report.miscounts.size() << " wrong\n";
}
