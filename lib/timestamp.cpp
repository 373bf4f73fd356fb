#include <lvng/crm/timestamp.hpp>

#include <array>
#include <cassert>

namespace lvng::crm::inline v0 {

namespace {

using std::chrono::day;
using std::chrono::days;
using std::chrono::floor;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::month;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;
using std::chrono::sys_time;
using std::chrono::year;
using std::chrono::year_month_day;

using Instant = sys_time<milliseconds>;

constexpr Instant first_instant = sys_days{year{0} / 1 / 1};
constexpr Instant end_of_time = sys_days{year{10'000} / 1 / 1};

constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

/// Walks through a text from its front. After a step that failed, every further one fails too.
class Reader {
public:
    explicit Reader(std::string_view text) noexcept : rest_{text} {}

    /// Exactly `count` decimal digits.
    int number(std::size_t count) noexcept {
        if (rest_.size() < count) return fail();
        int value = 0;
        for (const char c : rest_.substr(0, count)) {
            if (!is_digit(c)) return fail();
            value = value * 10 + (c - '0');
        }
        rest_.remove_prefix(count);
        return value;
    }

    void literal(char expected) noexcept {
        if (!take(expected)) fail();
    }

    bool take(char wanted) noexcept {
        if (rest_.empty() || rest_.front() != wanted) return false;
        rest_.remove_prefix(1);
        return true;
    }

    /// 1 to 9 digits of a second's fraction, cut to milliseconds.
    milliseconds fraction() noexcept {
        int value = 0;
        std::size_t count = 0;
        while (count < rest_.size() && is_digit(rest_[count])) {
            if (count < 3) value = value * 10 + (rest_[count] - '0');
            ++count;
        }
        if (count == 0 || count > 9) fail();
        for (std::size_t missing = count; missing < 3; ++missing) value *= 10;
        if (!failed_) rest_.remove_prefix(count);
        return milliseconds{value};
    }

    [[nodiscard]] bool at_end() const noexcept { return rest_.empty() && !failed_; }
    [[nodiscard]] bool failed() const noexcept { return failed_; }

private:
    int fail() noexcept {
        failed_ = true;
        rest_ = {};
        return 0;
    }

    std::string_view rest_;
    bool failed_ = false;
};

/// `full-date` of RFC 3339.
std::optional<sys_days> read_date(Reader& reader) noexcept {
    const year y{reader.number(4)};
    reader.literal('-');
    const month m{static_cast<unsigned>(reader.number(2))};
    reader.literal('-');
    const day d{static_cast<unsigned>(reader.number(2))};
    const year_month_day date{y, m, d};
    if (reader.failed() || !date.ok()) return std::nullopt;
    return sys_days{date};
}

/// `time-offset` of RFC 3339; `-00:00`, an unknown local offset, is UTC.
minutes read_offset(Reader& reader, bool& in_range) noexcept {
    if (reader.take('Z') || reader.take('z')) return minutes{0};
    const bool west = reader.take('-');
    if (!west) reader.literal('+');
    const int hour = reader.number(2);
    reader.literal(':');
    const int minute = reader.number(2);
    in_range = in_range && hour <= 23 && minute <= 59;
    const minutes offset{hour * 60 + minute};
    return west ? -offset : offset;
}

// A leap second is the last one of a month in UTC. No table of those that were: it would be wrong
// with the next announcement.
bool starts_a_month(sys_seconds instant) noexcept {
    const sys_days date = floor<days>(instant);
    return instant == date && year_month_day{date}.day() == day{1};
}

/// `full-time` of RFC 3339 on `date`. The instants of a leap second become the start of the next
/// second, because UTC milliseconds have no place for them.
std::optional<Instant> read_time(Reader& reader, sys_days date) noexcept {
    const int hour = reader.number(2);
    reader.literal(':');
    const int minute = reader.number(2);
    reader.literal(':');
    const int second = reader.number(2);
    const milliseconds fraction = reader.take('.') ? reader.fraction() : milliseconds{0};
    bool in_range = hour <= 23 && minute <= 59 && second <= 60;
    const minutes offset = read_offset(reader, in_range);
    if (!reader.at_end() || !in_range) return std::nullopt;

    const sys_seconds whole = date + minutes{hour * 60 + minute} + seconds{second} - offset;
    if (second < 60) return whole + fraction;
    if (!starts_a_month(whole)) return std::nullopt;
    return whole;
}

template <std::size_t Count>
void put_number(char* place, unsigned value) noexcept {
    for (std::size_t i = Count; i > 0; --i) {
        place[i - 1] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
}

}  // namespace

std::optional<Timestamp> Timestamp::parse(std::string_view text) noexcept {
    Reader reader{text};
    const std::optional<sys_days> date = read_date(reader);
    if (!date) return std::nullopt;
    if (reader.at_end()) return Timestamp{Instant{*date}.time_since_epoch().count()};

    if (!reader.take('T') && !reader.take('t')) return std::nullopt;
    const std::optional<Instant> instant = read_time(reader, *date);
    if (!instant || *instant < first_instant || *instant >= end_of_time) return std::nullopt;
    return Timestamp{instant->time_since_epoch().count()};
}

std::string Timestamp::to_string() const {
    std::string out;
    append_to(out);
    return out;
}

// By hand: `strftime` and fmt's chrono part take several times as long, and lists print two of
// these for each contact.
void Timestamp::append_to(std::string& out) const {
    const Instant instant{Instant::duration{milliseconds_}};
    assert(instant >= first_instant && instant < end_of_time);
    const sys_days date = floor<days>(instant);
    const year_month_day ymd{date};
    const auto in_day = static_cast<unsigned>(Instant::duration{instant - date}.count());

    std::array<char, 24> text{'0', '0', '0', '0', '-', '0', '0', '-', '0', '0', 'T', '0',
                              '0', ':', '0', '0', ':', '0', '0', '.', '0', '0', '0', 'Z'};
    put_number<4>(&text[0], static_cast<unsigned>(static_cast<int>(ymd.year())));
    put_number<2>(&text[5], static_cast<unsigned>(ymd.month()));
    put_number<2>(&text[8], static_cast<unsigned>(ymd.day()));
    put_number<2>(&text[11], in_day / 3'600'000);
    put_number<2>(&text[14], in_day / 60'000 % 60);
    put_number<2>(&text[17], in_day / 1000 % 60);
    put_number<3>(&text[20], in_day % 1000);
    out.append(text.data(), text.size());
}

}  // namespace lvng::crm::inline v0
