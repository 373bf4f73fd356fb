#pragma once

#include "commands/command.hpp"

namespace lvng::server {

Command serve_command();
Command token_command();
Command keys_command();
Command migrate_command();
Command check_command();
Command backup_command();

}  // namespace lvng::server
