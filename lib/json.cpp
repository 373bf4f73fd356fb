#include <lvng/crm/error.hpp>
#include <lvng/crm/json.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>

namespace lvng::crm::inline v0 {

namespace {

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

constexpr unsigned char byte_of(char c) {
    return static_cast<unsigned char>(c);
}

// What a string may hold as it is: printable ASCII and DEL, but no quote and no backslash.
constexpr std::array<bool, 256> make_plain_bytes() {
    std::array<bool, 256> plain{};
    for (std::size_t byte = 0x20; byte < 0x80; ++byte) plain[byte] = byte != '"' && byte != '\\';
    return plain;
}
constexpr std::array<bool, 256> plain_bytes = make_plain_bytes();

// What follows the backslash, and the byte it stands for.
constexpr std::string_view escape_letters = "\"\\/bfnrt";
constexpr std::string_view escaped_bytes = "\"\\/\b\f\n\r\t";

/// The length of the well-formed UTF-8 sequence of two to four bytes at `at`, or 0.
/// Source: Unicode 15, table 3-7.
std::size_t utf8_sequence(const char* at, const char* end) {
    const auto available = static_cast<std::size_t>(end - at);
    const unsigned char lead = byte_of(at[0]);
    const std::size_t length = lead < 0xC2   ? 0
                               : lead < 0xE0 ? 2
                               : lead < 0xF0 ? 3
                               : lead < 0xF5 ? 4
                                             : 0;
    if (length == 0 || length > available) return 0;

    // Only the second byte has bounds that depend on the first: they keep overlong forms,
    // surrogates and what lies past U+10FFFF out.
    const unsigned char second = byte_of(at[1]);
    const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (second < low || second > high) return 0;
    for (std::size_t i = 2; i < length; ++i) {
        if ((byte_of(at[i]) & 0xC0) != 0x80) return 0;
    }
    return length;
}

void append_utf8(std::string& out, std::uint32_t code_point) {
    const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (code_point < 0x80) {
        put(code_point);
    } else if (code_point < 0x800) {
        put(0xC0 | (code_point >> 6));
        put(0x80 | (code_point & 0x3F));
    } else if (code_point < 0x10000) {
        put(0xE0 | (code_point >> 12));
        put(0x80 | ((code_point >> 6) & 0x3F));
        put(0x80 | (code_point & 0x3F));
    } else {
        put(0xF0 | (code_point >> 18));
        put(0x80 | ((code_point >> 12) & 0x3F));
        put(0x80 | ((code_point >> 6) & 0x3F));
        put(0x80 | (code_point & 0x3F));
    }
}

}  // namespace

// ---- Reading ------------------------------------------------------------------------------------

/// Reads one text, once. The levels are counted, so that its recursion is bounded by `max_depth`.
class JsonParser {
public:
    explicit JsonParser(std::string_view text)
        : begin_{text.data()}, at_{begin_}, end_{begin_ + text.size()} {
        key_places_.reserve(few_members);
    }

    JsonObject document() {
        if (std::string_view{begin_, end_}.starts_with("\xEF\xBB\xBF")) fail("byte order mark");
        skip_space();
        if (at_ == end_) fail("empty text");
        if (*at_ != '{') fail("the text must be an object");
        JsonObject out = object();
        skip_space();
        if (at_ != end_) fail("text after the object");
        return out;
    }

private:
    // Below this many members comparing each key with those before it is cheaper than sorting.
    static constexpr std::size_t few_members = 16;

    [[noreturn]] void fail(std::string_view reason) const { fail(reason, at_); }
    [[noreturn]] void fail(std::string_view reason, const char* where) const {
        throw Error{ErrorCode::invalid,
                    fmt::format("not valid JSON: {} at byte {}", reason, where - begin_)};
    }

    void skip_space() {
        while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
    }

    bool take(char c) {
        if (at_ == end_ || *at_ != c) return false;
        ++at_;
        return true;
    }

    void enter() {
        if (depth_ == JsonObject::max_depth) {
            fail(fmt::format("more than {} levels", JsonObject::max_depth));
        }
        ++depth_;
        ++at_;
        skip_space();
    }

    JsonValue value() {
        if (at_ == end_) fail("missing value");
        switch (*at_) {
        case '{':
            return object();
        case '[':
            return array();
        case '"':
            return string();
        case 't':
            return literal("true", true);
        case 'f':
            return literal("false", false);
        case 'n':
            return literal("null", JsonValue{});
        default:
            return number();
        }
    }

    JsonObject object() {
        JsonObject out;
        const std::size_t first_key = key_places_.size();
        enter();
        if (!take('}')) {
            // Inside it there may be very many small ones.
            if (depth_ == 1) out.members_.reserve(few_members);
            do {
                skip_space();
                add_member(out);
                skip_space();
            } while (take(','));
            if (!take('}')) fail("missing , or }");
        }
        if (out.members_.size() > few_members) refuse_repeated_keys(out, first_key);
        key_places_.resize(first_key);
        --depth_;
        return out;
    }

