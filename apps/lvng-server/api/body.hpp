#pragma once

#include "api/field_errors.hpp"
#include "api/forms.hpp"
#include "http/router.hpp"

#include <lvng/crm/change.hpp>
#include <lvng/crm/error.hpp>
#include <lvng/crm/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lvng::server {

/// Takes the fields of a body one by one, notes each that has the wrong shape, and refuses the
/// rest by name, so that a request hears of all its bad fields at once. One entry a field: a
/// wrong shape wins over a broken rule. One thread at a time.
class BodyReader {
public:
    /// The call must outlive the reader.
    explicit BodyReader(const Call& call) : body_{call.body}, errors_{call.errors} {
        known_.reserve(usual_fields);
    }

    /// A value of a new object, of any kind that `api/forms.hpp` reads: `null` is the same as
    /// absent, and leaves `out` as it is.
    template <class Value>
    void take(std::string_view field, Value& out) {
        const crm::JsonValue* value = find(field);
        if (value != nullptr && !value->is_null()) errors_.note(field, read_json(*value, out));
    }
    template <class Value>
    void take(std::string_view field, std::optional<Value>& out) {
        const crm::JsonValue* value = find(field);
        if (value != nullptr && !value->is_null()) take_into(field, *value, out);
    }
    /// Notes the field as missing where it is absent or `null`.
    void require(std::string_view field);

    /// A change of an object: `null` clears.
    template <class Value>
    void take(std::string_view field, crm::Change<Value>& out) {
        const crm::JsonValue* value = find(field);
        if (value == nullptr) return;
        if (value->is_null())
            out = crm::clear;
        else
            take_into(field, *value, out);
    }

    /// Refuses the field for a reason of its own where it is given.
    void refuse(std::string_view field, std::string_view reason);
    /// Refuses every field that none of the above has named.
    void refuse_unknown();

    /// Adds what the library's rules say and throws `invalid` where anything is wrong.
    void check(const std::vector<crm::FieldError>& broken_rules = {}) {
        errors_.check(broken_rules);
    }

private:
    template <template <class> class Holder, class Value>
    void take_into(std::string_view field, const crm::JsonValue& value, Holder<Value>& out) {
        Value read{};
        const Complaint wrong = read_json(value, read);
        errors_.note(field, wrong);
        if (wrong.empty()) out = std::move(read);
    }
    /// The field's value, or null where it is absent; marks the field as known.
    const crm::JsonValue* find(std::string_view field);

    static constexpr std::size_t usual_fields = 16;

    const crm::JsonObject& body_;
    std::vector<std::string_view> known_{};
    FieldErrors errors_;
};

}  // namespace lvng::server
