#include "commands/arguments.hpp"
#include "commands/commands.hpp"

#include "wiring.hpp"

#include <lvng/crm/crm.hpp>

#include <fmt/format.h>

#include <array>

namespace lvng::server {
namespace {

constexpr int differs = 3;

constexpr std::array<CommandOption, 1> options{
    CommandOption{"repair", "", "writes down what was counted"},
};

/// A check neither makes a store nor migrates one: then there would be nothing left to find.
Settings settings_of_a_store(const Invocation& invocation) {
    Settings settings = read_settings(invocation.environment, invocation.setting_flags).settings;
    settings.migrations = crm::Migrations::never;
    refuse_in_memory(settings, "check");
    refuse_missing_store(settings);
    return settings;
}

int check(const Invocation& invocation) {
    const auto crm = open_crm(settings_of_a_store(invocation), false);
    const bool repairs = invocation.is_on("repair");
    const crm::CheckReport report = repairs ? crm->repair() : crm->check();
    for (const crm::Miscount& miscount : report.miscounts)
        fmt::print("{} in {}: recorded {}, counted {}\n", miscount.what,
                   miscount.tenant.to_string(), miscount.recorded, miscount.counted);
    fmt::print("conversations: {}, books: {}, {}: {}\n", report.conversations, report.books,
               repairs ? "repaired" : "wrong", report.miscounts.size());
    return repairs || report.miscounts.empty() ? 0 : differs;
}

}  // namespace

Command check_command() {
    return {.name = "check",
            .summary = "recounts what is counted, also while it serves",
            .options = options,
            .run = check};
}

}  // namespace lvng::server
