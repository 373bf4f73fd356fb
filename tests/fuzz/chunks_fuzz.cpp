#include "front/body_reader.hpp"
#include "fuzz/property.hpp"
#include "http/errors.hpp"

#include <algorithm>
#include <string>

using fuzz::require;
using namespace lvng::server;

namespace {

constexpr std::uint64_t limit = 64;

struct Outcome {
    bool refused = false;
    bool whole = false;
    std::size_t taken = 0;
    std::string body{};
};

Outcome read(std::string_view text, std::size_t step) {
    Outcome outcome;
    try {
        BodyReader reader{{.chunked = true}, limit};
        while (outcome.taken < text.size() && !reader.whole()) {
            const std::string_view piece = text.substr(outcome.taken, step);
            const std::size_t taken = reader.take(piece, &outcome.body);
            require(taken <= piece.size(), "no more is taken than there is");
            require(taken == piece.size() || reader.whole(), "what is left follows the body");
            outcome.taken += taken;
        }
        outcome.whole = reader.whole();
    } catch (const Refusal&) {
        outcome.refused = true;
    }
    require(outcome.body.size() <= limit, "a body is not larger than it may be");
    return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    const Outcome at_once = read(text, std::max<std::size_t>(size, 1));
    for (const std::size_t step : {1, 3}) {
        const Outcome slow = read(text, step);
        require(slow.refused == at_once.refused, "pieces change no refusal");
        require(slow.whole == at_once.whole, "pieces change no end");
        if (!slow.refused) require(slow.body == at_once.body, "pieces change no body");
        if (slow.whole) require(slow.taken == at_once.taken, "pieces change no length");
    }
    if (at_once.whole)
        require(text.substr(0, at_once.taken).ends_with("\r\n\r\n"), "the end is an empty line");
    return 0;
}
