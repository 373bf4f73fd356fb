#include "fuzz/property.hpp"
#include "http/percent.hpp"
#include "http/query.hpp"

#include <fmt/format.h>

#include <array>
#include <set>
#include <string>

using fuzz::require;
using namespace lvng::server;

namespace {

constexpr std::array<std::string_view, 4> known{"search", "tags", "limit", "offset"};

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Query query = parse_query(fuzz::text_of(data, size), known);

    std::string written;
    std::set<std::string_view> names;
    for (const auto& [name, value] : query.parameters) {
        require(names.insert(name).second, "a parameter is there once");
        require(query.find(name) == &value, "a parameter is found");
        require(is_utf8(value), "a value is UTF-8");
        require(value.find('\0') == std::string::npos, "no value holds U+0000");
        written += fmt::format("&{}={}", escaped(name), escaped(value));
    }
    std::set<std::string_view> fields;
    for (const auto& error : query.errors) {
        require(fields.insert(error.field).second, "a field is refused once");
        require(!error.message.empty(), "a refusal says why");
    }

    const Query again = parse_query(written, known);
    require(again.errors.empty(), "what is escaped is taken");
    require(again.parameters == query.parameters, "what is escaped comes back");
    return 0;
}
