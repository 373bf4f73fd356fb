#pragma once

#include "support/temporary_folder.hpp"

#include <string>

namespace lvng::crm::test {

/// A PostgreSQL of a test's own, which it may mistreat; see postgres-server.sh.
class PostgresqlServer {
public:
    PostgresqlServer() { start(); }
    PostgresqlServer(const PostgresqlServer&) = delete;
    PostgresqlServer& operator=(const PostgresqlServer&) = delete;
    ~PostgresqlServer();

    void start();
    void kill() { run("kill"); }
    void pause() { run("pause"); }
    void resume() { run("resume"); }

    /// For the superuser.
    [[nodiscard]] const std::string& url() const { return url_; }
    [[nodiscard]] std::string port() const;
    [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }

private:
    std::string run(const std::string& verb) const;

    TemporaryFolder folder_;
    std::string url_;
};

}  // namespace lvng::crm::test
