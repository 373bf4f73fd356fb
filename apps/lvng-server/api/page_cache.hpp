#pragma once

#include "http/metrics_text.hpp"
#include "http/reply.hpp"

#include <lvng/crm/page.hpp>
#include <lvng/crm/principal.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace lvng::server {

/// Pages of lists as they were printed, each with the version of the list that it shows. Whoever
/// asks for one again has the library look whether the list has changed since, in the store and
/// with the caller's rights, so nothing is ever answered that is out of date or another's. Those
/// asked for longest ago leave first. Safe to share.
class PageCache {
public:
    /// The key of a page that is the same for all who `viewers` stands for: one user, or a tenant.
    static std::string key_of(const crm::Principal& viewers, std::string_view target) {
        return owner_key(viewers) + ' ' + std::string{target};
    }

    /// The reply to a request for a page. `key` says what is asked for, by whom where that makes a
    /// difference. `list_if_changed(known)` is the page with its version, or nothing where `known`
    /// is the version still; `print(page)` makes it JSON.
    template <class ListIfChanged, class Print>
    Reply reply(const std::string& key, ListIfChanged list_if_changed, Print print) {
        const std::shared_ptr<const Page> kept = find(key);
        auto page = list_if_changed(kept ? kept->version : crm::ListVersion{});
        ++(page ? misses_ : hits_);
        if (!page) return json_reply(200, kept->json);
        auto printed = std::make_shared<const Page>(std::move(page->version), print(*page));
        Reply reply = json_reply(200, printed->json);
        keep(key, std::move(printed));
        return reply;
    }

    void write_metrics(MetricsText& out) const;

private:
    static constexpr std::size_t most_bytes = 32 * 1024 * 1024;
    static constexpr std::size_t most_bytes_of_page = 1024 * 1024;

    struct Page {
        Page(crm::ListVersion shown, std::string text)
            : version{std::move(shown)}, json{std::move(text)} {}

        crm::ListVersion version;
        std::string json;
    };
    struct Entry {
        std::string key;
        std::shared_ptr<const Page> page;
    };
    using Entries = std::list<Entry>;  // the one asked for last comes first

    static std::size_t bytes_of(const Entry& entry) noexcept;
    std::shared_ptr<const Page> find(std::string_view key);
    void keep(const std::string& key, std::shared_ptr<const Page> page);
    void drop(Entries::iterator entry);

    mutable std::mutex mutex_;
    Entries entries_;
    std::unordered_map<std::string_view, Entries::iterator> by_key_;
    std::size_t bytes_ = 0;
    std::atomic<std::uint64_t> hits_{0};
    std::atomic<std::uint64_t> misses_{0};
};

}  // namespace lvng::server
