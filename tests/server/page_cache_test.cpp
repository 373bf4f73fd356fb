#include "api/page_cache.hpp"

#include "support/http_scenario.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

using namespace lvng::server;
using namespace lvng::server::testing;

namespace {

namespace crm = lvng::crm;

const std::string contacts = "/api/v2/contacts";

const crm::Principal owner{.tenant = crm::TenantId{"acme"}, .user = crm::UserId{"ana"}};

constexpr crm::StoreMoment moment_of(std::uint64_t number) {
    return {.words = {number}};
}

/// A list of one text, which counts how often it was looked for and printed.
struct List {
    struct Page {
        std::string text{};
        crm::ListVersion version{};
    };

    Page now{.text = "a", .version = {"1"}};
    std::optional<crm::StoreMoment> moment{};
    int looked = 0;
    int printed = 0;
    PageCache cache{[this] { return moment; }};

    std::string ask(const std::string& key) {
        return cache
            .reply(
                key, [&](const crm::ListVersion& known) { return if_changed(known); },
                [&](const Page& page) { return print(page); })
            .body();
    }
    /// The same as a list of what belongs to the user.
    std::string ask_own(const std::string& target) {
        return cache
            .own_list(
                owner, target, [&](const crm::ListVersion& known) { return if_changed(known); },
                [&](const Page& page) { return print(page); })
            .body();
    }
    /// The same as an object, whose tag is its version.
    Reply ask_object(const std::string& target) {
        return cache.own_object(owner, target, [&] {
            ++looked;
            return PageCache::Tagged{.tag = now.version.bytes, .json = print(now)};
        });
    }

    std::optional<Page> if_changed(const crm::ListVersion& known) {
        ++looked;
        return known == now.version ? std::nullopt : std::optional{now};
    }
    std::string print(const Page& page) {
        ++printed;
        return page.text;
    }

    /// A line of `/metrics`.
    std::string figure(const std::string& name) {
        MetricsText out;
        cache.write_metrics(out);
        const std::size_t begin = out.text().find('\n' + name + ' ') + name.size() + 2;
        return out.text().substr(begin, out.text().find('\n', begin) - begin);
    }
};

constexpr std::size_t mebibyte = 1024 * 1024;

}  // namespace

