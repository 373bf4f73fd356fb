#include "contract/race.hpp"
#include "conversations/talk.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <set>

using namespace lvng::crm;
using namespace lvng::crm::test;

namespace {

/// A `Crm` with the system's clock and ids.
struct Hall {
    Crm crm{fresh_store(), {.timeout = std::chrono::seconds{60}}};

    ConversationId group(const Principal& creator, const std::vector<std::string>& others) {
        return crm.conversations()
            .create(creator, {.members = Talk::users(others)})
            .conversation.id;
    }
};

/// Codes and whats of errors that a race may not end in; the calls go on.
class Refusals {
public:
    void tolerate(const std::function<void()>& call) {
        try {
            call();
        } catch (const Error& error) {
            if (error.code() == ErrorCode::not_found || error.code() == ErrorCode::forbidden ||
                error.code() == ErrorCode::conflict)
                return;
            const std::scoped_lock lock{mutex_};
            others_.emplace_back(error.what());
        }
    }
    [[nodiscard]] std::vector<std::string> others() const { return others_; }

private:
    std::mutex mutex_;
    std::vector<std::string> others_;
};

/// What of a conversation's events is for a user, by what the events say themselves.
std::vector<Event> meant_for(const UserId& user, const std::vector<Event>& events) {
    std::vector<Event> out;
    bool in = false;
    for (const Event& event : events) {
        bool last = false;
        if (const auto* created = std::get_if<ConversationCreated>(&event)) {
            in = std::count(created->members.begin(), created->members.end(), user) > 0;
        } else if (const auto* added = std::get_if<MemberAdded>(&event)) {
            in = in || added->user == user;
        } else if (const auto* removed = std::get_if<MemberRemoved>(&event)) {
            last = removed->user == user;
        }
        if (in) out.push_back(event);
        in = in && !last;
    }
    return out;
}

bool without_gap(const std::vector<Event>& events) {
    for (std::size_t at = 0; at < events.size(); ++at) {
        const EventPlace* place = place_of(events[at]);
        if (!place || place->number != static_cast<std::int64_t>(at + 1)) return false;
    }
    return true;
}

/// `none` for a conversation that nobody is in any more, else how many admins it has.
std::string admins(Crm& crm, const ConversationId& id, const std::vector<Principal>& people) {
    for (const Principal& who : people) {
        try {
            const std::vector<Member> members = crm.members().list(who, id);
            return std::to_string(
                std::count_if(members.begin(), members.end(), [](const Member& member) {
                    return member.role == MemberRole::admin;
                }));
        } catch (const Error&) {
            continue;  // no member any more
        }
    }
    return "none";
}

/// Leaves, removals, deletions, additions and messages at the same moment, in one conversation.
class Turmoil {
public:
    explicit Turmoil(std::uint32_t seed) : random_{seed} {
        for (const Principal& who : people_) {
            ears_.push_back(
                hall_.crm.subscribe({.tenant = who.tenant, .user = who.user, .capacity = 100'000}));
        }
    }

    void round() {
        const ConversationId id = hall_.group(ana(), {"usr_bob", "usr_cleo", "usr_dan"});
        std::barrier start{static_cast<std::ptrdiff_t>(people_.size())};
        std::vector<std::jthread> threads;
        for (const Principal& who : people_) {
            threads.emplace_back([this, &start, calls = calls(who, id)] {
                start.arrive_and_wait();
                for (const auto& call : calls) refusals_.tolerate(call);
            });
        }
        threads.clear();
        REQUIRE(refusals_.others() == std::vector<std::string>{});
        const std::string owners = admins(hall_.crm, id, people_);
        REQUIRE((owners == "1" || owners == "none"));
        judge(whole_.take());
    }

    void check_counters() { CHECK(hall_.crm.check().miscounts.empty()); }

private:
    std::vector<std::function<void()>> calls(const Principal& who, const ConversationId& id) {
        std::vector<std::function<void()>> calls;
        for (int n = 0; n < 3; ++n) calls.push_back(call(who, id));
        return calls;
    }
    std::function<void()> call(const Principal& who, const ConversationId& id) {
        Crm& crm = hall_.crm;
        const UserId other = people_[random_() % people_.size()].user;
        switch (random_() % 8) {
        case 0:
            return [&crm, who, id] { crm.members().remove(who, id, who.user); };
        case 1:
            return [&crm, who, id, other] { crm.members().remove(who, id, other); };
        case 2:
            return [&crm, who, id] { crm.conversations().remove(who, id); };
        case 3:
        case 4:
            return [&crm, who, id, other] { crm.members().add(who, id, {.id = other}); };
        case 5:
            return [&crm, who, id] {
                std::vector<MessageId> ids;
                for (const Message& message : crm.messages().list(who, id).messages)
                    ids.push_back(message.id);
                if (!ids.empty()) crm.receipts().mark_read(who, id, ids);
            };
        default:
            return [&crm, who, id] { crm.messages().send(who, id, {.content = "x"}); };
        }
    }

    /// Each ear must have what was meant for it and nothing else.
    void judge(const std::vector<Event>& events) {
        REQUIRE(without_gap(events));
        for (std::size_t at = 0; at < people_.size(); ++at) {
            INFO(people_[at].user.to_string());
            REQUIRE(shown(ears_[at].take()) == shown(meant_for(people_[at].user, events)));
        }
    }

    Hall hall_;
    std::vector<Principal> people_{ana(), bob(), cleo(), person("usr_dan")};
    std::mt19937 random_;
    Refusals refusals_;
    Subscription whole_ = hall_.crm.subscribe({.tenant = TenantId{"acme"}, .capacity = 100'000});
    std::vector<Subscription> ears_;
};

/// Reads a conversation from one end to the other, again and again, until told to stop; what it
/// finds out of order it says.
class Reader {
public:
    Reader(Crm& crm, const ConversationId& id, const std::atomic<bool>& writing)
        : crm_{&crm}, id_{id}, writing_{&writing} {}

    void read_older() {
        do {
            MessageQuery query{.limit = 200};
            std::int64_t expected = 0;  // set by the first page
            do {
                const MessagePage page = crm_->messages().list(bob(), id_, query);
                for (const Message& message : page.messages) {
                    if (expected == 0) expected = message.number;
                    meet(message.number, expected--);
                }
                hold("cursor where there is more", page.cursor.has_value() == page.has_more);
                query.cursor = page.cursor;
            } while (query.cursor);
            hold("read down to the first", expected == 0);
        } while (*writing_);
    }

    void read_newer(std::int64_t until) {
        MessageQuery query{.limit = 200, .direction = PageDirection::newer};
        std::int64_t expected = 1;
        while (expected <= until && (*writing_ || failures_.empty())) {
            const MessagePage page = crm_->messages().list(bob(), id_, query);
            for (const Message& message : page.messages) meet(message.number, expected++);
            // On the last page there is no cursor, so the reader goes on behind what it has.
            if (!page.messages.empty()) query.cursor = page.messages.back().id;
        }
    }

    [[nodiscard]] const std::vector<std::string>& failures() const { return failures_; }

private:
    void meet(std::int64_t number, std::int64_t expected) {
        if (number != expected) failures_.push_back(fmt::format("{} not {}", number, expected));
    }
    void hold(const char* what, bool holds) {
        if (!holds) failures_.emplace_back(what);
    }

    Crm* crm_;
    ConversationId id_;
    const std::atomic<bool>* writing_;
    std::vector<std::string> failures_;
};

constexpr int writers = 8;

std::string sender(int writer) {
    return fmt::format("usr_{}", writer);
}
std::vector<std::string> senders() {
    std::vector<std::string> ids{"usr_bob"};
    for (int writer = 0; writer < writers; ++writer) ids.push_back(sender(writer));
    return ids;
}

/// Runs `write(writer)` on as many threads as there are writers and waits for them.
void all_write(const std::function<void(int)>& write) {
    std::vector<std::jthread> threads;
    for (int writer = 0; writer < writers; ++writer)
        threads.emplace_back([&write, writer] { write(writer); });
}

/// Takes until it has so many events, or none came for long.
std::vector<Event> listen(Subscription& subscription, std::size_t count) {
    std::vector<Event> heard;
    while (heard.size() < count) {
        std::vector<Event> more = subscription.wait(std::chrono::seconds{60});
        if (more.empty()) break;
        heard.insert(heard.end(), more.begin(), more.end());
    }
    return heard;
}

/// Numbers of the events of each conversation, as they came.
std::map<ConversationId, std::vector<std::int64_t>> numbers(const std::vector<Event>& events) {
    std::map<ConversationId, std::vector<std::int64_t>> out;
    for (const Event& event : events) {
        const EventPlace* place = place_of(event);
        if (place) out[place->conversation].push_back(place->number);
    }
    return out;
}

}  // namespace

TEST_SUITE("contract.conversation_race") {

    TEST_CASE("of simultaneous creations of one direct pair exactly one creates") {
        constexpr std::size_t racers = 16;
        constexpr std::size_t rounds = 200;
        Hall hall;
        std::vector<std::vector<std::string>> ids(rounds, std::vector<std::string>(racers));
        const auto told = run({racers, rounds}, [&](std::size_t round, std::size_t racer) {
            const Principal other = person(fmt::format("usr_{}", round));
            const bool mine = racer % 2 == 0;
            const OpenedConversation opened = hall.crm.conversations().create(
                mine ? ana() : other, {.type = ConversationType::direct,
                                       .members = {{.id = mine ? other.user : ana().user}}});
            ids[round][racer] = opened.conversation.id.to_string();
            return std::string{opened.created ? "created" : "found"};
        });
        for (std::size_t round = 0; round < rounds; ++round) {
            REQUIRE(std::count(told[round].begin(), told[round].end(), "created") == 1);
            REQUIRE(std::count(told[round].begin(), told[round].end(), "found") == racers - 1);
            REQUIRE(std::set<std::string>(ids[round].begin(), ids[round].end()).size() == 1);
        }
        CHECK(hall.crm.conversations().list(ana()).total == rounds);
    }

    TEST_CASE("no turmoil leaves a conversation without admin or tells somebody who is out") {
        const std::uint32_t seed = std::random_device{}();
        INFO("seed " << seed);
        Turmoil turmoil{seed};
        for (int round = 0; round < 1000; ++round) turmoil.round();
        turmoil.check_counters();
    }

    TEST_CASE("many writers make one order that readers see without a gap, deletions or not") {
        const int each = (long_form() ? 100'000 : 10'000) / writers;
        Hall hall;
        const ConversationId id = hall.group(ana(), senders());
        std::atomic<bool> writing{true};
        std::array<Reader, 4> readers{Reader{hall.crm, id, writing}, Reader{hall.crm, id, writing},
                                      Reader{hall.crm, id, writing}, Reader{hall.crm, id, writing}};
        std::vector<std::jthread> reading;
        for (std::size_t at = 0; at < readers.size(); ++at) {
            reading.emplace_back([&, at] {
                at % 2 == 0 ? readers[at].read_older() : readers[at].read_newer(each * writers);
            });
        }
        std::vector<std::vector<Message>> sent(writers);
        all_write([&](int writer) {
            const Principal who = person(sender(writer));
            for (int n = 0; n < each; ++n) {
                sent[static_cast<std::size_t>(writer)].push_back(hall.crm.messages().send(
                    who, id, {.content = fmt::format("{} {}", writer, n)}));
                if (n % 10 == 9) {
                    hall.crm.messages().remove(
                        who, id,
                        sent[static_cast<std::size_t>(writer)][static_cast<std::size_t>(n - 5)].id);
                }
            }
        });
        writing = false;
        reading.clear();
        for (const Reader& reader : readers) CHECK(reader.failures() == std::vector<std::string>{});
        std::set<std::int64_t> numbers;
        for (const std::vector<Message>& own : sent) {
            CHECK(std::is_sorted(own.begin(), own.end(), [](const Message& a, const Message& b) {
                return a.number < b.number;
            }));
            for (const Message& message : own) numbers.insert(message.number);
        }
        CHECK(numbers.size() == static_cast<std::size_t>(each * writers));
        CHECK(*numbers.begin() == 1);
        CHECK(*numbers.rbegin() == each * writers);
        CHECK(hall.crm.messages().list(bob(), id).total == (each - each / 10) * writers);
        CHECK(hall.crm.check().miscounts.empty());
    }

    TEST_CASE("every subscription has each event once and in order, one that stops delays nobody") {
        const int each = (long_form() ? 100'000 : 10'000) / writers;
        const auto all = static_cast<std::size_t>(each * writers);
        Hall hall;
        std::vector<ConversationId> rooms;
        for (int n = 0; n < 4; ++n) rooms.push_back(hall.group(ana(), senders()));
        const SubscriptionOptions whole{.tenant = TenantId{"acme"}, .capacity = all};
        SubscriptionOptions of_bob = whole;
        of_bob.user = bob().user;
        SubscriptionOptions small = whole;
        small.capacity = 16;
        std::array<Subscription, 2> ears{hall.crm.subscribe(whole), hall.crm.subscribe(of_bob)};
        Subscription stopped = hall.crm.subscribe(small);
        std::array<std::vector<Event>, 2> heard;
        std::vector<std::jthread> listening;
        for (std::size_t at = 0; at < ears.size(); ++at)
            listening.emplace_back([&, at] { heard[at] = listen(ears[at], all); });
        all_write([&](int writer) {
            for (int n = 0; n < each; ++n) {
                hall.crm.messages().send(person(sender(writer)),
                                         rooms[static_cast<std::size_t>(writer + n) % rooms.size()],
                                         {.content = fmt::format("{} {}", writer, n)});
            }
        });
        listening.clear();
        for (std::size_t at = 0; at < ears.size(); ++at) {
            CHECK(heard[at].size() == all);
            CHECK(ears[at].take().empty());
            const auto by_room = numbers(heard[at]);
            CHECK(by_room.size() == rooms.size());
            for (const auto& [room, own] : by_room) {
                // The first event was the conversation's creation.
                for (std::size_t n = 0; n < own.size(); ++n)
                    REQUIRE(own[n] == static_cast<std::int64_t>(n + 2));
            }
        }
        const std::vector<Event> kept = stopped.take();
        CHECK(kept.size() == 17);
        CHECK(std::holds_alternative<EventsLost>(kept.back()));
    }
}
