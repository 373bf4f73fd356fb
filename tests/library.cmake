lvng_test(lvng-crm-tests
  SOURCES
    adapters/sqlite/group_commit_test.cpp
    adapters/sqlite/sqlite_store_test.cpp
    contacts/contacts_test.cpp
    defaults_test.cpp
    error_test.cpp
    id_test.cpp
    json_test.cpp
    text/email_address_test.cpp
    text/phone_test.cpp
    text/unicode_test.cpp
    timestamp_test.cpp
    unit_of_work_test.cpp
  LIBRARIES lvng-crm SQLite::SQLite3)