TEST_SUITE("server.page_cache") {

    TEST_CASE("a page is printed once for each version of its list") {
        List list;
        CHECK(list.ask("k") == "a");
        CHECK(list.ask("k") == "a");
        CHECK(list.printed == 1);
        CHECK(list.ask("another") == "a");
        CHECK(list.printed == 2);
        list.now = {.text = "b", .version = {"2"}};
        CHECK(list.ask("k") == "b");
        CHECK(list.ask("k") == "b");
        CHECK(list.ask("another") == "b");
        CHECK(list.printed == 4);
        CHECK(list.figure("lvng_pages_total{from=\"kept\"}") == "2");
        CHECK(list.figure("lvng_pages_total{from=\"printed\"}") == "4");
    }

    TEST_CASE("a list of one's own is looked for once for each moment of the store") {
        List list;
        list.moment = moment_of(1);
        CHECK(list.ask_own("k") == "a");
        CHECK(list.ask_own("k") == "a");
        CHECK(list.looked == 1);
        list.moment = moment_of(2);
        CHECK(list.ask_own("k") == "a");
        CHECK(list.ask_own("k") == "a");
        CHECK(list.looked == 2);
        CHECK(list.printed == 1);
        list.moment = moment_of(3);
        list.now = {.text = "b", .version = {"2"}};
        CHECK(list.ask_own("k") == "b");
        CHECK(list.printed == 2);
        list.moment.reset();
        CHECK(list.ask_own("k") == "b");
        CHECK(list.ask_own("k") == "b");
        CHECK(list.looked == 5);
        CHECK(list.printed == 2);
    }

    TEST_CASE("an object is read once for each moment of the store, and keeps its tag") {
        List list;
        list.moment = moment_of(1);
        list.ask_object("k");
        const Reply kept = list.ask_object("k");
        CHECK(kept.body() == "a");
        CHECK(*kept.header("ETag") == "1");
        CHECK(list.looked == 1);
        list.moment = moment_of(2);
        list.now = {.text = "b", .version = {"2"}};
        CHECK(list.ask_object("k").body() == "b");
        CHECK(*list.ask_object("k").header("ETag") == "2");
        CHECK(list.looked == 2);
        CHECK(list.figure("lvng_pages_total{from=\"kept\"}") == "2");
        CHECK(list.figure("lvng_pages_total{from=\"printed\"}") == "2");
    }

    TEST_CASE("an object is kept at no moment where the store tells none") {
        List list;
        list.ask_object("k");
        CHECK(list.ask_object("k").body() == "a");
        CHECK(list.looked == 2);
        CHECK(list.figure("lvng_pages_kept_bytes") == "0");
    }

    TEST_CASE("what was read before a change is not kept for the moment after it") {
        List list;
        list.moment = moment_of(1);
        // Somebody commits while it is being read.
        list.cache.own_object(owner, "k", [&] {
            list.moment = moment_of(2);
            return PageCache::Tagged{.json = "a"};
        });
        list.now = {.text = "b", .version = {"2"}};
        CHECK(list.ask_object("k").body() == "b");
    }

    TEST_CASE("what a list refuses is refused, and what was kept stays") {
        List list;
        list.ask("k");
        const auto refuse = [](const crm::ListVersion&) -> std::optional<List::Page> {
            throw std::runtime_error{"no"};
        };
        CHECK_THROWS_AS(
            list.cache.reply("k", refuse, [](const List::Page& page) { return page.text; }),
            std::runtime_error);
        list.ask("k");
        CHECK(list.printed == 1);
    }

    TEST_CASE("memory is bounded, and the pages asked for longest ago leave first") {
        List list;
        list.now.text = std::string(mebibyte / 2, 'x');
        for (int n = 0; n < 60; ++n) list.ask(std::to_string(n));
        list.ask("0");
        CHECK(list.printed == 60);
        for (int n = 60; n < 70; ++n) list.ask(std::to_string(n));
        CHECK(std::stoul(list.figure("lvng_pages_kept_bytes")) <= 32 * mebibyte);
        list.ask("0");
        CHECK(list.printed == 70);
        list.ask("1");
        CHECK(list.printed == 71);
    }

    TEST_CASE("a page that would push many others out is not kept") {
        List list;
        list.ask("k");
        list.now = {.text = std::string(mebibyte, 'x'), .version = {"2"}};
        CHECK(list.ask("k").size() == mebibyte);
        CHECK(list.figure("lvng_pages_kept_bytes") == "0");
        list.ask("k");
        CHECK(list.printed == 3);
    }

    TEST_CASE("a list shows each change at once") {
        TestServer server;
        const std::string jane = server.create(Who::ana, R"({"name":"Jane"})");
        run(server, {
                        {Who::ana, "GET", contacts, "", 200, {R"("name":"Jane")", R"("total":1)"}},
                        {Who::ana, "GET", contacts, "", 200, {R"("name":"Jane")", R"("total":1)"}},
                        {Who::bob, "GET", contacts, "", 200, {R"("total":0)"}},
                        {Who::ana_of_another, "GET", contacts, "", 200, {R"("total":0)"}},
                        {Who::ana, "GET", contacts + "?limit=1", "", 200, {R"("limit":1)"}},
                        {Who::ana, "PUT", jane, R"({"name":"Joan"})", 200},
                        {Who::ana, "GET", contacts, "", 200, {"Joan"}, {"Jane"}},
                        {Who::ana, "DELETE", jane, "", 200},
                        {Who::ana, "GET", contacts, "", 200, {R"("total":0)"}, {"Joan"}},
                        {Who::guest, "GET", contacts, "", 401},
                    });
    }

    TEST_CASE("members share a page of messages, and nobody else gets it") {
        TestServer server;
        const std::string group = open_group(server, Who::ana, R"(["bob"])");
        const std::string messages = group + "/messages";
        const std::string hello = say(server, Who::ana, group);
        run(server, {
                        {Who::ana, "GET", messages, "", 200, {R"("content":"hello")"}},
                        {Who::bob, "GET", messages, "", 200, {R"("content":"hello")"}},
                        {Who::cid, "GET", messages, "", 404},
                        {Who::ana_of_another, "GET", messages, "", 404},
                    });
        CHECK(server.app().metrics().text().find("lvng_pages_total{from=\"kept\"} 1\n") !=
              std::string::npos);
        run(server, {
                        {Who::bob, "GET", conversations, "", 200, {R"("unread_count":1)"}},
                        {Who::ana, "GET", conversations, "", 200, {R"("unread_count":0)"}},
                        {Who::bob, "POST", group + "/read-receipts",
                         R"({"message_ids":[")" + id_in(hello) + R"("]})", 200},
                        {Who::bob, "GET", conversations, "", 200, {R"("unread_count":0)"}},
                        {Who::ana, "DELETE", hello, "", 200},
                        {Who::bob, "GET", messages, "", 200, {R"("content":"")"}, {"hello"}},
                        {Who::bob, "DELETE", group + "/members/bob", "", 200},
                        {Who::bob, "GET", messages, "", 404},
                    });
    }
}
