#include <lvng/crm/events.hpp>

#include "json_printing.hpp"
#include "subscription_queue.hpp"

#include <cassert>
#include <type_traits>
#include <utility>

namespace lvng::crm::inline v0 {
namespace {

std::string_view name_of(const MessageSent&) {
    return "message:new";
}
std::string_view name_of(const MessageEdited&) {
    return "message:updated";
}
std::string_view name_of(const MessageDeleted&) {
    return "message:deleted";
}
std::string_view name_of(const MessagesRead&) {
    return "messages:read";
}
std::string_view name_of(const ConversationCreated&) {
    return "conversation:created";
}
std::string_view name_of(const ConversationUpdated&) {
    return "conversation:updated";
}
std::string_view name_of(const ConversationDeleted&) {
    return "conversation:deleted";
}
std::string_view name_of(const MemberAdded&) {
    return "member:added";
}
std::string_view name_of(const MemberRemoved&) {
    return "member:removed";
}
std::string_view name_of(const EventsLost&) {
    return "events:lost";
}

void append_payload(std::string& out, const EventPlace& place, const Message& message) {
    out.reserve(640 + message.content.size() + message.metadata.text().size());
    out += R"({"conversationId":)";
    append_value(out, place.conversation);
    out += R"(,"message":)";
    append_json(out, message);
    out += '}';
}
void append_payload(std::string& out, const MessageSent& event) {
    append_payload(out, event.place, event.message);
}
void append_payload(std::string& out, const MessageEdited& event) {
    append_payload(out, event.place, event.message);
}
void append_payload(std::string& out, const MessageDeleted& event) {
    append_payload(out, event.place, event.message);
}

void append_payload(std::string& out, const MessagesRead& event) {
    out += R"({"conversationId":)";
    append_value(out, event.place.conversation);
    out += R"(,"userId":)";
    append_value(out, event.user);
    out += R"(,"messageIds":)";
    append_value(out, event.messages);
    out += R"(,"readAt":)";
    append_value(out, event.place.at);
    out += '}';
}

void append_payload(std::string& out, const Conversation& conversation) {
    out += R"({"conversation":)";
    append_json(out, conversation);
    out += '}';
}
void append_payload(std::string& out, const ConversationCreated& event) {
    append_payload(out, event.conversation);
}
void append_payload(std::string& out, const ConversationUpdated& event) {
    append_payload(out, event.conversation);
}
void append_payload(std::string& out, const ConversationDeleted& event) {
    out += R"({"conversationId":)";
    append_value(out, event.place.conversation);
    out += '}';
}

struct MemberMove {
    const EventPlace& place;
    const UserId& user;
    MemberType type;
    const UserId& by;
};
void append_payload(std::string& out, const MemberMove& move) {
    out += R"({"conversationId":)";
    append_value(out, move.place.conversation);
    out += R"(,"userId":)";
    append_value(out, move.user);
    out += R"(,"memberType":")";
    out += to_string(move.type);
    out += R"(","by":)";
    append_value(out, move.by);
    out += '}';
}
void append_payload(std::string& out, const MemberAdded& event) {
    append_payload(out, MemberMove{event.place, event.user, event.type, event.by});
}
void append_payload(std::string& out, const MemberRemoved& event) {
    append_payload(out, MemberMove{event.place, event.user, event.type, event.by});
}

void append_payload(std::string& out, const EventsLost&) {
    out += "{}";
}

}  // namespace

std::string_view event_name(const Event& event) noexcept {
    return std::visit([](const auto& one) { return name_of(one); }, event);
}

std::string to_json(const Event& event) {
    std::string out;
    std::visit([&out](const auto& one) { append_payload(out, one); }, event);
    return out;
}

const EventPlace* place_of(const Event& event) noexcept {
    return std::visit(
        [](const auto& one) -> const EventPlace* {
            if constexpr (std::is_same_v<decltype(one), const EventsLost&>) {
                return nullptr;
            } else {
                return &one.place;
            }
        },
        event);
}

Subscription::Subscription(std::shared_ptr<SubscriptionQueue> queue) noexcept
    : queue_{std::move(queue)} {}
Subscription::Subscription(Subscription&&) noexcept = default;

Subscription& Subscription::operator=(Subscription&& other) noexcept {
    Subscription ended{std::exchange(queue_, std::move(other.queue_))};
    return *this;
}

Subscription::~Subscription() {
    if (queue_) queue_->close();
}

std::vector<Event> Subscription::take() {
    assert(queue_ && "a subscription that was moved from");
    return queue_->take();
}

std::vector<Event> Subscription::wait(std::chrono::milliseconds timeout) {
    assert(queue_ && "a subscription that was moved from");
    return queue_->wait(timeout);
}

}  // namespace lvng::crm::inline v0
