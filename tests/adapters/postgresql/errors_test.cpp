#include "adapters/postgresql/errors.hpp"

#include "support/postgresql_store.hpp"

#include <doctest/doctest.h>

#include <fmt/format.h>
#include <libpq-fe.h>
#include <memory>
#include <string>

using namespace lvng::crm;
using namespace lvng::crm::postgresql;
using namespace lvng::crm::test;

namespace {

using Raised = std::unique_ptr<PGresult, decltype(&PQclear)>;

/// Lets the server raise an error of that SQLSTATE.
Raised raised(PGconn* connection, const std::string& state) {
    const std::string sql =
        fmt::format("do $$ begin raise exception 'x' using errcode = '{}'; end $$", state);
    return {PQexec(connection, sql.c_str()), &PQclear};
}

std::string describe(const Failure& failure) {
    std::string text{to_string(failure.error.code())};
    if (failure.error.retryable()) text += " retryable";
    if (failure.error.outcome_unknown()) text += " unknown";
    if (failure.drop_connection) text += " drop";
    if (failure.outdated) text += " outdated";
    if (failure.timed_out) text += " timed out";
    return text;
}

}  // namespace

TEST_SUITE("adapters.postgresql.errors") {

    TEST_CASE("every SQLSTATE has its meaning") {
        const std::unique_ptr<PGconn, decltype(&PQfinish)> connection{
            PQconnectdb(postgresql_address().c_str()), &PQfinish};
        PQsetNoticeProcessor(
            connection.get(), [](void*, const char*) {}, nullptr);
        const auto meaning = [&](const std::string& state, Step step = Step::statement) {
            return describe(to_failure(raised(connection.get(), state).get(), step));
        };
        CHECK(meaning("40001") == "unavailable retryable");
        CHECK(meaning("40P01") == "unavailable retryable");
        CHECK(meaning("55P03") == "unavailable retryable timed out");
        CHECK(meaning("57014") == "unavailable timed out");
        CHECK(meaning("53100") == "unavailable");
        CHECK(meaning("53300") == "unavailable");
        CHECK(meaning("58030") == "unavailable");
        CHECK(meaning("25006") == "unavailable");
        CHECK(meaning("57P01") == "unavailable retryable drop");
        CHECK(meaning("08006") == "unavailable retryable drop");
        CHECK(meaning("0A000") == "unavailable retryable drop outdated");
        CHECK(meaning("26000") == "unavailable retryable drop outdated");
        CHECK(meaning("XX001") == "corrupt");
        CHECK(meaning("XX002") == "corrupt");
        CHECK(meaning("XX000") == "internal");
        CHECK(meaning("23505") == "internal");
        CHECK(meaning("22001") == "internal");
        CHECK(meaning("42601") == "internal");
    }

    TEST_CASE("a commit that was refused is known, one that was cut off is not") {
        const std::unique_ptr<PGconn, decltype(&PQfinish)> connection{
            PQconnectdb(postgresql_address().c_str()), &PQfinish};
        CHECK(describe(to_failure(raised(connection.get(), "40001").get(), Step::commit)) ==
              "unavailable retryable");
        CHECK(describe(to_failure(raised(connection.get(), "57P01").get(), Step::commit)) ==
              "unavailable unknown drop");
        CHECK(describe({lost_connection("gone", Step::commit)}) == "unavailable unknown");
        CHECK(describe({lost_connection("gone", Step::statement)}) == "unavailable retryable");
        CHECK(describe({deadline_passed(Step::commit)}) == "unavailable unknown");
        CHECK(describe({deadline_passed(Step::statement)}) == "unavailable");
    }
}
