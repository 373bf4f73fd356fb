#pragma once

#include <lvng/crm/error.hpp>
#include <lvng/crm/export.hpp>
#include <lvng/crm/id.hpp>
#include <lvng/crm/principal.hpp>
#include <lvng/crm/timestamp.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lvng::crm::inline v0 {

class Scope;
struct ConversationWriting;

/// Who or what takes part.
enum class MemberType { user, twin, agent };
/// An admin changes and deletes the conversation and removes others; a member takes part.
enum class MemberRole { member, admin };

LVNG_CRM_EXPORT std::string_view to_string(MemberType type) noexcept;
LVNG_CRM_EXPORT std::optional<MemberType> parse_member_type(std::string_view text) noexcept;
LVNG_CRM_EXPORT std::string_view to_string(MemberRole role) noexcept;
LVNG_CRM_EXPORT std::optional<MemberRole> parse_member_role(std::string_view text) noexcept;

/// Somebody to take in.
struct NewMember {
    UserId id{};  ///< the directory need not know it
    MemberType type = MemberType::user;

    bool operator==(const NewMember&) const = default;
};

/// Somebody who takes part in a conversation.
struct Member {
    UserId id{};
    std::string display_name{};  ///< as the directory says; the id of somebody it does not know
    MemberRole role = MemberRole::member;
    MemberType type = MemberType::user;
    Timestamp joined_at{};

    bool operator==(const Member&) const = default;
};

LVNG_CRM_EXPORT void append_json(std::string& out, const Member& member);

/// Who takes part in a conversation: add, remove, list.
///
/// All calls throw `not_found` where the caller is no member of the conversation, `invalid` for a
/// principal without tenant or user, and `unavailable` (the store does not answer within
/// `Options::timeout`). Safe to share. Source: REST contract, section 3, Members.
class LVNG_CRM_EXPORT Members {
public:
    /// Takes somebody in. False where they are a member already: then nothing changes. Whoever
    /// was a member before comes back with the type they had; they see all messages, and what
    /// was sent before now counts as read. Throws `conflict` (a direct conversation, or one
    /// with 1,001 members).
    bool add(const Principal& who, const ConversationId& conversation, const NewMember& member);

    /// Takes somebody out: oneself, or, as an admin, anybody. When the last admin goes, the
    /// longest-standing user becomes admin, or the longest-standing twin or agent where no user
    /// is left; when the last member goes, the conversation is deleted. Throws `forbidden` (a
    /// plain member removes another one) and `not_found` (no member).
    void remove(const Principal& who, const ConversationId& conversation, const UserId& member);

    /// By `joined_at`, then id.
    [[nodiscard]] std::vector<Member> list(const Principal& who,
                                           const ConversationId& conversation) const;

private:
    friend class Crm;
    friend class Transaction;
    Members(Scope& scope, const ConversationWriting& writing)
        : scope_{&scope}, writing_{&writing} {}

    Scope* scope_;
    const ConversationWriting* writing_;
};

}  // namespace lvng::crm::inline v0
