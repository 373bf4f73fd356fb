#include "adapters/postgresql/bundle.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <utility>

namespace lvng::crm::postgresql {
namespace {

// What a use case defers has few shapes.
constexpr std::size_t most_kept = 200;

/// The table of a statement that only writes, and only there; else nothing.
std::string_view only_table(std::string_view statement) {
    if (statement.find("select") != std::string_view::npos) return {};
    for (const std::string_view start : {"insert into ", "update "}) {
        if (!statement.starts_with(start)) continue;
        const std::string_view rest = statement.substr(start.size());
        return rest.substr(0, rest.find(' '));
    }
    return {};
}

/// A statement whose `$1` is called `$(1 + by)`.
std::string renumbered(std::string_view statement, std::size_t by) {
    std::string out;
    while (!statement.empty()) {
        const std::size_t mark = std::min(statement.find('$'), statement.size());
        out += statement.substr(0, mark);
        statement.remove_prefix(mark);
        if (statement.empty()) break;
        std::size_t number = 0;
        const char* const end =
            std::from_chars(statement.data() + 1, statement.data() + statement.size(), number).ptr;
        out += fmt::format("${}", number + by);
        statement.remove_prefix(static_cast<std::size_t>(end - statement.data()));
    }
    return out;
}

}  // namespace

bool Bundle::add(std::string_view statement, std::span<const sql::Value> values) {
    Step* const step = step_to(statement);
    if (!step) return false;
    const std::size_t before = values_.size();
    try {
        for (const sql::Value& value : values) values_.push_back(kept(value));
    } catch (...) {
        values_.resize(before);  // the next statement's numbers start behind
        throw;
    }
    at_ = step;
    return true;
}

/// The value, with a text of its own.
sql::Value Bundle::kept(const sql::Value& value) {
    const auto* const text = std::get_if<std::string_view>(&value);
    if (!text) return value;
    if (used_texts_ == texts_.size()) texts_.emplace_back();
    return std::string_view{texts_[used_texts_++].assign(*text)};
}

Bundle::Step* Bundle::step_to(std::string_view statement) {
    for (const auto& [text, step] : at_->next) {
        if (text == statement) return step.get();
    }
    const std::string_view table = only_table(statement);
    if (table.empty() || steps_ == most_kept) return nullptr;
    for (const Step* earlier = at_; earlier; earlier = earlier->before) {
        if (earlier->table == table) return nullptr;
    }
    const std::string body = renumbered(statement, values_.size());
    auto step = std::make_unique<Step>();
    step->before = at_;
    step->number = at_->number + 1;
    step->text = at_->start + body;
    step->start = at_->start;
    if (step->number == 1) {
        step->start = "with ";
    } else {
        step->start.back() = ',';
        step->start += ' ';
    }
    step->start += fmt::format("s{} as ({}) ", step->number, body);
    auto& [text, added] = at_->next.emplace_back(std::string{statement}, std::move(step));
    ++steps_;
    added->table = std::string_view{text}.substr(statement.find(table), table.size());
    return added.get();
}

void Bundle::clear() noexcept {
    at_ = &nothing_;
    values_.clear();
    used_texts_ = 0;
}

}  // namespace lvng::crm::postgresql
