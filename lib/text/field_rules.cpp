#include "text/field_rules.hpp"

#include "text/unicode.hpp"

#include <fmt/format.h>

namespace lvng::crm::text {
namespace {

Complaint too_long(std::string_view text, std::size_t limit) {
    if (code_points(text) <= limit) return std::nullopt;
    return fmt::format("must be at most {} characters", limit);
}

}  // namespace

Complaint bad_line(std::string_view text, std::size_t limit) {
    if (!is_utf8(text)) return "must be UTF-8 text";
    if (has_control(text)) return "must not contain control characters";
    return too_long(text, limit);
}

Complaint bad_block(std::string_view text, std::size_t limit) {
    if (Complaint complaint = bad_search(text)) return complaint;
    return too_long(text, limit);
}

Complaint bad_search(std::string_view text) {
    if (!is_utf8(text)) return "must be UTF-8 text";
    if (text.find('\0') != std::string_view::npos) return "must not contain U+0000";
    return std::nullopt;
}

std::string trimmed(const std::string& text) {
    return is_utf8(text) ? std::string{trim(text)} : text;
}

}  // namespace lvng::crm::text
