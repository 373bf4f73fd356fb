#pragma once

#include <lvng/crm/contacts/contacts.hpp>
#include <lvng/crm/error.hpp>
#include <lvng/crm/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lvng::server {

/// Takes the fields of a body one by one, notes each that has the wrong shape, and refuses the
/// rest by name, so that a request hears of all its bad fields at once. One entry a field: a
/// wrong shape wins over a broken rule. One thread at a time.
class BodyReader {
public:
    /// `body` must outlive the reader.
    explicit BodyReader(const crm::JsonObject& body) : body_{body} {}

    // A value of a new object: `null` is the same as absent.
    void take(std::string_view field, std::string& out);
    void take(std::string_view field, std::optional<std::string>& out);
    void take(std::string_view field, std::vector<std::string>& out);
    void take(std::string_view field, crm::ContactSource& out);
    /// Notes the field as missing where it is absent or `null`.
    void require(std::string_view field);

    // A change of an object: `null` clears.
    void take(std::string_view field, crm::Change<std::string>& out);
    void take(std::string_view field, crm::Change<std::vector<std::string>>& out);

    /// Refuses the field for a reason of its own where it is given.
    void refuse(std::string_view field, std::string_view reason);
    /// Refuses every field that none of the above has named.
    void refuse_unknown();

    /// Adds what the library's rules say and throws `invalid` where anything is wrong.
    void check(const std::vector<crm::FieldError>& broken_rules);

private:
    template <class Text>
    void take_text(std::string_view field, Text& out);
    /// The field's value, or null where it is absent; marks the field as known.
    const crm::JsonValue* find(std::string_view field);
    void note(std::string_view field, std::string_view message);

    const crm::JsonObject& body_;
    std::vector<std::string_view> known_{};
    std::vector<crm::FieldError> errors_{};
};

}  // namespace lvng::server
