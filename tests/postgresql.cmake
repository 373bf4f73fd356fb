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
