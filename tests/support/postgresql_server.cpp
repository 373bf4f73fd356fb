#include "support/postgresql_server.hpp"

#include <array>
#include <cstdio>
#include <stdexcept>

namespace lvng::crm::test {

void PostgresqlServer::start() {
    url_ = run("start");
    if (!url_.empty()) url_.pop_back();  // the line's end
}

PostgresqlServer::~PostgresqlServer() {
    try {
        run("stop");
    } catch (const std::runtime_error&) {
        // It was killed.
    }
}

std::string PostgresqlServer::port() const {
    const std::size_t colon = url_.rfind(':');
    return url_.substr(colon + 1, url_.rfind('/') - colon - 1);
}

std::string PostgresqlServer::run(const std::string& verb) const {
    const std::string command =
        std::string{LVNG_POSTGRES_SERVER} + ' ' + verb + ' ' + folder_.path().string();
    std::FILE* const output = ::popen(command.c_str(), "r");
    if (!output) throw std::runtime_error{"cannot run " + command};
    std::string text;
    std::array<char, 256> line{};
    while (std::fgets(line.data(), line.size(), output)) text += line.data();
    if (::pclose(output) != 0) throw std::runtime_error{command + " failed"};
    return text;
}

}  // namespace lvng::crm::test
