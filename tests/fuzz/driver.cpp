// What libFuzzer does, without coverage: runs a target on mutated seeds for some seconds, so that
// every compiler runs it and every test run has a little of it. The same seed gives the same
// inputs in the same order.

#include "fuzz/property.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

namespace {

using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>{0, bound - 1}(random);
}

std::vector<std::string> read_corpus() {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator{LVNG_FUZZ_CORPUS}) {
        paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());  // the directory's order is not the same everywhere
    std::vector<std::string> corpus{""};
    for (const auto& path : paths) {
        std::ifstream file{path, std::ios::binary};
        corpus.emplace_back(std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{});
    }
    return corpus;
}

/// Something that parsers tend to fall over, or a part of a seed.
std::string morsel(Random& random, const std::vector<std::string>& corpus) {
    static const std::vector<std::string> known{"\"",
                                                "\\",
                                                "{",
                                                "}",
                                                "[",
                                                "]",
                                                ":",
                                                ",",
                                                ".",
                                                "=",
                                                "&",
                                                "%",
                                                "%00",
                                                "%C3%A9",
                                                "+",
                                                "-",
                                                "0",
                                                "e",
                                                "\\u0000",
                                                "\\ud800",
                                                "\\udc00",
                                                "\\u0061",
                                                "1e999",
                                                "-0",
                                                "18446744073709551616",
                                                "null",
                                                "true",
                                                "\xEF\xBB\xBF",
                                                "\xC3\xA9",
                                                "\xC0\x80",
                                                "\xED\xA0\x80",
                                                "\xF0\x9F\x98\x80",
                                                "\xF4\x90\x80\x80",
                                                "\xFF",
                                                " ",
                                                "\n",
                                                std::string(1, '\0'),
                                                std::string(40, '['),
                                                "\"alg\":\"none\"",
                                                "\"exp\":",
                                                "\"nbf\":",
                                                "\"crit\":[]",
                                                "\"organizationId\":",
                                                "private:",
                                                "limit=",
                                                "search="};
    if (below(random, 2) == 0) return known[below(random, known.size())];
    const std::string& seed = corpus[below(random, corpus.size())];
    if (seed.empty()) return {};
    return seed.substr(below(random, seed.size()), 1 + below(random, 32));
}

void mutate(Random& random, const std::vector<std::string>& corpus, std::string& text) {
    const std::size_t at = below(random, text.size() + 1);
    switch (below(random, 6)) {
    case 0:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(random, 8)));
        break;
    case 1:
        if (at < text.size()) text[at] = static_cast<char>(below(random, 256));
        break;
    case 2:
        text.erase(at, 1 + below(random, 8));
        break;
    case 3:
        text.resize(at);
        break;
    default:
        text.insert(at, morsel(random, corpus));
    }
}

void run(const std::string& input) {
    // An exact copy on the heap: a read beyond its end is then seen.
    const std::vector<std::uint8_t> bytes{input.begin(), input.end()};
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

}  // namespace

int main(int argc, char** argv) {
    std::uint64_t seed = std::random_device{}();
    if (argc == 3 && std::strcmp(argv[1], "--seed") == 0) {
        seed = std::stoull(argv[2]);
    } else if (argc != 1) {
        fmt::print(stderr, "{} [--seed N]; LVNG_FUZZ_SECONDS says how long, 2 by default\n",
                   argv[0]);
        return 2;
    }
    const char* const wanted = std::getenv("LVNG_FUZZ_SECONDS");
    const std::chrono::seconds time{wanted == nullptr ? 2 : std::stoi(wanted)};
    fmt::print("seed {}\n", seed);
    std::fflush(stdout);  // before an input ends the run

    const std::vector<std::string> corpus = read_corpus();
    std::for_each(corpus.begin(), corpus.end(), run);
    Random random{seed};
    std::size_t inputs = corpus.size();
    const auto end = std::chrono::steady_clock::now() + time;
    for (; std::chrono::steady_clock::now() < end; ++inputs) {
        std::string text = corpus[below(random, corpus.size())];
        for (std::size_t i = 1 + below(random, 6); i > 0; --i) mutate(random, corpus, text);
        run(text);
    }
    fmt::print("{} inputs\n", inputs);
    return 0;
}
