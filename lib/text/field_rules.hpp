#pragma once

#include <lvng/crm/change.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// What the rules of several features share about the texts of a field. Pure functions.
namespace lvng::crm::text {

/// What is wrong with a value, as `FieldError::message` puts it.
using Complaint = std::optional<std::string>;

/// A text of one line: no control character, at most `limit` code points.
Complaint bad_line(std::string_view text, std::size_t limit);
/// A text that is kept byte for byte: anything but U+0000, at most `limit` code points.
Complaint bad_block(std::string_view text, std::size_t limit);
/// A text to look for.
Complaint bad_search(std::string_view text);
/// Without white space around it; a text that is no UTF-8 stays as it is, to be refused.
std::string trimmed(const std::string& text);

inline void apply(std::string& field, const Change<std::string>& change) {
    if (change.clears()) field.clear();
    if (change.value()) field = *change.value();
}

inline void apply(std::optional<std::string>& field, const Change<std::string>& change) {
    if (change.clears()) field.reset();
    if (change.value()) field = *change.value();
}

}  // namespace lvng::crm::text
