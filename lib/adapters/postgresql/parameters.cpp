#include "adapters/postgresql/parameters.hpp"

namespace lvng::crm::postgresql {

void Parameters::assign(std::span<const sql::Value> values) {
    pointers_.assign(values.size(), nullptr);
    lengths_.assign(values.size(), 0);
    formats_.assign(values.size(), 1);
    integers_.resize(values.size());
    for (std::size_t at = 0; at < values.size(); ++at) {
        const sql::Value& value = values[at];
        if (const auto* text = std::get_if<std::string_view>(&value)) {
            // A null pointer would be a null value.
            pointers_[at] = text->data() ? text->data() : "";
            lengths_[at] = static_cast<int>(text->size());
        } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
            auto rest = static_cast<std::uint64_t>(*integer);
            Integer& bytes = integers_[at];
            for (std::size_t byte = bytes.size(); byte-- > 0; rest >>= 8) {
                bytes[byte] = static_cast<char>(rest);
            }
            pointers_[at] = bytes.data();
            lengths_[at] = static_cast<int>(bytes.size());
        } else if (const auto* uuid = std::get_if<Uuid>(&value)) {
            pointers_[at] = reinterpret_cast<const char*>(uuid->bytes().data());
            lengths_[at] = static_cast<int>(uuid->bytes().size());
        }
    }
}

}  // namespace lvng::crm::postgresql
