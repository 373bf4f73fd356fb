#include "adapters/sql/events.hpp"

#include "adapters/sql/conversation_rows.hpp"
#include "adapters/sql/lists.hpp"

#include <lvng/crm/error.hpp>

#include <fmt/format.h>

#include <array>

namespace lvng::crm::sql {
namespace {

constexpr std::string_view insert_event =
    "insert into lvng_events (tenant_id, conversation_id, number, type, at, message_number,"
    " by_user, member_type, about) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
constexpr std::string_view conversation_and_last =
    "select c.last_event, " LVNG_CONVERSATION_COLUMNS LVNG_CONVERSATION_OF_MEMBER
    " where m.tenant_id = $1 and m.user_id = $2 and m.conversation_id = $3";
constexpr std::string_view events_behind =
    "select e.number, e.type, e.at, e.by_user, e.member_type, e.about, " LVNG_MESSAGE_COLUMNS
    " from lvng_events e left join lvng_messages g on g.tenant_id = e.tenant_id"
    " and g.conversation_id = e.conversation_id and g.number = e.message_number"
    " where e.tenant_id = $1 and e.conversation_id = $2 and e.number > $3"
    " order by e.number limit $4";
constexpr int first_message_column = 6;

/// What stands in the columns beside place and type. What is empty becomes null.
struct Columns {
    std::int64_t message_number = 0;
    std::string_view by_user{};
    std::string_view member_type{};
    std::string about{};
};

template <class Id>
std::string listed(const std::vector<Id>& ids) {
    std::vector<std::string> texts;
    texts.reserve(ids.size());
    for (const Id& id : ids) texts.emplace_back(id.to_string());
    return joined(texts);
}

template <class Id>
std::vector<Id> ids_in(std::string_view list) {
    std::vector<Id> ids;
    for (const std::string& text : split(list)) ids.emplace_back(std::string_view{text});
    return ids;
}

template <class AboutMessage>
    requires requires(const AboutMessage& event) {
        event.message;
    }
Columns columns_of(const AboutMessage& event) {
    return {.message_number = event.message.number};
}
Columns columns_of(const MessagesRead& event) {
    return {.by_user = event.user.to_string(), .about = listed(event.messages)};
}
Columns columns_of(const ConversationCreated& event) {
    return {.about = listed(event.members)};
}
Columns columns_of(const ConversationUpdated&) {
    return {};
}
Columns columns_of(const ConversationDeleted& event) {
    return {.about = listed(event.members)};
}
template <class MemberMove>
    requires requires(const MemberMove& event) {
        event.by;
    }
Columns columns_of(const MemberMove& event) {
    return {.by_user = event.by.to_string(),
            .member_type = to_string(event.type),
            .about = event.user.to_string()};
}
Columns columns_of(const EventsLost&) {
    throw Error{ErrorCode::internal, "what is lost stands in no log"};
}

/// Reads the rows of `events_behind`.
class EventReader {
public:
    EventReader(const Rows& rows, const TenantId& tenant, const Conversation& conversation)
        : rows_{&rows}, conversation_{&conversation}, place_{.tenant = tenant,
                                                             .conversation = conversation.id,
                                                             .number = rows.integer(0),
                                                             .at = Timestamp{rows.integer(2)}} {}

    [[nodiscard]] Event read() const {
        const std::string_view type = rows_->text(1);
        if (type == event_name(MessageSent{})) return MessageSent{place_, message()};
        if (type == event_name(MessageEdited{})) return MessageEdited{place_, message()};
        if (type == event_name(MessageDeleted{})) return MessageDeleted{place_, message()};
        if (type == event_name(MessagesRead{})) {
            return MessagesRead{place_, by(), ids_in<MessageId>(rows_->text(5))};
        }
        if (type == event_name(ConversationCreated{})) {
            return ConversationCreated{place_, *conversation_, ids_in<UserId>(rows_->text(5))};
        }
        if (type == event_name(ConversationUpdated{})) {
            return ConversationUpdated{place_, *conversation_};
        }
        if (type == event_name(MemberAdded{})) {
            return MemberAdded{place_, about(), member_type(), by()};
        }
        if (type == event_name(MemberRemoved{})) {
            return MemberRemoved{place_, about(), member_type(), by()};
        }
        throw Error{ErrorCode::corrupt, fmt::format("the store has an unknown event: {}", type)};
    }

private:
    [[nodiscard]] Message message() const {
        return read_message(*rows_, first_message_column, place_.conversation);
    }
    [[nodiscard]] UserId by() const { return UserId{rows_->text(3)}; }
    [[nodiscard]] MemberType member_type() const { return read_member_type(*rows_, 4); }
    [[nodiscard]] UserId about() const { return UserId{rows_->text(5)}; }

    const Rows* rows_;
    const Conversation* conversation_;
    EventPlace place_;
};

Value or_null(std::string_view text) {
    return text.empty() ? Value{} : Value{text};
}

}  // namespace

void SqlEvents::append(const Event& event) {
    const Columns columns = std::visit([](const auto& one) { return columns_of(one); }, event);
    const EventPlace& place = *place_of(event);
    session_->defer(
        insert_event,
        std::array<Value, 9>{std::string_view{place.tenant.to_string()}, place.conversation.uuid(),
                             place.number, event_name(event), place.at.milliseconds(),
                             columns.message_number ? Value{columns.message_number} : Value{},
                             or_null(columns.by_user), or_null(columns.member_type),
                             or_null(columns.about)});
}

std::optional<std::vector<Event>> SqlEvents::since(const ConversationId& id, std::int64_t after,
                                                   std::int64_t limit) {
    const Value tenant = std::string_view{who_->tenant.to_string()};
    Conversation conversation;
    std::int64_t last = 0;
    {
        const Value user = std::string_view{who_->user.to_string()};
        Rows rows{
            session_->query(conversation_and_last, std::array<Value, 3>{tenant, user, id.uuid()})};
        if (!rows.next()) return std::nullopt;
        last = rows.integer(0);
        conversation = read_conversation(rows, 1);
    }
    std::vector<Event> events;
    Rows rows{
        session_->query(events_behind, std::array<Value, 4>{tenant, id.uuid(), after, limit})};
    while (rows.next()) {
        // The oldest events leave the log first, so what is missing is missing here.
        if (events.empty() && rows.integer(0) > after + 1) events.emplace_back(EventsLost{});
        events.push_back(EventReader{rows, who_->tenant, conversation}.read());
    }
    if (events.empty() && last > after) events.emplace_back(EventsLost{});
    return events;
}

}  // namespace lvng::crm::sql
