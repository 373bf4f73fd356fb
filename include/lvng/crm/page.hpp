#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lvng::crm::inline v0 {

/// Which part of a list is wanted.
struct Page {
    std::int64_t limit = 50;  ///< at most so many items; each list says its range
    std::int64_t offset = 0;  ///< so many items are passed over: 0 to 1,000,000,000
};

/// Stands for what a list held at one moment: as long as the version of a list is the same, so is
/// everything in it. Opaque, only to be compared with others of the same list (the same caller,
/// filter and page), and to be forgotten with the process, as the next release may tell versions
/// otherwise. A default one is no list's.
struct ListVersion {
    std::string bytes{};

    bool operator==(const ListVersion&) const = default;
};

/// One page of a list, with the number of items on all pages together.
template <class Item>
struct Listing {
    std::vector<Item> items{};
    std::int64_t total = 0;  ///< exact, of the same moment as `items`
    ListVersion version{};   ///< of that moment too
};

}  // namespace lvng::crm::inline v0
