#include "contract/lockstep.hpp"
#include "contract/seen_lists.hpp"
#include "conversations/talk.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

using namespace lvng::crm;
using namespace lvng::crm::test;

namespace {

std::string said(const Listing<ConversationEntry>& list) {
    std::string out = fmt::format("{} in all\n", list.total);
    for (const ConversationEntry& entry : list.items) {
        out += fmt::format("{} {} {}\n", to_json(entry.conversation), entry.unread_count,
                           entry.last_message ? to_json(*entry.last_message) : "nothing");
    }
    return out;
}

std::string said(const std::optional<MessageId>& id) {
    return id ? id->to_string() : "none";
}

std::string said(const MessagePage& page) {
    std::string out =
        fmt::format("{} in all, {}, {}, {}\n", page.total, page.has_more ? "more" : "no more",
                    said(page.cursor), said(page.newer_cursor));
    for (const Message& message : page.messages) out += to_json(message) + '\n';
    return out;
}

std::string said(const std::vector<Member>& members) {
    std::string out;
    for (const Member& member : members) {
        append_json(out, member);
        out += '\n';
    }
    return out;
}

std::string said(const std::vector<Event>& events) {
    std::string out;
    for (const Event& event : events) {
        const EventPlace* place = place_of(event);
        out +=
            fmt::format("{} {} {}\n", place ? place->number : 0, event_name(event), to_json(event));
    }
    return out;
}

/// Makes the next call from random numbers and from the ids that were handed out. The pools are
/// small, so that calls meet.
class Sequence : Chance {
public:
    using Chance::Chance;

    /// Notes what there is, as one of the stores says; what has gone stays known.
    void learn(Crm& crm) {
        for (const Principal& who : people_) {
            for (const auto& entry : crm.conversations().list(who, {.archived = true}).items) {
                note(conversations_, entry.conversation.id);
                for (const Message& message :
                     crm.messages().list(who, entry.conversation.id, {.limit = 5}).messages)
                    note(messages_, message.id);
            }
        }
    }

    Step next() {
        const Principal who = pick(people_);
        const int kind = number(100);
        if (kind < 8 || conversations_.empty()) return create(who);
        if (kind < 10) return remove(who);
        if (kind < 15) return update(who);
        if (kind < 23) return list(who);
        if (kind < 28) return look(who);
        if (kind < 35) return add(who);
        if (kind < 40) return take_out(who);
        if (kind < 60) return send(who);
        if (kind < 66) return edit(who);
        if (kind < 71) return erase(who);
        if (kind < 82) return page(who);
        if (kind < 92) return mark(who);
        if (kind < 96) return log(who);
        return together(who);
    }

    [[nodiscard]] const SeenLists& seen() const { return seen_; }

private:
    template <class Id>
    static void note(std::vector<Id>& ids, const Id& id) {
        if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
    }

    /// The latest ones most of the time.
    template <class Id>
    Id one_of(const std::vector<Id>& ids) {
        if (ids.empty()) return {};
        const int size = static_cast<int>(ids.size());
        const int back = chance(80) ? number(std::min(size, 12)) : number(size);
        return ids[static_cast<std::size_t>(size - 1 - back)];
    }
    ConversationId where() { return one_of(conversations_); }
    MessageId message() { return one_of(messages_); }
    UserId user() { return pick(people_).user; }

    std::string text() {
        static const std::vector<std::string> texts{"hello",       "HELLO",     " two\nlines ",
                                                    "Stra\u00dfe", "STRASSE",   "100% _\\",
                                                    "\U0001F600",  "Zo\u0308e", "",
                                                    " \t",         "a"};
        return pick(texts);
    }
    JsonText object() {
        return json(pick(std::vector<std::string>{"{}", R"({"a":1})", R"({"agent_run_limit":2})",
                                                  R"({"agent_run_limit":-1})",
                                                  R"({"z":{"\u00e9":[null,1.50]}})"}));
    }
    MemberType type() {
        return pick(std::array{MemberType::user, MemberType::twin, MemberType::agent});
    }

    NewConversation draft() {
        NewConversation draft{.type =
                                  pick(std::array{ConversationType::direct, ConversationType::group,
                                                  ConversationType::project}),
                              .settings = object()};
        for (int n = draft.type == ConversationType::direct ? 1 : number(4); n > 0; --n)
            draft.members.push_back({.id = user(), .type = type()});
        if (chance(60)) draft.name = text();
        if (chance(30)) draft.description = text();
        if (chance(20)) draft.project_id = ProjectId{"proj_1"};
        if (chance(10)) draft.parent_message_id = message();
        return draft;
    }
    NewMessage words() {
        NewMessage draft{.content = text(), .metadata = object()};
        if (chance(30)) {
            draft.type = pick(std::array{MessageType::user, MessageType::twin, MessageType::agent,
                                         MessageType::system});
        }
        if (chance(20)) draft.parent_message_id = message();
        return draft;
    }
    ConversationChanges changes() {
        ConversationChanges changes;
        if (chance(40)) changes.name = chance(20) ? Change<std::string>{clear} : text();
        if (chance(30)) changes.description = chance(20) ? Change<std::string>{clear} : text();
        if (chance(30)) changes.is_archived = chance(40);
        if (chance(30)) changes.settings = object();
        return changes;
    }

