#include <lvng/crm/testing.hpp>

#include <lvng/crm/sqlite.hpp>

namespace lvng::crm::inline v0::testing {

Timestamp FixedClock::now() const {
    return Timestamp{now_.load()};
}
void FixedClock::set(Timestamp instant) {
    now_ = instant.milliseconds();
}
void FixedClock::advance(std::chrono::milliseconds by) {
    now_ += by.count();
}

Uuid CountingIds::next(Timestamp) {
    const std::uint64_t number = ++count_;
    Uuid::Bytes bytes{};
    bytes[6] = 0x70;  // version 7
    bytes[8] = 0x80;  // variant of RFC 9562
    for (unsigned at = 0; at < 6; ++at) {
        bytes[15 - at] = static_cast<std::uint8_t>(number >> (8 * at));
    }
    return Uuid{bytes};
}

TestCrm::TestCrm() {
    auto clock = std::make_unique<FixedClock>();
    clock_ = clock.get();
    crm_ = std::make_unique<Crm>(
        sqlite_store({.path = ":memory:"}),
        Options{.clock = std::move(clock), .ids = std::make_unique<CountingIds>()});
}

TestCrm::~TestCrm() = default;

}  // namespace lvng::crm::inline v0::testing
