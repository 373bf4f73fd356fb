#include "http/entity_tags.hpp"

#include "http/ascii.hpp"

#include <lvng/crm/error.hpp>

#include <algorithm>
#include <string>

namespace lvng::server {
namespace {

constexpr std::string_view weak = "W/";

bool is_tag_byte(char c) noexcept {
    return (is_visible(c) && c != '"') || static_cast<unsigned char>(c) >= 0x80;
}

/// Takes one tag off the front of `text`; an empty one where there is none.
std::string_view take_tag(std::string_view& text) noexcept {
    const std::size_t start = text.starts_with(weak) ? weak.size() : 0;
    if (start >= text.size() || text[start] != '"') return {};
    const std::size_t end = text.find('"', start + 1);
    if (end == std::string_view::npos) return {};
    const std::string_view inside = text.substr(start + 1, end - start - 1);
    if (!std::all_of(inside.begin(), inside.end(), is_tag_byte)) return {};
    const std::string_view tag = text.substr(0, end + 1);
    text.remove_prefix(end + 1);
    return tag;
}

/// False where the text is no list. A tag may hold a comma. Empty elements are skipped.
bool read_list(std::string_view text, EntityTags& out) {
    for (;;) {
        text = trim_blanks(text);
        if (!text.empty() && text.front() != ',') {
            const std::string_view tag = take_tag(text);
            if (tag.empty()) return false;
            out.tags.push_back(tag);
            text = trim_blanks(text);
        }
        if (text.empty()) return true;
        if (text.front() != ',') return false;
        text.remove_prefix(1);
    }
}

bool read(const Request& request, std::string_view header, EntityTags& out) {
    for (const HeaderField& field : request.headers) {
        if (!same_name(field.name, header)) continue;
        if (trim_blanks(field.value) == "*" && !out.any)
            out.any = true;
        else if (!read_list(field.value, out))
            return false;
    }
    return out.any == out.tags.empty();
}

}  // namespace

bool EntityTags::fit_strongly(std::string_view tag) const noexcept {
    return any || std::find(tags.begin(), tags.end(), tag) != tags.end();
}

bool EntityTags::fit_weakly(std::string_view tag) const noexcept {
    return any || std::any_of(tags.begin(), tags.end(), [&](std::string_view one) {
               if (one.starts_with(weak)) one.remove_prefix(weak.size());
               return one == tag;
           });
}

std::optional<EntityTags> entity_tags(const Request& request, std::string_view header) {
    if (request.count(header) == 0) return std::nullopt;
    EntityTags tags;
    if (!read(request, header, tags))
        throw crm::invalid_fields({{std::string{header}, "must be * or a list of entity tags"}});
    return tags;
}

}  // namespace lvng::server
