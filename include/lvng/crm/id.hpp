#pragma once

#include <lvng/crm/export.hpp>

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace lvng::crm::inline v0 {

/// 128 bits, written as 36 characters. Source: RFC 9562. Immutable value.
class LVNG_CRM_EXPORT Uuid {
public:
    using Bytes = std::array<std::uint8_t, 16>;

    /// The nil UUID: sixteen zero bytes.
    constexpr Uuid() = default;
    constexpr explicit Uuid(const Bytes& bytes) : bytes_{bytes} {}

    /// Reads the 36-character form, letters in either case; nothing for any other text.
    static std::optional<Uuid> parse(std::string_view text) noexcept;

    [[nodiscard]] constexpr const Bytes& bytes() const noexcept { return bytes_; }
    [[nodiscard]] constexpr bool is_nil() const noexcept { return bytes_ == Bytes{}; }

    /// 36 characters in lower case.
    [[nodiscard]] std::string to_string() const;
    void append_to(std::string& out) const;

    auto operator<=>(const Uuid&) const = default;

private:
    Bytes bytes_{};
};

namespace detail {
/// Reads `prefix` + UUID; throws `invalid` naming `field` for any other text.
LVNG_CRM_EXPORT Uuid checked_uuid(std::string_view prefix, std::string_view field,
                                  std::string_view text);
LVNG_CRM_EXPORT std::optional<Uuid> parse_uuid(std::string_view prefix,
                                               std::string_view text) noexcept;
/// 1 to 128 visible ASCII characters.
LVNG_CRM_EXPORT bool is_opaque_id(std::string_view text) noexcept;
LVNG_CRM_EXPORT std::string checked_opaque_id(std::string_view field, std::string_view text);
}  // namespace detail

/// An id that the library hands out: a UUID behind a fixed prefix, a type of its own for each
/// kind of object. A default one is nil and names nothing. Immutable value.
template <class Kind>
class UuidId {
public:
    constexpr UuidId() = default;
    constexpr explicit UuidId(const Uuid& uuid) : uuid_{uuid} {}
    /// Throws `invalid` for anything but the prefix and a UUID (letters in either case).
    explicit UuidId(std::string_view text)
        : uuid_{detail::checked_uuid(Kind::prefix, Kind::field, text)} {}

    static std::optional<UuidId> parse(std::string_view text) noexcept {
        const std::optional<Uuid> uuid = detail::parse_uuid(Kind::prefix, text);
        return uuid ? std::optional<UuidId>{UuidId{*uuid}} : std::nullopt;
    }

    [[nodiscard]] constexpr const Uuid& uuid() const noexcept { return uuid_; }
    [[nodiscard]] std::string to_string() const {
        std::string out{Kind::prefix};
        uuid_.append_to(out);
        return out;
    }
    void append_to(std::string& out) const {
        out += Kind::prefix;
        uuid_.append_to(out);
    }

    auto operator<=>(const UuidId&) const = default;

private:
    Uuid uuid_{};
};

/// An id that the caller's identity system hands out: 1 to 128 visible ASCII characters,
/// compared byte by byte. A default one is empty and names nobody. Immutable value.
template <class Kind>
class OpaqueId {
public:
    OpaqueId() = default;
    /// Throws `invalid` for any other text.
    explicit OpaqueId(std::string_view text)
        : text_{detail::checked_opaque_id(Kind::field, text)} {}

    static std::optional<OpaqueId> parse(std::string_view text) {
        if (!detail::is_opaque_id(text)) return std::nullopt;
        return OpaqueId{text};
    }

    [[nodiscard]] const std::string& to_string() const noexcept { return text_; }
    [[nodiscard]] bool empty() const noexcept { return text_.empty(); }

    auto operator<=>(const OpaqueId&) const = default;

private:
    std::string text_{};
};

struct ContactKind {
    static constexpr std::string_view prefix{};
    static constexpr std::string_view field = "id";
};
struct ConversationKind {
    static constexpr std::string_view prefix = "conv_";
    static constexpr std::string_view field = "id";
};
struct MessageKind {
    static constexpr std::string_view prefix = "msg_";
    static constexpr std::string_view field = "message_id";
};
struct UserKind {
    static constexpr std::string_view field = "user_id";
};
struct TenantKind {
    static constexpr std::string_view field = "tenant_id";
};
struct ProjectKind {
    static constexpr std::string_view field = "project_id";
};

using ContactId = UuidId<ContactKind>;
using ConversationId = UuidId<ConversationKind>;
using MessageId = UuidId<MessageKind>;
using UserId = OpaqueId<UserKind>;
using TenantId = OpaqueId<TenantKind>;
using ProjectId = OpaqueId<ProjectKind>;

}  // namespace lvng::crm::inline v0

template <>
struct std::hash<lvng::crm::Uuid> {
    std::size_t operator()(const lvng::crm::Uuid& uuid) const noexcept {
        const auto& bytes = uuid.bytes();
        return std::hash<std::string_view>{}(
            {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }
};
template <class Kind>
struct std::hash<lvng::crm::UuidId<Kind>> {
    std::size_t operator()(const lvng::crm::UuidId<Kind>& id) const noexcept {
        return std::hash<lvng::crm::Uuid>{}(id.uuid());
    }
};
template <class Kind>
struct std::hash<lvng::crm::OpaqueId<Kind>> {
    std::size_t operator()(const lvng::crm::OpaqueId<Kind>& id) const noexcept {
        return std::hash<std::string>{}(id.to_string());
    }
};
