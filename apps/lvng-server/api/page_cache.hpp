#pragma once

#include "http/metrics_text.hpp"
#include "http/reply.hpp"

#include <lvng/crm/page.hpp>
#include <lvng/crm/ports/store.hpp>
#include <lvng/crm/principal.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace lvng::server {

/// Pages of lists and single objects as they were printed, each with the version of the list that
/// it shows. Whoever asks for a page again has the library look whether the list has changed since,
/// in the store and with the caller's rights. What belongs to its reader alone, where no change but
/// one in the store can take the right to see it, is not looked for again while the store is at the
/// moment of the last look. So nothing is ever answered that is out of date or another's. Those
/// asked for longest ago leave first. Safe to share.
class PageCache {
public:
    /// `Crm::moment`.
    using Moment = std::function<std::optional<crm::StoreMoment>()>;

    /// An object as it is printed, with its entity tag.
    struct Tagged {
        std::string tag{};
        std::string json{};
    };

    explicit PageCache(Moment moment) : moment_{std::move(moment)} {}

    /// The key of a page that is the same for all who `viewers` stands for: one user, or a tenant.
    static std::string key_of(const crm::Principal& viewers, std::string_view target) {
        return owner_key(viewers) + ' ' + std::string{target};
    }

    /// The reply to a request for a page. `key` says what is asked for, by whom where that makes a
    /// difference. `list_if_changed(known)` is the page with its version, or nothing where `known`
    /// is the version still; `print(page)` makes it JSON.
    template <class ListIfChanged, class Print>
    Reply reply(const std::string& key, ListIfChanged list_if_changed, Print print) {
        return list_reply(key, find(key), std::nullopt, list_if_changed, print);
    }

    /// The same for a list of what belongs to `owner`.
    template <class ListIfChanged, class Print>
    Reply own_list(const crm::Principal& owner, std::string_view target,
                   ListIfChanged list_if_changed, Print print) {
        const std::optional<crm::StoreMoment> now = moment_();
        const std::string key = key_of(owner, target);
        const Kept kept = find(key);
        if (now && kept.moment == now) return kept_reply(*kept.page);
        return list_reply(key, kept, now, list_if_changed, print);
    }

    /// The reply to a request for an object that belongs to `owner`. `read()` is the object, as
    /// `Tagged`. Kept only where the store tells its moment.
    template <class Read>
    Reply own_object(const crm::Principal& owner, std::string_view target, Read read) {
        const std::optional<crm::StoreMoment> now = moment_();
        if (!now) return reply_of(Page{read()});
        const std::string key = key_of(owner, target);
        if (const Kept kept = find(key); kept.moment == now) return kept_reply(*kept.page);
        auto printed = std::make_shared<const Page>(read());
        ++misses_;
        Reply reply = reply_of(*printed);
        keep(key, {std::move(printed), now});
        return reply;
    }

    void write_metrics(MetricsText& out) const;

private:
    static constexpr std::size_t most_bytes = 32 * 1024 * 1024;
    static constexpr std::size_t most_bytes_of_page = 1024 * 1024;

    struct Page {
        explicit Page(Tagged object) : tag{std::move(object.tag)}, json{std::move(object.json)} {}
        Page(crm::ListVersion shown, std::string text)
            : version{std::move(shown)}, json{std::move(text)} {}

        crm::ListVersion version{};  // an object has none
        std::string tag{};           // a list has none
        std::string json;
    };
    /// A page, and the store's moment when it was last looked for, where that is enough.
    struct Kept {
        std::shared_ptr<const Page> page{};
        std::optional<crm::StoreMoment> moment{};
    };
    struct Entry {
        std::string key;
        Kept kept;
    };
    using Entries = std::list<Entry>;  // the one asked for last comes first

    template <class ListIfChanged, class Print>
    Reply list_reply(const std::string& key, const Kept& kept, std::optional<crm::StoreMoment> now,
                     ListIfChanged& list_if_changed, Print& print) {
        auto page = list_if_changed(kept.page ? kept.page->version : crm::ListVersion{});
        if (!page) {
            if (now) renew(key, {kept.page, now});
            return kept_reply(*kept.page);
        }
        ++misses_;
        auto printed = std::make_shared<const Page>(std::move(page->version), print(*page));
        Reply reply = reply_of(*printed);
        keep(key, {std::move(printed), now});
        return reply;
    }

    static Reply reply_of(const Page& page);
    Reply kept_reply(const Page& page);

    static std::size_t bytes_of(const Entry& entry) noexcept;
    Kept find(std::string_view key);
    void keep(const std::string& key, Kept kept);
    void renew(std::string_view key, const Kept& kept);
    void drop(Entries::iterator entry);

    Moment moment_;
    mutable std::mutex mutex_;
    Entries entries_;
    std::unordered_map<std::string_view, Entries::iterator> by_key_;
    std::size_t bytes_ = 0;
    std::atomic<std::uint64_t> hits_{0};
    std::atomic<std::uint64_t> misses_{0};
};

}  // namespace lvng::server
