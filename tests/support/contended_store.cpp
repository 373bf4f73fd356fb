#include "support/contended_store.hpp"

#include "support/forwarding_store.hpp"
#include "support/temporary_folder.hpp"

#include <lvng/crm/error.hpp>
#include <lvng/crm/sqlite.hpp>

#include <fmt/format.h>

#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

namespace lvng::crm::test {
namespace {

class ContendedStore final : public ForwardingStore {
public:
    ContendedStore() {
        for (int number = 0; number < 3; ++number) {
            writers_.emplace_back(
                [this, number](const std::stop_token& stop) { disturb(number, stop); });
        }
    }

    /// It does not, but so servers on it answer reads together, as on PostgreSQL.
    [[nodiscard]] bool gains_by_find_each() const noexcept override { return true; }

private:
    Store& inner() const override { return *store_; }

    void disturb(int number, const std::stop_token& stop) {
        // The first has the user id of the tests' own user, in another tenant.
        const Principal who{.tenant = TenantId{"neighbours"},
                            .user =
                                UserId{number == 0 ? "usr_ana" : fmt::format("usr_{}", number)}};
        for (std::uint64_t count = 1; !stop.stop_requested(); ++count) {
            const auto tx = store_->begin(
                who, Access::write, std::chrono::steady_clock::now() + std::chrono::seconds{30});
            Uuid::Bytes id{};
            for (unsigned at = 0; at < 8; ++at)
                id[15 - at] = static_cast<std::uint8_t>(count >> (8 * at));
            const Contact contact{
                .id = ContactId{Uuid{id}}, .user_id = who.user, .name = "Neighbour"};
            tx->contacts().insert(contact, {.name = "neighbour", .search = "neighbour\n"});
            if (count % 3 == 0) {
                tx->rollback();
            } else {
                tx->commit();
            }
        }
    }

    TemporaryFolder folder_;
    std::unique_ptr<Store> store_ = sqlite_store(
        {.path = folder_.file("contended.db"), .synchronous = SqliteSynchronous::normal});
    std::vector<std::jthread> writers_;
};

}  // namespace

std::unique_ptr<Store> contended_store() {
    return std::make_unique<ContendedStore>();
}

}  // namespace lvng::crm::test
