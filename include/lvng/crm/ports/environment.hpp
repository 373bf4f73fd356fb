#pragma once

#include <lvng/crm/export.hpp>
#include <lvng/crm/id.hpp>
#include <lvng/crm/principal.hpp>
#include <lvng/crm/timestamp.hpp>

#include <string_view>

namespace lvng::crm::inline v0 {

/// Tells the time of day. Safe to share.
class LVNG_CRM_EXPORT Clock {
public:
    virtual ~Clock();
    [[nodiscard]] virtual Timestamp now() const = 0;
};

/// Makes ids that no other generator makes. Safe to share.
class LVNG_CRM_EXPORT IdGenerator {
public:
    virtual ~IdGenerator();
    /// A UUID version 7 of the instant `now`. Source: RFC 9562, section 5.7.
    virtual Uuid next(Timestamp now) = 0;
};

/// A credential that held.
struct VerifiedToken {
    Principal principal{};
    Timestamp expires_at{};  ///< as the token says, without clock skew
    Scopes scopes{};         ///< a token of an identity system has all of them

    bool operator==(const VerifiedToken&) const = default;
};

/// Decides whether a bearer token holds and who it stands for. Safe to share.
class LVNG_CRM_EXPORT TokenVerifier {
public:
    virtual ~TokenVerifier();
    /// Throws `unauthenticated` for every token that does not hold, with one message for all of
    /// them: which rule it broke is nobody's business. `unavailable` where what decides it cannot
    /// be reached.
    [[nodiscard]] virtual VerifiedToken verify(std::string_view token) const = 0;
};

}  // namespace lvng::crm::inline v0
