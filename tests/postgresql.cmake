# Tests that need a PostgreSQL: its superuser's address is in LVNG_TEST_POSTGRES, that of a Citus
# coordinator in LVNG_TEST_CITUS. tests/support/postgres-server.sh makes one to throw away.

if(NOT TARGET lvng-crm-postgresql)
  return()
endif()

set(postgresql_support support/postgresql_store.cpp)
set(postgresql_libraries lvng-crm-postgresql PostgreSQL::PostgreSQL Threads::Threads)

lvng_test(lvng-crm-postgresql-contract-tests PREFIX "postgresql: " NEEDS LVNG_TEST_POSTGRES
  SOURCES ${lvng_contract_suite} ${postgresql_support} support/postgresql_under_test.cpp
  LIBRARIES ${postgresql_libraries})
lvng_test(lvng-crm-citus-contract-tests PREFIX "citus: " NEEDS LVNG_TEST_CITUS
  SOURCES ${lvng_contract_suite} ${postgresql_support} support/citus_under_test.cpp
  LIBRARIES ${postgresql_libraries})

lvng_test(lvng-crm-postgresql-tests NEEDS LVNG_TEST_POSTGRES
  SOURCES
    adapters/postgresql/conninfo_test.cpp
    adapters/postgresql/errors_test.cpp
    adapters/postgresql/glance_line_test.cpp
    adapters/postgresql/joint_writes_test.cpp
    adapters/postgresql/migrate_test.cpp
    adapters/postgresql/pool_test.cpp
    adapters/postgresql/postgresql_store_test.cpp
    adapters/postgresql/row_security_test.cpp
    adapters/postgresql/server_faults_test.cpp
    adapters/postgresql/statements_test.cpp
    adapters/postgresql/tls_test.cpp
    ${postgresql_support} support/postgresql_server.cpp
  LIBRARIES ${postgresql_libraries} Poco::Net)
target_compile_definitions(lvng-crm-postgresql-tests PRIVATE
  LVNG_POSTGRES_SERVER="${CMAKE_CURRENT_SOURCE_DIR}/support/postgres-server.sh")

# Built with the tests, run by hand: a timing is never a test.
add_executable(postgresql_bench bench/postgresql_bench.cpp ${postgresql_support})
lvng_target(postgresql_bench)
target_include_directories(postgresql_bench PRIVATE ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(postgresql_bench PRIVATE ${postgresql_libraries} fmt::fmt)
