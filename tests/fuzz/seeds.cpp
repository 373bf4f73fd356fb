// Gives libFuzzer the seed corpus that belongs to the target, unless the caller names inputs.

#include <filesystem>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv);

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
    static std::string flag = "-seed_inputs=";
    static std::vector<char*> arguments{*argv, *argv + *argc};
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        if (arguments[i][0] != '-') return 0;
    }
    for (const auto& entry : std::filesystem::directory_iterator{LVNG_FUZZ_CORPUS}) {
        if (flag.back() != '=') flag += ',';
        flag += entry.path().string();
    }
    arguments.push_back(flag.data());
    arguments.push_back(nullptr);
    *argc = static_cast<int>(arguments.size()) - 1;
    *argv = arguments.data();
    return 0;
}
