#pragma once

#include <lvng/crm/crm.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <functional>
#include <map>
#include <string>

namespace lvng::crm::test {

/// Lists as they were seen last: of one that says it has not changed, nothing may be different.
class SeenLists {
public:
    /// `said` is what the list of `name` in `crm` says now, at `now`; `has_changed` asks the
    /// library.
    void look(const Crm& crm, const std::string& name, const ListVersion& now,
              const std::string& said, const std::function<bool(const ListVersion&)>& has_changed) {
        Seen& seen = seen_[fmt::format("{} {}", static_cast<const void*>(&crm), name)];
        INFO(name);
        if (!has_changed(seen.version)) {
            ++unchanged_;
            REQUIRE(said == seen.said);
        }
        REQUIRE_FALSE(has_changed(now));
        seen = {now, said};
    }

    /// How often a list had not changed.
    [[nodiscard]] int unchanged() const { return unchanged_; }

private:
    struct Seen {
        ListVersion version{};
        std::string said{};
    };

    std::map<std::string, Seen> seen_;
    int unchanged_ = 0;
};

}  // namespace lvng::crm::test
