#pragma once

#include <array>
#include <cstdlib>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/// A migration that takes its time, and processes of their own that run it and can be killed.
namespace lvng::crm::test {

/// Version 2 moves every row; the trace says how often it ran to its end.
inline constexpr std::array<const char*, 2> moving_scripts{
    "create table lvng_migrations (version integer primary key);"
    "create table lvng_trace (ran integer);"
    "create table lvng_old (n integer primary key, text text)",
    "create table lvng_new (n integer primary key, text text, length integer not null);"
    "insert into lvng_new select n, text, length(text) from lvng_old;"
    "drop table lvng_old;"
    "create index lvng_new_by_length on lvng_new (length);"
    "insert into lvng_trace values (1)"};

/// Runs `work` in a process of its own, whose exit status is 0 when it got to the end.
template <class Work>
pid_t start_process(Work work) {
    const pid_t child = ::fork();
    if (child != 0) return child;
    int status = 1;
    try {
        work();
        status = 0;
    } catch (...) {
        status = 2;
    }
    ::_exit(status);
}

/// The exit status of a process, -1 where it was killed.
inline int wait_for(pid_t child) {
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// How often a process is killed: 20 times, or as `LVNG_TEST_KILLS` says.
inline int kills() {
    const char* given = std::getenv("LVNG_TEST_KILLS");
    return given ? std::atoi(given) : 20;
}

}  // namespace lvng::crm::test
