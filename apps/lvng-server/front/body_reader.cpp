#include "front/body_reader.hpp"

#include "http/ascii.hpp"
#include "http/errors.hpp"

#include <algorithm>

namespace lvng::server {
namespace {

constexpr int no_digit = -1;

constexpr int hex_value(char c) noexcept {
    if (is_digit(c)) return c - '0';
    const char letter = lower(c);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : no_digit;
}

}  // namespace

BodyReader::BodyReader(const Framing& framing, std::uint64_t limit)
    : chunked_{framing.chunked}, room_{limit} {
    if (chunked_) return;
    size_ = framing.length.value_or(0);
    if (size_ > limit) throw Refusal{HttpError::payload_too_large};
    next_ = size_ > 0 ? Next::data : Next::nothing;
}

std::size_t BodyReader::take(std::string_view bytes, std::string* out) {
    std::size_t taken = 0;
    while (taken < bytes.size() && !whole()) {
        if (next_ != Next::data) {
            take_frame(bytes[taken++]);
            continue;
        }
        const auto count =
            static_cast<std::size_t>(std::min<std::uint64_t>(size_, bytes.size() - taken));
        if (out != nullptr) out->append(bytes, taken, count);
        taken += count;
        size_ -= count;
        if (size_ == 0) next_ = chunked_ ? Next::data_return : Next::nothing;
    }
    return taken;
}

void BodyReader::take_frame(char byte) {
    switch (next_) {
    case Next::size:
        return take_size(byte);
    case Next::size_line_feed:
        expect(byte, '\n', size_ > 0 ? Next::data : Next::last_return);
        if (size_ > room_) throw Refusal{HttpError::payload_too_large};
        room_ -= size_;
        return;
    case Next::data_return:
        return expect(byte, '\r', Next::data_line_feed);
    case Next::data_line_feed:
        digits_ = 0;
        return expect(byte, '\n', Next::size);
    case Next::last_return:
        return expect(byte, '\r', Next::last_line_feed);
    case Next::last_line_feed:
        return expect(byte, '\n', Next::nothing);
    case Next::data:
    case Next::nothing:
        return;  // not for frames
    }
}

void BodyReader::take_size(char byte) {
    constexpr int most_digits = 16;
    const int value = hex_value(byte);
    if (value == no_digit) {
        if (digits_ == 0) throw Refusal{HttpError::bad_request, "a chunk has no size"};
        return expect(byte, '\r', Next::size_line_feed);
    }
    if (++digits_ > most_digits)
        throw Refusal{HttpError::bad_request, "the size of a chunk is too long"};
    size_ = (digits_ == 1 ? 0 : size_ << 4U) + static_cast<std::uint64_t>(value);
}

void BodyReader::expect(char byte, char wanted, Next next) {
    if (byte != wanted)
        throw Refusal{HttpError::bad_request, "a chunk is not framed as it must be"};
    next_ = next;
}

}  // namespace lvng::server
