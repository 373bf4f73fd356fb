#pragma once

#include <lvng/crm/contacts/contact_keys.hpp>
#include <lvng/crm/id.hpp>
#include <lvng/crm/page.hpp>
#include <lvng/crm/principal.hpp>

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lvng::crm::sql {

/// What filters look at in the contacts of one book, in the order of lists, side by side in
/// memory: a search of 1,000 contacts reads some 60 KB from end to end. Threads may share it once
/// it is filled.
class BookTexts {
public:
    /// The version of the book that it tells of.
    explicit BookTexts(std::int64_t version) : version_{version} {}

    /// The next contact in list order.
    void add(const Uuid& id, std::string_view search_key, std::string_view tags_key,
             ContactSource source);
    /// That was the last one: lets go of memory taken in advance.
    void finish();

    [[nodiscard]] std::int64_t version() const noexcept { return version_; }
    [[nodiscard]] std::size_t bytes() const noexcept;

    struct Found {
        std::vector<Uuid> page;
        std::int64_t total = 0;
    };
    [[nodiscard]] Found find(const ContactQuery& query, const Page& page) const;

private:
    /// Its texts end before these places, where those of the row before end.
    struct Row {
        Uuid id;
        ContactSource source;
        std::size_t search_end;
        std::size_t tags_end;
    };

    [[nodiscard]] std::size_t next_match(std::size_t row, const ContactQuery& query,
                                         std::string_view rarest) const;
    [[nodiscard]] bool matches(std::size_t row, const ContactQuery& query) const;

    std::int64_t version_;
    std::vector<Row> rows_;
    std::string search_keys_;  // each ends with a zero, which no part of a query has
    std::string tags_keys_;
};

/// The texts of the books that were searched last. Whoever asks says which version of the book
/// they see, so nothing here is ever out of date. Safe to share.
class BookTextCache {
public:
    struct Known {
        std::shared_ptr<const BookTexts> texts;
        /// There are none, and this version was asked for before: reading the whole book promises
        /// to be worth it. Only one caller is told so; where they keep nothing, nobody tries again
        /// before the book changes.
        bool is_worth_reading = false;
    };
    Known find(const Principal& who, std::int64_t version);
    void keep(const Principal& who, std::shared_ptr<const BookTexts> texts);

private:
    static constexpr std::int64_t no_version = -1;
    static constexpr std::size_t most_bytes = 64 * 1024 * 1024;
    static constexpr std::size_t bytes_without_texts = 512;

    struct Entry {
        std::string book;
        std::int64_t version = no_version;
        int times_asked = 0;
        std::shared_ptr<const BookTexts> texts{};  // null where nobody has read them
        std::size_t bytes = bytes_without_texts;
    };
    using Entries = std::list<Entry>;  // the one asked for last comes first

    Entry& entry_of(const Principal& who);
    void set(Entry& entry, std::int64_t version, std::shared_ptr<const BookTexts> texts);
    void make_room();

    std::mutex mutex_;
    Entries entries_;
    std::unordered_map<std::string_view, Entries::iterator> by_book_;
    std::size_t bytes_ = 0;
};

}  // namespace lvng::crm::sql
