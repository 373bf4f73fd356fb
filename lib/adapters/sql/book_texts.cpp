#include "adapters/sql/book_texts.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace lvng::crm::sql {
namespace {

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

/// The longest part is looked for first: it is the least likely to be there.
std::string_view longest(const std::vector<std::string>& parts) {
    std::string_view longest;
    for (const std::string& part : parts) {
        if (part.size() > longest.size()) longest = part;
    }
    return longest;
}

}  // namespace

void BookTexts::add(const Uuid& id, std::string_view search_key, std::string_view tags_key,
                    ContactSource source) {
    search_keys_ += search_key;
    search_keys_ += '\0';
    tags_keys_ += tags_key;
    rows_.push_back({id, source, search_keys_.size(), tags_keys_.size()});
}

void BookTexts::finish() {
    rows_.shrink_to_fit();
    search_keys_.shrink_to_fit();
    tags_keys_.shrink_to_fit();
}

std::size_t BookTexts::bytes() const noexcept {
    return sizeof *this + rows_.capacity() * sizeof(Row) + search_keys_.capacity() +
           tags_keys_.capacity();
}

BookTexts::Found BookTexts::find(const ContactQuery& query, const Page& page) const {
    const std::string_view rarest = longest(query.search_parts);
    Found found;
    for (std::size_t row = next_match(0, query, rarest); row < rows_.size();
         row = next_match(row + 1, query, rarest)) {
        const bool on_page = found.total >= page.offset && found.total - page.offset < page.limit;
        if (on_page) found.page.push_back(rows_[row].id);
        ++found.total;
    }
    return found;
}

/// The first match from `row` on, or the number of rows.
std::size_t BookTexts::next_match(std::size_t row, const ContactQuery& query,
                                  std::string_view rarest) const {
    for (; row < rows_.size(); ++row) {
        if (!rarest.empty()) {
            const std::size_t from = row == 0 ? 0 : rows_[row - 1].search_end;
            // One search through all that is left: memmem reads many bytes at a time.
            const void* at = ::memmem(search_keys_.data() + from, search_keys_.size() - from,
                                      rarest.data(), rarest.size());
            if (at == nullptr) return rows_.size();
            const auto place =
                static_cast<std::size_t>(static_cast<const char*>(at) - search_keys_.data());
            const auto holder = std::upper_bound(
                rows_.begin() + static_cast<std::ptrdiff_t>(row), rows_.end(), place,
                [](std::size_t wanted, const Row& held) { return wanted < held.search_end; });
            row = static_cast<std::size_t>(holder - rows_.begin());
        }
        if (matches(row, query)) return row;
    }
    return row;
}

bool BookTexts::matches(std::size_t row, const ContactQuery& query) const {
    const Row& here = rows_[row];
    if (query.source && here.source != *query.source) return false;
    const auto text_of = [&](std::string_view texts, std::size_t Row::*end) {
        const std::size_t start = row == 0 ? 0 : rows_[row - 1].*end;
        return texts.substr(start, here.*end - start);
    };
    const auto has_all = [](std::string_view text, const std::vector<std::string>& parts) {
        return std::all_of(parts.begin(), parts.end(),
                           [&](const std::string& part) { return contains(text, part); });
    };
    return has_all(text_of(search_keys_, &Row::search_end), query.search_parts) &&
           has_all(text_of(tags_keys_, &Row::tags_end), query.tag_parts);
}

BookTextCache::Known BookTextCache::find(const Principal& who, std::int64_t version) {
    const std::scoped_lock lock{mutex_};
    Entry& entry = entry_of(who);
    if (entry.version != version) set(entry, version, nullptr);
    if (entry.times_asked < 3) ++entry.times_asked;
    return {.texts = entry.texts, .is_worth_reading = !entry.texts && entry.times_asked == 2};
}

void BookTextCache::keep(const Principal& who, std::shared_ptr<const BookTexts> texts) {
    const std::scoped_lock lock{mutex_};
    const std::int64_t version = texts->version();
    set(entry_of(who), version, std::move(texts));
    make_room();
}

void BookTextCache::set(Entry& entry, std::int64_t version,
                        std::shared_ptr<const BookTexts> texts) {
    const std::size_t bytes = bytes_without_texts + (texts ? texts->bytes() : 0);
    bytes_ = bytes_ - entry.bytes + bytes;
    entry.bytes = bytes;
    entry.version = version;
    entry.times_asked = 0;
    entry.texts = std::move(texts);
}

BookTextCache::Entry& BookTextCache::entry_of(const Principal& who) {
    std::string book = owner_key(who);
    const auto known = by_book_.find(book);
    if (known != by_book_.end()) {
        entries_.splice(entries_.begin(), entries_, known->second);
        return entries_.front();
    }
    // Put in place when it can be found: without memory for that, nothing has changed.
    Entries made;
    made.push_front({.book = std::move(book)});
    by_book_.emplace(made.front().book, made.begin());
    entries_.splice(entries_.begin(), made);
    bytes_ += entries_.front().bytes;
    make_room();
    return entries_.front();
}

/// Lets go of those that nobody has asked for longest; the one asked for last stays.
void BookTextCache::make_room() {
    while (bytes_ > most_bytes && entries_.size() > 1) {
        bytes_ -= entries_.back().bytes;
        by_book_.erase(entries_.back().book);
        entries_.pop_back();
    }
}

}  // namespace lvng::crm::sql
