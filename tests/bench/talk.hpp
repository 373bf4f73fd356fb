#pragma once

#include "measure.hpp"
#include "people.hpp"

#include <lvng/crm/crm.hpp>

#include <functional>
#include <string>
#include <vector>

namespace lvng::crm::bench {

/// Somebody with twenty conversations, one of them long.
struct Desk {
    Principal who{};
    ConversationId long_one{};
    std::vector<MessageId> first{};  ///< of the long one
};

/// The id's 32 hexadecimal digits, as both databases read them.
inline std::string digits(const ConversationId& id) {
    std::string text = id.uuid().to_string();
    std::erase(text, '-');
    return text;
}

/// Twenty conversations of fifty messages each. A long one is made of the last by other means.
inline Desk furnish(Crm& crm, const std::string& tenant) {
    const Principal ana{.tenant = TenantId{tenant}, .user = UserId{"ana"}};
    Desk desk{.who = {.tenant = ana.tenant, .user = UserId{"bob"}}};
    for (int room = 0; room < 20; ++room) {
        const ConversationId id = crm.conversations()
                                      .create(ana, {.members = {{.id = desk.who.user}},
                                                    .name = fmt::format("Room {}", room)})
                                      .conversation.id;
        desk.long_one = id;
        desk.first.clear();
        for (int n = 0; n < 50; ++n) {
            desk.first.push_back(
                crm.messages()
                    .send(ana, id, {.content = fmt::format("Message {} of the room", n)})
                    .id);
        }
        crm.receipts().mark_read(desk.who, id, {desk.first.begin(), desk.first.begin() + 25});
    }
    return desk;
}

/// What reading costs at the long desk, against the short one.
inline bool bench_growth(Crm& crm, const Desk& large, const Desk& small) {
    constexpr int calls = 200;
    const auto repeat = [](const std::function<void()>& call) {
        return [call] {
            for (int n = 0; n < calls; ++n) call();
        };
    };
    const auto contenders = [&](const std::string& what,
                                const std::function<void(const Desk&)>& call) {
        return compare({.what = what, .calls = calls, .bar = 1.3},
                       {"large", repeat([&] { call(large); })},
                       {"small", repeat([&] { call(small); })});
    };
    const auto page = [&](const Desk& desk, const MessageQuery& query) {
        static_cast<void>(crm.messages().list(desk.who, desk.long_one, query));
    };
    bool holds = contenders("newest 50 messages", [&](const Desk& desk) { page(desk, {}); });
    holds =
        contenders("50 messages from a cursor",
                   [&](const Desk& desk) {
                       page(desk, {.cursor = desk.first[25], .direction = PageDirection::newer});
                   }) &&
        holds;
    holds = contenders("50 messages around one",
                       [&](const Desk& desk) { page(desk, {.around = desk.first[40]}); }) &&
            holds;
    return contenders(
               "20 conversations with unread",
               [&](const Desk& desk) { static_cast<void>(crm.conversations().list(desk.who)); }) &&
           holds;
}

}  // namespace lvng::crm::bench
