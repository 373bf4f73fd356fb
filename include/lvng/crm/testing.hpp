#pragma once

#include <lvng/crm/crm.hpp>
#include <lvng/crm/export.hpp>
#include <lvng/crm/ports/environment.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

namespace lvng::crm::inline v0::testing {

/// A clock that moves only when told to. Starts at 2026-04-01T12:00:00.000Z. Safe to share.
class LVNG_CRM_EXPORT FixedClock final : public Clock {
public:
    explicit FixedClock(Timestamp start = Timestamp{1'775'044'800'000})
        : now_{start.milliseconds()} {}
    [[nodiscard]] Timestamp now() const override;
    void set(Timestamp instant);
    void advance(std::chrono::milliseconds by);

private:
    std::atomic<std::int64_t> now_;
};

/// Counts: the n-th id ends in n, so that a test can name it. Safe to share.
class LVNG_CRM_EXPORT CountingIds final : public IdGenerator {
public:
    Uuid next(Timestamp now) override;

private:
    std::atomic<std::uint64_t> count_{0};
};

/// A `Crm` in memory with a clock that the test holds, and ids that count.
class LVNG_CRM_EXPORT TestCrm {
public:
    TestCrm();
    ~TestCrm();

    [[nodiscard]] Crm& crm() noexcept { return *crm_; }
    [[nodiscard]] FixedClock& clock() noexcept { return *clock_; }

private:
    FixedClock* clock_;  // owned by `crm_`
    std::unique_ptr<Crm> crm_;
};

}  // namespace lvng::crm::inline v0::testing
