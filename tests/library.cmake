lvng_test(lvng-crm-tests
  SOURCES
    adapters/sqlite/faulty_disk_test.cpp
    adapters/sqlite/group_commit_test.cpp
    adapters/sqlite/migrate_test.cpp
    adapters/sqlite/plans_test.cpp
    adapters/sqlite/sqlite_store_test.cpp
    conversations/falsified_file_test.cpp
    conversations/recount_test.cpp
    defaults_test.cpp
    error_test.cpp
    event_stream_test.cpp
    id_test.cpp
    json_test.cpp
    support/faulty_disk.cpp
    text/email_address_test.cpp
    text/phone_test.cpp
    text/unicode_test.cpp
    timestamp_test.cpp
    unit_of_work_test.cpp
  LIBRARIES lvng-crm SQLite::SQLite3)

# What every store promises, as one set of sources for all of them.
set(lvng_contract_suite
  ${CMAKE_CURRENT_SOURCE_DIR}/contacts/contacts_test.cpp
  ${CMAKE_CURRENT_SOURCE_DIR}/contract/conversation_lockstep_test.cpp
  ${CMAKE_CURRENT_SOURCE_DIR}/contract/conversation_race_test.cpp
  ${CMAKE_CURRENT_SOURCE_DIR}/contract/conversation_recount_test.cpp
  ${CMAKE_CURRENT_SOURCE_DIR}/contract/lockstep_test.cpp
  ${CMAKE_CURRENT_SOURCE_DIR}/contract/once_race_test.cpp
  ${CMAKE_CURRENT_SOURCE_DIR}/contract/race_test.cpp
  ${CMAKE_CURRENT_SOURCE_DIR}/conversations/conversations_test.cpp
  ${CMAKE_CURRENT_SOURCE_DIR}/conversations/events_test.cpp
  ${CMAKE_CURRENT_SOURCE_DIR}/conversations/members_test.cpp
  ${CMAKE_CURRENT_SOURCE_DIR}/conversations/messages_test.cpp
  ${CMAKE_CURRENT_SOURCE_DIR}/conversations/receipts_test.cpp
  ${CMAKE_CURRENT_SOURCE_DIR}/conversations/two_processes_test.cpp
  ${CMAKE_CURRENT_SOURCE_DIR}/conversations/upkeep_test.cpp
  ${CMAKE_CURRENT_SOURCE_DIR}/condition_test.cpp
  ${CMAKE_CURRENT_SOURCE_DIR}/once_test.cpp)

lvng_test(lvng-crm-memory-tests PREFIX "memory: "
  SOURCES ${lvng_contract_suite} support/memory_under_test.cpp
  LIBRARIES lvng-crm)
lvng_test(lvng-crm-contended-tests PREFIX "contended: "
  SOURCES ${lvng_contract_suite} support/contended_store.cpp support/contended_under_test.cpp
  LIBRARIES lvng-crm)
