#pragma once

#include <cstdint>
#include <vector>

namespace lvng::crm::inline v0 {

/// Which part of a list is wanted.
struct Page {
    std::int64_t limit = 50;  ///< at most so many items; each list says its range
    std::int64_t offset = 0;  ///< so many items are passed over: 0 to 1,000,000,000
};

/// One page of a list, with the number of items on all pages together.
template <class Item>
struct Listing {
    std::vector<Item> items{};
    std::int64_t total = 0;  ///< exact, of the same moment as `items`
};

}  // namespace lvng::crm::inline v0
