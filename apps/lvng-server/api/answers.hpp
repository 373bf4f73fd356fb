#pragma once

#include "http/reply.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lvng::server {

/// `{"success":true,"<key>":…}` around a value that the library prints.
template <class Value>
std::string value_json(std::string_view key, const Value& value) {
    constexpr std::size_t usual_size = 512;
    std::string body;
    body.reserve(usual_size);
    body += R"({"success":true,")";
    body += key;
    body += R"(":)";
    append_json(body, value);
    body += '}';
    return body;
}

template <class Value>
Reply value_reply(int status, std::string_view key, const Value& value) {
    return json_reply(status, value_json(key, value));
}

/// Appends `[…]`, each item as `append(out, item)` prints it.
template <class Item, class Append>
void append_list(std::string& out, const std::vector<Item>& items, Append append) {
    out += '[';
    for (const Item& item : items) {
        if (&item != &items.front()) out += ',';
        append(out, item);
    }
    out += ']';
}

/// The same, each item as the library prints it.
template <class Item>
void append_list(std::string& out, const std::vector<Item>& items) {
    append_list(out, items, [](std::string& text, const Item& item) { append_json(text, item); });
}

}  // namespace lvng::server
