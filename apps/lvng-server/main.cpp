#include "commands/commands.hpp"

#include <lvng/crm/sqlite.hpp>

#include <array>
#include <span>

#include <unistd.h>

int main(int argc, char** argv) {
    using namespace lvng::server;
    lvng::crm::stop_counting_sqlite_memory();
    const std::array commands{serve_command(),   token_command(), keys_command(),
                              migrate_command(), check_command(), backup_command()};
    const std::span<char* const> arguments{argv, static_cast<std::size_t>(argc)};
    return run_command(commands, arguments.subspan(argc > 0 ? 1 : 0), environ);
}
