#pragma once

#include "http/head_rules.hpp"
#include "http/request.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace lvng::server {

/// Looks for the end of a head while it arrives. No byte is looked for twice, however many pieces
/// it comes in. One thread at a time.
class HeadScanner {
public:
    /// `bytes` begin with the head, and with what was there at the last call. The length of the
    /// head with the empty line that ends it; nothing while more must come. Throws `Refusal`
    /// where it can't become a head: a line end that is not CR LF, a control character, or more
    /// than the limits allow.
    std::optional<std::size_t> find_end(std::string_view bytes, const SizeLimits& limits);

private:
    void check_unfinished(std::string_view bytes, const SizeLimits& limits);

    std::size_t seen_ = 0;         // how far an unfinished line has been looked at
    std::size_t line_ = 0;         // where the first line begins that is not whole yet
    std::size_t lines_ = 0;        // whole ones before it
    std::size_t request_end_ = 0;  // of the request line
};

/// Takes a whole head apart into views of it. One empty line before it is skipped. Nothing is
/// decoded, joined or repaired. Throws `Refusal`. `check_head` judges the parts.
/// Source: the table of strict rules that the REST contract, section 1, takes in.
void split_head(std::string_view head, Request& request);

}  // namespace lvng::server