    Step create(const Principal& who) {
        return [who, draft = draft()](Crm& crm) {
            const OpenedConversation opened = crm.conversations().create(who, draft);
            return fmt::format("{} {}", opened.created, to_json(opened.conversation));
        };
    }
    Step remove(const Principal& who) {
        return [who, id = where()](Crm& crm) {
            return std::string{crm.conversations().remove(who, id) == ConversationEnd::deleted
                                   ? "deleted"
                                   : "left"};
        };
    }
    Step update(const Principal& who) {
        return [who, id = where(), changes = changes()](Crm& crm) {
            return to_json(crm.conversations().update(who, id, changes));
        };
    }
    Step list(const Principal& who) {
        ConversationFilter filter{.unread = chance(30), .archived = chance(50)};
        if (chance(20)) filter.type = ConversationType::group;
        const Page page{.limit = 1 + number(20), .offset = chance(70) ? 0 : number(10)};
        return [who, filter, page, &seen = seen_](Crm& crm) {
            const auto first = crm.conversations().list(who);
            seen.look(crm, owner_key(who), first.version, said(first),
                      [&](const ListVersion& known) {
                          return crm.conversations().list_if_changed(who, known).has_value();
                      });
            return said(crm.conversations().list(who, filter, page));
        };
    }
    Step look(const Principal& who) {
        return [who, id = where()](Crm& crm) {
            const ConversationDetail detail = crm.conversations().get(who, id);
            return to_json(detail.conversation) + said(detail.members);
        };
    }
    Step add(const Principal& who) {
        return [who, id = where(), member = NewMember{.id = user(), .type = type()}](Crm& crm) {
            return fmt::format("{}", crm.members().add(who, id, member));
        };
    }
    Step take_out(const Principal& who) {
        return [who, id = where(), user = chance(50) ? who.user : user()](Crm& crm) {
            crm.members().remove(who, id, user);
            return std::string{"removed"};
        };
    }
    Step send(const Principal& who) {
        return [who, id = where(), draft = words()](Crm& crm) {
            return to_json(crm.messages().send(who, id, draft));
        };
    }
    Step edit(const Principal& who) {
        MessageChanges changes;
        if (chance(70)) changes.content = text();
        if (chance(30)) changes.metadata = object();
        return [who, id = where(), message = message(), changes](Crm& crm) {
            return to_json(crm.messages().edit(who, id, message, changes));
        };
    }
    Step erase(const Principal& who) {
        return [who, id = where(), message = message()](Crm& crm) {
            crm.messages().remove(who, id, message);
            return std::string{"removed"};
        };
    }
    Step page(const Principal& who) {
        MessageQuery query{.limit = 1 + number(8)};
        if (chance(30)) {
            query.around = message();
        } else {
            if (chance(50)) query.cursor = message();
            if (chance(40)) query.direction = PageDirection::newer;
            if (chance(30)) query.search = text();
        }
        return [who, id = where(), query, &seen = seen_](Crm& crm) {
            const MessagePage first = crm.messages().list(who, id);
            seen.look(crm, id.to_string(), first.version, said(first),
                      [&](const ListVersion& known) {
                          return crm.messages().list_if_changed(who, known, id).has_value();
                      });
            return said(crm.messages().list(who, id, query));
        };
    }
    Step mark(const Principal& who) {
        std::vector<MessageId> ids;
        for (int n = number(4); n > 0; --n) ids.push_back(message());
        // Those of the conversation itself too, which `message` would seldom hit together.
        return [who, id = where(), ids, all = chance(40)](Crm& crm) {
            std::vector<MessageId> marked = ids;
            if (all) {
                marked.clear();
                for (const Message& message : crm.messages().list(who, id).messages)
                    marked.push_back(message.id);
            }
            return fmt::format("{}", crm.receipts().mark_read(who, id, marked));
        };
    }
    Step log(const Principal& who) {
        return [who, id = where(), after = number(30)](Crm& crm) {
            return said(crm.events_since(who, id, after, 40));
        };
    }
    /// Some calls as one, a refused one among them passed over, at times all undone.
    Step together(const Principal& who) {
        return [who, id = where(), message = message(), member = NewMember{.id = user()},
                first = words(), second = words(), room = draft(), fails = chance(30)](Crm& crm) {
            return crm.transact(who, [&](Transaction& tx) {
                std::string out =
                    answer([&] { return to_json(tx.messages().send(who, id, first)); });
                out += answer([&] { return fmt::format("{}", tx.members().add(who, id, member)); });
                out += answer(
                    [&] { return fmt::format("{}", tx.receipts().mark_read(who, id, {message})); });
                out += answer([&] { return to_json(tx.messages().send(who, id, second)); });
                out += answer(
                    [&] { return to_json(tx.conversations().create(who, room).conversation); });
                out += said(tx.conversations().list(who));
                if (fails) throw Error{ErrorCode::cancelled, out};
                return out;
            });
        };
    }

    std::vector<Principal> people_{ana(), bob(), cleo(), other_ana()};
    std::vector<ConversationId> conversations_;
    std::vector<MessageId> messages_;
    SeenLists seen_;
};

}  // namespace

TEST_SUITE("contract.conversation_lockstep") {

    TEST_CASE(
        "every store gives the same answers to the same long talk and tells the same events") {
        Lockstep stores;
        Sequence sequence{Chance::seed()};
        std::map<Crm*, Subscription> heard;
        stores.run([&](Crm& crm) {
            heard.emplace(&crm, crm.subscribe({.tenant = TenantId{"acme"}, .capacity = 100'000}));
            return std::string{};
        });
        for (int call = 0; call < 3000; ++call) {
            stores.run(sequence.next());
            if (call % 10 == 0) sequence.learn(stores.first());
            if (call % 100 == 0) stores.run([&](Crm& crm) { return said(heard.at(&crm).take()); });
        }
        stores.run([&](Crm& crm) { return said(heard.at(&crm).take()); });
        CHECK(sequence.seen().unchanged() > 10);
        stores.run([](Crm& crm) {
            const CheckReport report = crm.check();
            CHECK(report.miscounts.empty());
            return fmt::format("{}", report.conversations);
        });
    }
}
