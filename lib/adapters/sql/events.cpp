#include "adapters/sql/events.hpp"

#include "adapters/sql/conversation_rows.hpp"
#include "adapters/sql/lists.hpp"

#include <lvng/crm/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace lvng::crm::sql {
namespace {

constexpr std::string_view insert_event =
    "insert into lvng_events (tenant_id, conversation_id, number, type, at, message_number,"
    " by_user, member_type, about, messages_before)"
    " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
constexpr std::string_view conversation_and_numbers =
    "select c.last_event, c.last_number, " LVNG_CONVERSATION_COLUMNS LVNG_CONVERSATION_OF_MEMBER
    " where m.tenant_id = $1 and m.user_id = $2 and m.conversation_id = $3";
constexpr std::string_view changes_behind =
    "select e.number, e.type, e.at, e.by_user, e.member_type, e.about, e.messages_before,"
    " " LVNG_MESSAGE_COLUMNS
    " from lvng_events e left join lvng_messages g on g.tenant_id = e.tenant_id"
    " and g.conversation_id = e.conversation_id and g.number = e.message_number"
    " where e.tenant_id = $1 and e.conversation_id = $2 and e.number > $3 and e.number <= $4"
    " order by e.number limit $5";
constexpr int messages_before_column = 6;
constexpr int first_message_column = 7;
// The numbers of messages and of their events grow together, and the key is by the former.
constexpr std::string_view sendings_behind =
    "select g.event_number, " LVNG_MESSAGE_COLUMNS " from lvng_messages g"
    " where g.tenant_id = $1 and g.conversation_id = $2 and g.number > $3"
    " and g.event_number > $4 and g.event_number <= $5 order by g.number limit $6";

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

/// Reads the rows of `changes_behind`; of sendings those from before a message was its own event.
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

/// What is asked for of a conversation's log.
struct Stretch {
    TenantId tenant{};
    Conversation conversation{};
    std::int64_t after = 0;
    std::int64_t last = 0;      ///< the conversation's, at the time
    std::int64_t limit = 0;     ///< so many events
    std::int64_t messages = 0;  ///< at least so many were sent up to `after`

    [[nodiscard]] Value tenant_value() const { return std::string_view{tenant.to_string()}; }
    /// Told that so many messages had been sent when the event of that number was made.
    void count_back(std::int64_t sent, std::int64_t number) {
        messages = sent - (number - 1 - after);
    }
};

/// All but those of sent messages. Counts back from the first of them.
std::vector<Event> changes_in(Session& session, Stretch& stretch) {
    std::vector<Event> changes;
    bool counted = false;
    Rows rows{session.query(
        changes_behind, std::array<Value, 5>{stretch.tenant_value(), stretch.conversation.id.uuid(),
                                             stretch.after, stretch.last, stretch.limit})};
    while (rows.next()) {
        changes.push_back(EventReader{rows, stretch.tenant, stretch.conversation}.read());
        if (counted || rows.is_null(messages_before_column)) continue;
        stretch.count_back(rows.integer(messages_before_column), rows.integer(0));
        counted = true;
    }
    return changes;
}

void add_sendings(std::vector<Event>& events, Session& session, const Stretch& stretch) {
    const ConversationId& id = stretch.conversation.id;
    Rows rows{session.query(sendings_behind, std::array<Value, 6>{stretch.tenant_value(), id.uuid(),
                                                                  stretch.messages, stretch.after,
                                                                  stretch.last, stretch.limit})};
    while (rows.next()) {
        Message message = read_message(rows, 1, id);
        const EventPlace place{.tenant = stretch.tenant,
                               .conversation = id,
                               .number = rows.integer(0),
                               .at = message.created_at};
        events.emplace_back(MessageSent{place, std::move(message)});
    }
}

std::int64_t number_of(const Event& event) {
    return place_of(event)->number;
}

/// With `EventsLost` wherever numbers are missing.
std::vector<Event> with_gaps(std::vector<Event> found, const Stretch& stretch) {
    const bool is_cut = std::ssize(found) >= stretch.limit;
    if (is_cut) found.resize(static_cast<std::size_t>(stretch.limit));
    std::vector<Event> events;
    events.reserve(found.size() + 1);
    std::int64_t next = stretch.after + 1;
    for (Event& event : found) {
        const std::int64_t number = number_of(event);
        if (number != next) events.emplace_back(EventsLost{});
        next = number + 1;
        events.push_back(std::move(event));
    }
    if (!is_cut && next <= stretch.last) events.emplace_back(EventsLost{});
    return events;
}

}  // namespace

void SqlEvents::append(const Event& event, std::int64_t messages) {
    const Columns columns = std::visit([](const auto& one) { return columns_of(one); }, event);
    const EventPlace& place = *place_of(event);
    session_->defer(
        insert_event,
        std::array<Value, 10>{std::string_view{place.tenant.to_string()}, place.conversation.uuid(),
                              place.number, event_name(event), place.at.milliseconds(),
                              columns.message_number ? Value{columns.message_number} : Value{},
                              or_null(columns.by_user), or_null(columns.member_type),
                              or_null(columns.about), messages});
}

std::optional<std::vector<Event>> SqlEvents::since(const ConversationId& id, std::int64_t after,
                                                   std::int64_t limit) {
    Stretch stretch{.tenant = who_->tenant, .after = after, .limit = limit};
    {
        const Value user = std::string_view{who_->user.to_string()};
        Rows rows{session_->query(conversation_and_numbers,
                                  std::array<Value, 3>{stretch.tenant_value(), user, id.uuid()})};
        if (!rows.next()) return std::nullopt;
        stretch.last = rows.integer(0);
        stretch.count_back(rows.integer(1), stretch.last + 1);
        stretch.conversation = read_conversation(rows, 2);
    }
    std::vector<Event> events = changes_in(*session_, stretch);
    const auto changes = std::ssize(events);
    add_sendings(events, *session_, stretch);
    std::ranges::inplace_merge(events, events.begin() + changes, {}, number_of);
    return with_gaps(std::move(events), stretch);
}

}  // namespace lvng::crm::sql
