#include "api/page_cache.hpp"

#include <iterator>

namespace lvng::server {

void PageCache::write_metrics(MetricsText& out) const {
    out.begin("lvng_pages_total", MetricType::counter,
              "Pages of lists and single contacts: kept ones that still held, and printed ones.");
    out.add(hits_, {{"from", "kept"}});
    out.add(misses_, {{"from", "printed"}});
    const std::scoped_lock lock{mutex_};
    out.begin("lvng_pages_kept_bytes", MetricType::gauge, "Memory that kept pages take.");
    out.add(bytes_);
}

std::size_t PageCache::bytes_of(const Entry& entry) noexcept {
    constexpr std::size_t around = 384;  // list and map, roughly
    const Page& page = *entry.kept.page;
    return around + entry.key.capacity() + page.version.bytes.capacity() + page.tag.capacity() +
           page.json.capacity();
}

Reply PageCache::reply_of(const Page& page) {
    Reply reply = json_reply(200, page.json);
    if (!page.tag.empty()) reply.set("ETag", page.tag);
    return reply;
}

Reply PageCache::kept_reply(const Page& page) {
    ++hits_;
    return reply_of(page);
}

PageCache::Kept PageCache::find(std::string_view key) {
    const std::scoped_lock lock{mutex_};
    const auto known = by_key_.find(key);
    if (known == by_key_.end()) return {};
    entries_.splice(entries_.begin(), entries_, known->second);
    return known->second->kept;
}

/// Notes that a page held at a later moment.
void PageCache::renew(std::string_view key, const Kept& kept) {
    const std::scoped_lock lock{mutex_};
    const auto known = by_key_.find(key);
    // Another thread may have kept another page meanwhile.
    if (known == by_key_.end() || known->second->kept.page != kept.page) return;
    known->second->kept.moment = kept.moment;
}

void PageCache::keep(const std::string& key, Kept kept) {
    Entries made;
    made.push_front({key, std::move(kept)});
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
