#pragma once

#include <lvng/crm/conversations/records.hpp>

#include <algorithm>
#include <optional>
#include <span>

/// Who leads a conversation. Pure.
namespace lvng::crm::rules {

/// Whoever becomes admin where no admin is left among `members`, which stand by `joined_at`, then
/// id: the longest-standing user, or, where there is none, the longest-standing twin or agent.
inline std::optional<UserId> next_admin(std::span<const HeldMember> members) {
    const auto leads = [](const HeldMember& member) { return member.role == MemberRole::admin; };
    if (members.empty() || std::any_of(members.begin(), members.end(), leads)) return std::nullopt;
    const auto user = std::find_if(members.begin(), members.end(), [](const HeldMember& member) {
        return member.type == MemberType::user;
    });
    return user != members.end() ? user->id : members.front().id;
}

}  // namespace lvng::crm::rules
