#include <lvng/crm/conversations/members.hpp>

#include "conversations/held_change.hpp"
#include "unit_of_work.hpp"

#include <lvng/crm/conversations/conversations.hpp>

namespace lvng::crm::inline v0 {
namespace {

constexpr std::int64_t most_members = 1 + static_cast<std::int64_t>(ConversationLimits::members);

void check(const UserId& member) {
    if (member.empty()) throw invalid_fields({{"member_id", "is required"}});
}

}  // namespace

bool Members::add(const Principal& who, const ConversationId& conversation,
                  const NewMember& member) {
    check(member.id);
    return in_transaction(
        *scope_, who, Access::write, [&](StoreTransaction& tx, std::vector<Event>& events) {
            HeldChange change{{tx, events, who, *writing_}, conversation};
            if (tx.conversations().find_member(conversation, member.id)) return false;
            if (change.held.type == ConversationType::direct) {
                throw Error{ErrorCode::conflict, "a direct conversation has two members for good"};
            }
            if (change.held.counters.member_count >= most_members) {
                throw Error{ErrorCode::conflict, "the conversation is full"};
            }
            let_in(change, member);
            change.save();
            return true;
        });
}

void Members::remove(const Principal& who, const ConversationId& conversation,
                     const UserId& member) {
    check(member);
    in_transaction(*scope_, who, Access::write,
                   [&](StoreTransaction& tx, std::vector<Event>& events) {
                       HeldChange change{{tx, events, who, *writing_}, conversation};
                       if (member == who.user)
                           return let_go(change, member, change.held.member_type);
                       if (change.held.role != MemberRole::admin) {
                           throw Error{ErrorCode::forbidden, "only an admin removes others"};
                       }
                       const auto found = tx.conversations().find_member(conversation, member);
                       if (!found) throw Error{ErrorCode::not_found, "no such member"};
                       let_go(change, member, found->type);
                   });
}

std::vector<Member> Members::list(const Principal& who, const ConversationId& conversation) const {
    std::vector<Member> members =
        in_transaction(*scope_, who, Access::glance, [&](StoreTransaction& tx) {
            return tx.conversations().members(conversation);
        });
    if (members.empty()) throw unknown_conversation();
    return members;
}

}  // namespace lvng::crm::inline v0
