#include "contract/lockstep.hpp"
#include "conversations/talk.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

using namespace lvng::crm;
using namespace lvng::crm::test;

namespace {

struct Spoken {
    MessageId id{};
    UserId sender{};
    bool deleted = false;
    std::set<UserId> readers{};
};

/// A conversation as somebody would keep it who counts every time anew.
struct Naive {
    std::vector<Spoken> messages{};
    std::map<UserId, std::size_t> joined_at{};  ///< how many messages there were

    [[nodiscard]] std::int64_t total() const {
        return std::count_if(messages.begin(), messages.end(),
                             [](const Spoken& message) { return !message.deleted; });
    }
    [[nodiscard]] std::int64_t unread(const UserId& user) const {
        std::int64_t count = 0;
        for (std::size_t at = joined_at.at(user); at < messages.size(); ++at) {
            const Spoken& message = messages[at];
            count += !message.deleted && message.sender != user && !message.readers.contains(user)
                         ? 1
                         : 0;
        }
        return count;
    }
    void forget(const UserId& user) {
        joined_at.erase(user);
        for (Spoken& message : messages) message.readers.erase(user);
    }
};

/// Random operations on a few conversations, beside a naive count of them.
class Operations : Talk, Chance {
public:
    explicit Operations(std::uint32_t seed) : Chance{seed} {
        while (rooms_.size() < 4) open();
    }

    void next() {
        const Principal who = pick(people_);
        const ConversationId id = pick(ids_);
        try {
            operate(who, id);
        } catch (const Error& error) {
            REQUIRE((error.code() == ErrorCode::not_found || error.code() == ErrorCode::forbidden ||
                     error.code() == ErrorCode::conflict));
        }
        while (rooms_.size() < 4) open();
        if (rooms_.contains(id)) compare(id);
    }

    void compare_all() {
        for (const auto& [id, room] : rooms_) compare(id);
        CHECK(crm().check().miscounts.empty());
    }

private:
    void open() {
        const ConversationId id = group(ana(), {"usr_bob", "usr_cleo"});
        ids_.push_back(id);
        if (ids_.size() > 5) ids_.erase(ids_.begin());
        for (const Principal& who : {ana(), bob(), cleo()}) rooms_[id].joined_at[who.user] = 0;
    }

    void operate(const Principal& who, const ConversationId& id) {
        const int kind = number(1000);
        if (kind < 450) return speak(who, id);
        if (kind < 640) return read(who, id);
        if (kind < 760) return erase(who, id);
        if (kind < 840) return edit(who, id);
        if (kind < 920) return join(who, id);
        if (kind < 995) return take_out(who, id);
        end(who, id);
    }

    void speak(const Principal& who, const ConversationId& id) {
        const Message sent = say(who, id, "x");
        Naive& room = rooms_.at(id);
        room.messages.push_back({.id = sent.id, .sender = who.user});
        REQUIRE(sent.number == static_cast<std::int64_t>(room.messages.size()));
    }
    void read(const Principal& who, const ConversationId& id) {
        std::vector<MessageId> ids;
        for (int n = 1 + number(6); n > 0; --n) {
            const Spoken* message = some(id);
            if (message) ids.push_back(message->id);
        }
        if (ids.empty()) return;
        receipts.mark_read(who, id, ids);
        for (Spoken& message : rooms_.at(id).messages)
            if (std::find(ids.begin(), ids.end(), message.id) != ids.end())
                message.readers.insert(who.user);
    }
    void erase(const Principal& who, const ConversationId& id) {
        Spoken* message = some(id);
        if (!message) return;
        messages.remove(who, id, message->id);
        message->deleted = true;
    }
    void edit(const Principal& who, const ConversationId& id) {
        const Spoken* message = some(id);
        if (message) messages.edit(who, id, message->id, {.content = std::to_string(number(99))});
    }
    void join(const Principal& who, const ConversationId& id) {
        const UserId user = pick(people_).user;
        if (!members.add(who, id, {.id = user})) return;
        Naive& room = rooms_.at(id);
        room.joined_at[user] = room.messages.size();
    }
    void take_out(const Principal& who, const ConversationId& id) {
        const UserId user = chance(70) ? who.user : pick(people_).user;
        members.remove(who, id, user);
        gone(user, id);
    }
    void end(const Principal& who, const ConversationId& id) {
        if (conversations.remove(who, id) == ConversationEnd::deleted) {
            rooms_.erase(id);
        } else {
            gone(who.user, id);
        }
    }
    void gone(const UserId& user, const ConversationId& id) {
        rooms_.at(id).forget(user);
        if (rooms_.at(id).joined_at.empty()) rooms_.erase(id);
    }

    /// One of the latest messages, or nothing where there is none.
    Spoken* some(const ConversationId& id) {
        const auto room = rooms_.find(id);
        if (room == rooms_.end() || room->second.messages.empty()) return nullptr;
        std::vector<Spoken>& spoken = room->second.messages;
        const int size = static_cast<int>(spoken.size());
        return &spoken[static_cast<std::size_t>(size - 1 - number(std::min(size, 30)))];
    }

    void compare(const ConversationId& id) {
        const Naive& room = rooms_.at(id);
        for (const auto& [user, joined] : room.joined_at) {
            const Principal who = person(user.to_string());
            INFO(id.to_string() << " of " << user.to_string());
            REQUIRE(unread(who, id) == room.unread(user));
        }
        const Principal somebody = person(room.joined_at.begin()->first.to_string());
        REQUIRE(messages.list(somebody, id, {.limit = 1}).total == room.total());
        REQUIRE(look(somebody, id).member_count ==
                static_cast<std::int64_t>(room.joined_at.size()));
    }

    std::vector<Principal> people_{ana(), bob(), cleo(), person("usr_dan"), person("usr_eve")};
    std::vector<ConversationId> ids_;
    std::map<ConversationId, Naive> rooms_;
};

}  // namespace

TEST_SUITE("contract.conversation_recount") {

    TEST_CASE(
        "unread and totals are what a naive count says, after every one of 10,000 operations") {
        Operations operations{Chance::seed()};
        for (int n = 1; n <= 10'000; ++n) {
            INFO("operation " << n);
            operations.next();
            if (n % 500 == 0) operations.compare_all();
        }
    }
}
