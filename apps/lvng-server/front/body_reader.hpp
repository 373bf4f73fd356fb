#pragma once

#include "http/head_rules.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace lvng::server {

/// Tells a body from what follows it while both arrive. One thread at a time.
///
/// Chunks are taken in one form only: the size as 1 to 16 hexadecimal digits, CR LF, the bytes,
/// CR LF; at the end the size 0 and an empty line. Extensions and trailers are refused.
/// Source: the table of strict rules that the REST contract, section 1, takes in.
class BodyReader {
public:
    /// A body of more than `limit` bytes is refused.
    BodyReader(const Framing& framing, std::uint64_t limit);

    /// Takes what belongs to the body from the front of `bytes` and appends its data to `out`,
    /// or drops it where `out` is null. How many bytes were taken: fewer than there are only
    /// when the body is whole. Throws `Refusal`: `bad_request`, `payload_too_large`.
    std::size_t take(std::string_view bytes, std::string* out);

    [[nodiscard]] bool whole() const noexcept { return next_ == Next::nothing; }

private:
    enum class Next {
        size,
        size_line_feed,
        data,
        data_return,
        data_line_feed,
        last_return,
        last_line_feed,
        nothing
    };

    void take_frame(char byte);
    void take_size(char byte);
    void expect(char byte, char wanted, Next next);

    Next next_ = Next::size;
    bool chunked_;
    int digits_ = 0;          // of the size that is being read
    std::uint64_t size_ = 0;  // what is left of the chunk, or of the whole body
    std::uint64_t room_;      // what is left of the limit
};

}  // namespace lvng::server