    void add_member(JsonObject& out) {
        const char* const place = at_;
        if (at_ == end_ || *at_ != '"') fail("missing key");
        if (out.members_.size() == JsonObject::max_members) {
            fail(fmt::format("more than {} members", JsonObject::max_members));
        }
        std::string key = string();
        if (out.members_.size() < few_members && out.find(key) != nullptr) {
            fail("duplicate key", place);
        }
        key_places_.push_back(place);
        skip_space();
        if (!take(':')) fail("missing :");
        skip_space();
        JsonMember& member = out.members_.emplace_back();
        member.key = std::move(key);
        member.value = value();
    }

    // Sorted and not hashed: nobody can choose keys that make sorting slow.
    void refuse_repeated_keys(const JsonObject& object, std::size_t first_key) const {
        std::vector<std::size_t> order(object.members_.size());
        for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
        const auto key = [&object](std::size_t i) -> const std::string& {
            return object.members_[i].key;
        };
        std::sort(order.begin(), order.end(), [&key](std::size_t a, std::size_t b) {
            const int compared = key(a).compare(key(b));
            return compared != 0 ? compared < 0 : a < b;
        });
        const auto repeated =
            std::adjacent_find(order.begin(), order.end(),
                               [&key](std::size_t a, std::size_t b) { return key(a) == key(b); });
        if (repeated != order.end()) fail("duplicate key", key_places_[first_key + repeated[1]]);
    }

    JsonArray array() {
        JsonArray out;
        enter();
        if (!take(']')) {
            do {
                skip_space();
                out.push_back(value());
                skip_space();
            } while (take(','));
            if (!take(']')) fail("missing , or ]");
        }
        --depth_;
        return out;
    }

    JsonValue literal(std::string_view word, JsonValue meaning) {
        if (!std::string_view{at_, end_}.starts_with(word)) fail("unknown word");
        at_ += word.size();
        return meaning;
    }

    JsonNumber number() {
        const char* const start = at_;
        take('-');
        if (at_ == end_ || !is_digit(*at_))
            fail(at_ == start ? "unexpected character" : "bad number");
        if (!take('0')) digits();
        if (take('.')) digits();
        if (take('e') || take('E')) {
            if (!take('+')) take('-');
            digits();
        }
        JsonNumber out;
        out.text_.assign(start, at_);
        return out;
    }

    void digits() {
        if (at_ == end_ || !is_digit(*at_)) fail("bad number");
        while (at_ != end_ && is_digit(*at_)) ++at_;
    }

    std::string string() {
        std::string out;
        ++at_;
        const char* run = at_;
        for (;;) {
            while (at_ != end_ && plain_bytes[byte_of(*at_)]) ++at_;
            if (at_ == end_) fail("string without an end");
            if (byte_of(*at_) >= 0x80) {
                const std::size_t length = utf8_sequence(at_, end_);
                if (length == 0) fail("malformed UTF-8");
                at_ += length;
                continue;
            }
            out.append(run, at_);
            if (take('"')) return out;
            if (*at_ != '\\') fail("control character in a string");
            escape(out);
            run = at_;
        }
    }

    void escape(std::string& out) {
        const char* const place = at_;
        ++at_;
        if (at_ == end_) fail("string without an end");
        const char letter = *at_++;
        if (letter == 'u') return append_utf8(out, escaped_code_point(place));
        const std::size_t known = escape_letters.find(letter);
        if (known == std::string_view::npos) fail("unknown escape", place);
        out += escaped_bytes[known];
    }

    std::uint32_t escaped_code_point(const char* place) {
        const std::uint32_t unit = hex4();
        if (unit == 0) fail("U+0000", place);
        if (unit < 0xD800 || unit > 0xDFFF) return unit;
        if (unit > 0xDBFF || !take('\\') || !take('u')) fail("lone surrogate", place);
        const std::uint32_t low = hex4();
        if (low < 0xDC00 || low > 0xDFFF) fail("lone surrogate", place);
        return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    }

    std::uint32_t hex4() {
        if (end_ - at_ < 4) fail("bad \\u escape");
        std::uint32_t unit = 0;
        const auto [last, error] = std::from_chars(at_, at_ + 4, unit, 16);
        if (error != std::errc{} || last != at_ + 4) fail("bad \\u escape");
        at_ += 4;
        return unit;
    }

