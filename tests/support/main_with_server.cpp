#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdlib>
#include <iostream>
#include <string_view>

// LVNG_TEST_ADDRESS names the variable without which these tests cannot run. They are skipped
// then, and not passed; which there are can be asked without it.

int main(int argc, char** argv) {
    bool listing = false;
    for (int at = 1; at < argc; ++at) {
        const std::string_view argument{argv[at]};
        listing = listing || argument.starts_with("--list") || argument.starts_with("-l");
    }
    const char* address = std::getenv(LVNG_TEST_ADDRESS);
    if (!listing && !(address && *address)) {
        std::cout << "skipped: " LVNG_TEST_ADDRESS " is not set\n";
        return 77;
    }
    return doctest::Context{argc, argv}.run();
}
