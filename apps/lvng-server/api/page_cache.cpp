#include "api/page_cache.hpp"

#include <iterator>

namespace lvng::server {

void PageCache::write_metrics(MetricsText& out) const {
    out.begin("lvng_pages_total", MetricType::counter,
              "Pages of lists: kept ones whose list had not changed, and printed ones.");
    out.add(hits_, {{"from", "kept"}});
    out.add(misses_, {{"from", "printed"}});
    const std::scoped_lock lock{mutex_};
    out.begin("lvng_pages_kept_bytes", MetricType::gauge, "Memory that kept pages take.");
    out.add(bytes_);
}

std::size_t PageCache::bytes_of(const Entry& entry) noexcept {
    constexpr std::size_t around = 256;  // list and map, roughly
    return around + entry.key.capacity() + entry.page->version.bytes.capacity() +
           entry.page->json.capacity();
}

std::shared_ptr<const PageCache::Page> PageCache::find(std::string_view key) {
    const std::scoped_lock lock{mutex_};
    const auto known = by_key_.find(key);
    if (known == by_key_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, known->second);
    return known->second->page;
}

void PageCache::keep(const std::string& key, std::shared_ptr<const Page> page) {
    Entries made;
    made.push_front({key, std::move(page)});
    const std::size_t bytes = bytes_of(made.front());
    const std::scoped_lock lock{mutex_};
    const auto known = by_key_.find(key);
    if (known != by_key_.end()) drop(known->second);
    if (bytes > most_bytes_of_page) return;
    by_key_.emplace(made.front().key, made.begin());
    entries_.splice(entries_.begin(), made);
    bytes_ += bytes;
    while (bytes_ > most_bytes) drop(std::prev(entries_.end()));
}

void PageCache::drop(Entries::iterator entry) {
    bytes_ -= bytes_of(*entry);
    by_key_.erase(entry->key);
    entries_.erase(entry);
}

}  // namespace lvng::server
