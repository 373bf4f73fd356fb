#pragma once

#include <lvng/crm/export.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace lvng::crm::inline v0 {

class JsonValue;
struct JsonMember;

/// A JSON number as it was written, so that no range and no digit is lost; equal where the
/// spelling is. Immutable value.
class LVNG_CRM_EXPORT JsonNumber {
public:
    JsonNumber() : text_{"0"} {}
    explicit JsonNumber(std::int64_t value);
    /// Throws `invalid` for NaN and infinities, which JSON cannot say.
    explicit JsonNumber(double value);

    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    /// The value, where it is written as an integer (no fraction, no exponent) and fits.
    [[nodiscard]] std::optional<std::int64_t> to_int64() const noexcept;
    /// The nearest double, a zero for `1e-999`; nothing where the magnitude is out of range
    /// (`1e999`).
    [[nodiscard]] std::optional<double> to_double() const noexcept;

    bool operator==(const JsonNumber&) const = default;

private:
    friend class JsonParser;
    std::string text_;
};

using JsonArray = std::vector<JsonValue>;

/// A JSON object that keeps the order of its members and refuses to hold a key twice.
///
/// Reading is strict: RFC 8259 and nothing else, UTF-8 without a byte order mark, no duplicate
/// keys (compared after unescaping), no U+0000 raw or escaped, no lone surrogate, at most 32
/// levels and 1,000 members in one object. One pass; text is never read twice.
/// Equal where the same members come in the same order.
/// Source: REST contract, section 1. One thread at a time.
class LVNG_CRM_EXPORT JsonObject {
public:
    static constexpr int max_depth = 32;
    static constexpr std::size_t max_members = 1000;

    JsonObject() noexcept;
    JsonObject(const JsonObject&);
    JsonObject(JsonObject&&) noexcept;
    JsonObject& operator=(const JsonObject&);
    JsonObject& operator=(JsonObject&&) noexcept;
    ~JsonObject();

    /// Throws `invalid` with the reason and the byte it was found at, the first being 0, and with
    /// nothing of the text; one that is JSON but no object is refused too.
    static JsonObject parse(std::string_view text);

    [[nodiscard]] const std::vector<JsonMember>& members() const noexcept { return members_; }
    [[nodiscard]] bool empty() const noexcept;
    [[nodiscard]] std::size_t size() const noexcept;
    /// The member's value, or null.
    [[nodiscard]] const JsonValue* find(std::string_view key) const noexcept;
    /// Adds a member or replaces its value, at its old place.
    void set(std::string key, JsonValue value);

    /// Compact JSON: no white space, only what must be escaped is.
    [[nodiscard]] std::string to_text() const;
    void append_to(std::string& out) const;

    bool operator==(const JsonObject&) const;

private:
    friend class JsonParser;
    std::vector<JsonMember> members_;
};

/// Any JSON value. `std::monostate` is null. One thread at a time.
class LVNG_CRM_EXPORT JsonValue {
public:
    using Variant =
        std::variant<std::monostate, bool, JsonNumber, std::string, JsonArray, JsonObject>;

    JsonValue() noexcept = default;
    JsonValue(std::same_as<bool> auto value) : value_{value} {}  // no pointer, no integer
    JsonValue(JsonNumber value) : value_{std::move(value)} {}
    JsonValue(std::string value) : value_{std::move(value)} {}
    JsonValue(const char* value) : value_{std::string{value}} {}
    JsonValue(JsonArray value) : value_{std::move(value)} {}
    JsonValue(JsonObject value) : value_{std::move(value)} {}

    [[nodiscard]] bool is_null() const noexcept { return value_.index() == 0; }
    [[nodiscard]] const bool* boolean() const noexcept { return std::get_if<bool>(&value_); }
    [[nodiscard]] const JsonNumber* number() const noexcept {
        return std::get_if<JsonNumber>(&value_);
    }
    [[nodiscard]] const std::string* string() const noexcept {
        return std::get_if<std::string>(&value_);
    }
    [[nodiscard]] const JsonArray* array() const noexcept {
        return std::get_if<JsonArray>(&value_);
    }
    [[nodiscard]] const JsonObject* object() const noexcept {
        return std::get_if<JsonObject>(&value_);
    }

    void append_to(std::string& out) const;

    bool operator==(const JsonValue&) const;

private:
    friend class JsonParser;
    Variant value_;
};

struct JsonMember {
    std::string key{};
    JsonValue value{};

    bool operator==(const JsonMember&) const = default;
};

/// A JSON object as compact text, for what is kept and passed on and hardly ever looked into.
/// Equal where the text is. Immutable value.
class LVNG_CRM_EXPORT JsonText {
public:
    JsonText() : text_{"{}"} {}
    JsonText(const JsonObject& object) : text_{object.to_text()} {}
    /// Text that `JsonObject::to_text` made, read back from where it was kept. Nothing is checked.
    static JsonText kept(std::string_view text) {
        JsonText out;
        out.text_ = text;
        return out;
    }

    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    [[nodiscard]] JsonObject object() const { return JsonObject::parse(text_); }

    bool operator==(const JsonText&) const = default;

private:
    std::string text_;
};

/// Appends `text` as a JSON string, quotes included. Only `"`, `\` and bytes below 0x20 are
/// escaped; `text` must be UTF-8.
LVNG_CRM_EXPORT void append_json_string(std::string& out, std::string_view text);

}  // namespace lvng::crm::inline v0
