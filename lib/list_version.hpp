#pragma once

#include <lvng/crm/id.hpp>
#include <lvng/crm/page.hpp>
#include <lvng/crm/timestamp.hpp>

#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

namespace lvng::crm::inline v0 {

/// Makes the version of a list from all that tells its states apart.
class ListVersionBuilder {
public:
    void add(std::int64_t number) {
        std::array<char, sizeof number> bytes{};
        std::memcpy(bytes.data(), &number, bytes.size());
        version_.bytes.append(bytes.data(), bytes.size());
    }
    void add(Timestamp time) { add(time.milliseconds()); }
    void add(const Uuid& id) {
        for (const std::uint8_t byte : id.bytes()) version_.bytes += static_cast<char>(byte);
    }

    ListVersion finish() { return std::move(version_); }

private:
    ListVersion version_;
};

}  // namespace lvng::crm::inline v0