    const char* begin_;
    const char* at_;
    const char* end_;
    int depth_ = 0;
    std::vector<const char*> key_places_;  // of every member of the objects now open
};

JsonObject JsonObject::parse(std::string_view text) {
    return JsonParser{text}.document();
}

// ---- Numbers ------------------------------------------------------------------------------------

namespace {

/// The decimal exponent of the first digit that is not 0: 0 for `5`, -2 for `0.05`, 3 for `5e3`.
long long decimal_magnitude(std::string_view text) {
    const std::size_t e = std::min(text.find_first_of("eE"), text.size());
    const std::string_view mantissa = text.substr(0, e);
    const auto point = static_cast<long long>(std::min(mantissa.find('.'), mantissa.size()));
    const auto first = static_cast<long long>(mantissa.find_first_of("123456789"));
    const long long within = first < point ? point - first - 1 : point - first;

    std::string_view power = text.substr(std::min(e + 1, text.size()));
    const bool negative = power.starts_with('-');
    if (negative || power.starts_with('+')) power.remove_prefix(1);
    // Past this bound no mantissa of a text that fits in memory brings the number back in range.
    constexpr long long bound = 1LL << 60;
    long long exponent = 0;
    const auto parsed = std::from_chars(power.data(), power.data() + power.size(), exponent);
    if (parsed.ec == std::errc::result_out_of_range || exponent > bound) exponent = bound;
    return within + (negative ? -exponent : exponent);
}

}  // namespace

JsonNumber::JsonNumber(std::int64_t value) : text_{fmt::format("{}", value)} {}

JsonNumber::JsonNumber(double value) {
    if (!std::isfinite(value)) throw Error{ErrorCode::invalid, "JSON has no NaN and no infinity"};
    text_ = fmt::format("{}", value);
}

std::optional<std::int64_t> JsonNumber::to_int64() const noexcept {
    std::int64_t value = 0;
    const char* const end = text_.data() + text_.size();
    const auto [last, error] = std::from_chars(text_.data(), end, value);
    if (error != std::errc{} || last != end) return std::nullopt;
    return value;
}

std::optional<double> JsonNumber::to_double() const noexcept {
    double value = 0;
    const auto parsed = std::from_chars(text_.data(), text_.data() + text_.size(), value);
    if (parsed.ec == std::errc{}) return value;
    // Out of range is said of too small a number too, and the double nearest to that is a zero.
    if (decimal_magnitude(text_) > 0) return std::nullopt;
    return text_.starts_with('-') ? -0.0 : 0.0;
}

// ---- Objects and values -------------------------------------------------------------------------

JsonObject::JsonObject() noexcept = default;
JsonObject::JsonObject(const JsonObject&) = default;
JsonObject::JsonObject(JsonObject&&) noexcept = default;
JsonObject& JsonObject::operator=(const JsonObject&) = default;
JsonObject& JsonObject::operator=(JsonObject&&) noexcept = default;
JsonObject::~JsonObject() = default;

// Spelt out: clang 14 dies of defaulted comparisons that recurse.
bool JsonObject::operator==(const JsonObject& other) const {
    return members_ == other.members_;
}
bool JsonValue::operator==(const JsonValue& other) const {
    return value_ == other.value_;
}

bool JsonObject::empty() const noexcept {
    return members_.empty();
}
std::size_t JsonObject::size() const noexcept {
    return members_.size();
}

const JsonValue* JsonObject::find(std::string_view key) const noexcept {
    for (const JsonMember& member : members_) {
        if (member.key == key) return &member.value;
    }
    return nullptr;
}

void JsonObject::set(std::string key, JsonValue value) {
    for (JsonMember& member : members_) {
        if (member.key == key) {
            member.value = std::move(value);
            return;
        }
    }
    members_.push_back({std::move(key), std::move(value)});
}

// ---- Writing ------------------------------------------------------------------------------------

void append_json_string(std::string& out, std::string_view text) {
    constexpr std::string_view hex = "0123456789abcdef";
    out += '"';
    std::size_t run = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const unsigned char byte = byte_of(text[i]);
        if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
        out.append(text, run, i - run);
        run = i + 1;
        out += '\\';
        const std::size_t known = escaped_bytes.find(text[i]);
        if (known != std::string_view::npos) {
            out += escape_letters[known];
        } else {
            out += "u00";
            out += hex[byte >> 4];
            out += hex[byte & 0xF];
        }
    }
    out.append(text, run);
    out += '"';
}

std::string JsonObject::to_text() const {
    std::string out;
    append_to(out);
    return out;
}

void JsonObject::append_to(std::string& out) const {
    out += '{';
    bool first = true;
    for (const JsonMember& member : members_) {
        if (!std::exchange(first, false)) out += ',';
        append_json_string(out, member.key);
        out += ':';
        member.value.append_to(out);
    }
    out += '}';
}

void JsonValue::append_to(std::string& out) const {
    if (is_null()) out += "null";
    if (const bool* value = boolean()) out += *value ? "true" : "false";
    if (const JsonNumber* value = number()) out += value->text();
    if (const std::string* value = string()) append_json_string(out, *value);
    if (const JsonObject* value = object()) value->append_to(out);
    if (const JsonArray* values = array()) {
        out += '[';
        for (std::size_t i = 0; i < values->size(); ++i) {
            if (i != 0) out += ',';
            (*values)[i].append_to(out);
        }
        out += ']';
    }
}

}  // namespace lvng::crm::inline v0
