#include "adapters/sql/book_texts.hpp"

#include "support/chance.hpp"
#include "support/people.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace lvng::crm;
using namespace lvng::crm::test;
using sql::BookTextCache;
using sql::BookTexts;

namespace {

Uuid id_of(std::size_t number) {
    Uuid::Bytes bytes{};
    bytes[14] = static_cast<std::uint8_t>(number >> 8);
    bytes[15] = static_cast<std::uint8_t>(number);
    return Uuid{bytes};
}

/// The numbers of a page, then the total.
std::string shown(const BookTexts::Found& found) {
    std::string out;
    for (const Uuid& id : found.page) {
        out += std::to_string(id.bytes()[14] * 256 + id.bytes()[15]) + ' ';
    }
    return out + "of " + std::to_string(found.total);
}

std::shared_ptr<const BookTexts> texts(std::int64_t version, std::size_t bytes = 1) {
    const auto made = std::make_shared<BookTexts>(version);
    made->add(id_of(1), std::string(bytes, 'a'), "", ContactSource::manual);
    made->finish();
    return made;
}

Principal reader(int number) {
    return {.tenant = TenantId{"acme"}, .user = UserId{"usr_" + std::to_string(number)}};
}

}  // namespace

TEST_SUITE("adapters.sql.book_texts") {

    TEST_CASE("an empty book has nothing") {
        CHECK(shown(BookTexts{1}.find({.search_parts = {"a"}}, {})) == "of 0");
        CHECK(shown(BookTexts{1}.find({}, {})) == "of 0");
    }

    TEST_CASE("no part is found across two contacts") {
        BookTexts book{1};
        book.add(id_of(1), "jane\n\nacme", "\x1fone\x1f", ContactSource::manual);
        book.add(id_of(2), "bob\n\n", "\x1ftwo\x1f", ContactSource::meeting);
        CHECK(shown(book.find({.search_parts = {"acmebob"}}, {})) == "of 0");
        CHECK(shown(book.find({.search_parts = {"acme", "bob"}}, {})) == "of 0");
        CHECK(shown(book.find({.tag_parts = {"\x1fone\x1f\x1ftwo\x1f"}}, {})) == "of 0");
        CHECK(shown(book.find({.search_parts = {"jane", "acme"}}, {})) == "1 of 1");
        CHECK(shown(book.find({.source = ContactSource::meeting}, {})) == "2 of 1");
    }

    TEST_CASE("any query finds what going through the contacts one by one finds") {
        Chance chance{Chance::seed()};
        const auto below = [&](int end) { return static_cast<std::size_t>(chance.number(end)); };
        const auto text = [&](int longest) {
            std::string out;
            for (std::size_t length = below(longest + 1); length > 0; --length) {
                out += chance.pick(std::string{"abc"});
            }
            return out;
        };
        constexpr std::array sources{ContactSource::manual, ContactSource::meeting,
                                     ContactSource::email};
        for (int round = 0; round < 2'000; ++round) {
            BookTexts book{1};
            std::vector<std::pair<std::string, std::string>> rows(below(12));
            for (std::size_t row = 0; row < rows.size(); ++row) {
                rows[row] = {text(8), text(4)};
                book.add(id_of(row), rows[row].first, rows[row].second, sources[row % 3]);
            }
            ContactQuery query;
            while (below(3) > 0) query.search_parts.push_back(text(3));
            while (below(4) == 0) query.tag_parts.push_back(text(2));
            if (below(4) == 0) query.source = sources[below(3)];
            const Page page{.limit = static_cast<std::int64_t>(1 + below(4)),
                            .offset = static_cast<std::int64_t>(below(4))};

            BookTexts::Found wanted;
            for (std::size_t row = 0; row < rows.size(); ++row) {
                bool matches = !query.source || *query.source == sources[row % 3];
                for (const std::string& part : query.search_parts) {
                    matches = matches && rows[row].first.find(part) != std::string::npos;
                }
                for (const std::string& part : query.tag_parts) {
                    matches = matches && rows[row].second.find(part) != std::string::npos;
                }
                if (!matches) continue;
                if (wanted.total >= page.offset && wanted.total < page.offset + page.limit) {
                    wanted.page.push_back(id_of(row));
                }
                ++wanted.total;
            }
            REQUIRE(shown(book.find(query, page)) == shown(wanted));
        }
    }

    TEST_CASE("the cache has the texts of the version that is asked for, and no other") {
        BookTextCache cache;
        CHECK_FALSE(cache.find(ana(), 1).is_worth_reading);
        CHECK(cache.find(ana(), 1).is_worth_reading);
        // One reads them, the others do without meanwhile.
        CHECK_FALSE(cache.find(ana(), 1).is_worth_reading);
        CHECK(cache.find(ana(), 1).texts == nullptr);
        cache.keep(ana(), texts(1));
        CHECK(cache.find(ana(), 1).texts->version() == 1);
        CHECK_FALSE(cache.find(ana(), 1).is_worth_reading);
        CHECK_FALSE(cache.find(bob(), 1).is_worth_reading);
        CHECK(cache.find(ana(), 2).texts == nullptr);
        CHECK(cache.find(ana(), 2).is_worth_reading);
        // Somebody who still sees the state before.
        CHECK(cache.find(ana(), 1).texts == nullptr);
    }

    TEST_CASE("the cache lets go of what was not asked for longest") {
        constexpr std::size_t ten_mb = 10 * 1024 * 1024;
        BookTextCache cache;
        for (int number = 0; number < 6; ++number) cache.keep(reader(number), texts(1, ten_mb));
        CHECK(cache.find(reader(0), 1).texts != nullptr);
        cache.keep(reader(6), texts(1, ten_mb));
        CHECK(cache.find(reader(1), 1).texts == nullptr);
        for (const int number : {0, 2, 3, 4, 5, 6}) {
            CAPTURE(number);
            CHECK(cache.find(reader(number), 1).texts != nullptr);
        }
        cache.keep(reader(7), texts(1, 20 * ten_mb));
        CHECK(cache.find(reader(7), 1).texts != nullptr);
        CHECK(cache.find(reader(6), 1).texts == nullptr);
    }
}
