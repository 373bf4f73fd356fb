lvng_test(lvng-crm-tests
  SOURCES
    adapters/sql/book_texts_test.cpp
    adapters/sqlite/backup_test.cpp
    adapters/sqlite/faulty_disk_test.cpp
    adapters/sqlite/group_commit_test.cpp
    adapters/sqlite/group_parts_test.cpp
    adapters/sqlite/log_buffering_test.cpp
    adapters/sqlite/migrate_test.cpp
    adapters/sqlite/plans_test.cpp
    adapters/sqlite/sqlite_store_test.cpp
    adapters/sqlite/wal_moments_test.cpp
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

# What every store promises: compiled once, linked with each of them.
lvng_test_objects(lvng-contract-suite
  SOURCES
    api_keys_test.cpp
    condition_test.cpp
    contacts/contacts_test.cpp
    contacts/get_each_test.cpp
    contacts/searches_test.cpp
    contract/conversation_lockstep_test.cpp
    contract/conversation_race_test.cpp
    contract/conversation_recount_test.cpp
    contract/lockstep_test.cpp
    contract/once_race_test.cpp
    contract/race_test.cpp
    conversations/conversation_list_test.cpp
    conversations/conversations_test.cpp
    conversations/events_test.cpp
    conversations/members_test.cpp
    conversations/messages_test.cpp
    conversations/receipts_test.cpp
    conversations/two_processes_test.cpp
    conversations/upkeep_test.cpp
    once_test.cpp
    transact_each_test.cpp
  LIBRARIES lvng-crm)
set(lvng_contract_suite $<TARGET_OBJECTS:lvng-contract-suite>)

lvng_test(lvng-crm-memory-tests PREFIX "memory: "
  SOURCES ${lvng_contract_suite} support/memory_under_test.cpp
  LIBRARIES lvng-crm)
lvng_test(lvng-crm-contended-tests PREFIX "contended: "
  SOURCES ${lvng_contract_suite} support/contended_store.cpp support/contended_under_test.cpp
  LIBRARIES lvng-crm)
