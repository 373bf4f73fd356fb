#include "http/query.hpp"

#include "http/percent.hpp"

#include <algorithm>

namespace lvng::server {
namespace {

constexpr std::size_t longest_echo = 64;  // bytes of a name of the caller's in a message

/// Nothing for broken escapes, broken UTF-8 and U+0000.
std::optional<std::string> decode(std::string_view raw) {
    std::string text{raw};
    std::replace(text.begin(), text.end(), '+', ' ');
    std::optional<std::string> decoded = percent_decode(text);
    if (!decoded || !is_utf8(*decoded) || decoded->find('\0') != std::string::npos)
        return std::nullopt;
    return decoded;
}

class Parser {
public:
    explicit Parser(std::span<const std::string_view> known) : known_{known} {}

    void take(std::string_view pair) {
        const auto equals = std::min(pair.find('='), pair.size());
        const std::optional<std::string> name = decode(pair.substr(0, equals));
        if (!name) return refuse("query", "must be percent-encoded UTF-8 without U+0000");
        std::optional<std::string> value = decode(pair.substr(std::min(equals + 1, pair.size())));
        const auto parameter = std::find(known_.begin(), known_.end(), *name);
        if (!value)
            return refuse(name->size() > longest_echo ? "query" : *name,
                          "must be percent-encoded UTF-8 without U+0000");
        if (parameter == known_.end()) return;
        if (query_.find(*parameter) != nullptr) return refuse(*name, "must be given once");
        query_.parameters.emplace_back(*parameter, std::move(*value));
    }

    [[nodiscard]] Query finish() { return std::move(query_); }

private:
    void refuse(std::string_view field, std::string_view message) {
        const bool named =
            std::any_of(query_.errors.begin(), query_.errors.end(),
                        [&](const crm::FieldError& error) { return error.field == field; });
        if (!named)
            query_.errors.push_back({.field = std::string{field}, .message = std::string{message}});
    }

    std::span<const std::string_view> known_;
    Query query_{};
};

}  // namespace

const std::string* Query::find(std::string_view name) const noexcept {
    const auto found = std::find_if(parameters.begin(), parameters.end(),
                                    [&](const auto& entry) { return entry.first == name; });
    return found == parameters.end() ? nullptr : &found->second;
}

Query parse_query(std::string_view text, std::span<const std::string_view> known) {
    Parser parser{known};
    while (!text.empty()) {
        const auto end = std::min(text.find('&'), text.size());
        if (end > 0) parser.take(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parser.finish();
}

}  // namespace lvng::server
