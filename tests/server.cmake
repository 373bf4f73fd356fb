if(TARGET lvng-server-app)
  # The tables of requests, for every store and every front.
  lvng_test_objects(lvng-server-suite
    SOURCES
      server/api_keys_test.cpp
      server/authorisation_test.cpp
      server/contacts_test.cpp
      server/conversation_fields_test.cpp
      server/conversations_test.cpp
      server/members_test.cpp
      server/message_fields_test.cpp
      server/messages_test.cpp
      server/receipts_test.cpp
      server/retry_test.cpp
      support/documented.cpp
      support/http_scenario.cpp
    LIBRARIES lvng-server-app)
  set(server_suite $<TARGET_OBJECTS:lvng-server-suite>)

  lvng_test(lvng-server-tests
    SOURCES
      ${server_suite}
      server/body_reader_test.cpp
      server/body_test.cpp
      server/check_test.cpp
      server/connection_test.cpp
      server/cors_test.cpp
      server/crew_test.cpp
      server/docs_test.cpp
      server/entity_tags_test.cpp
      server/errors_test.cpp
      server/exchange_test.cpp
      server/front_test.cpp
      server/fronts_test.cpp
      server/head_parser_test.cpp
      server/head_rules_test.cpp
      server/health_test.cpp
      server/log_test.cpp
      server/metrics_test.cpp
      server/openapi_test.cpp
      server/page_cache_test.cpp
      server/program_test.cpp
      server/query_test.cpp
      server/rate_limit_test.cpp
      server/read_line_test.cpp
      server/secret_file_test.cpp
      server/settings_test.cpp
      server/trusted_proxies_test.cpp
      server/upkeep_thread_test.cpp
      server/write_line_test.cpp
      support/memory_under_test.cpp
      support/transport_straight.cpp
    LIBRARIES lvng-server-app SQLite::SQLite3)
  target_compile_definitions(lvng-server-tests
    PRIVATE LVNG_SERVER_PROGRAM="$<TARGET_FILE:lvng-server>")
  add_dependencies(lvng-server-tests lvng-server)

  # The tables of requests once more, through both fronts. The strict one lets requests share a
  # transaction where the store gains by that, which a file does.
  lvng_test(lvng-server-front-tests PREFIX "front: "
    SOURCES
      ${server_suite}
      server/shared_answers_test.cpp
      support/contended_store.cpp
      support/contended_under_test.cpp
      support/transport_front.cpp
    LIBRARIES lvng-server-app)
  lvng_test(lvng-server-poco-tests PREFIX "poco: "
    SOURCES
      ${server_suite}
      support/memory_under_test.cpp
      support/transport_poco.cpp
    LIBRARIES lvng-server-app)

  # The tables of requests once more, on a file, whose answers a server may keep.
  lvng_test(lvng-server-file-tests PREFIX "file: "
    SOURCES
      ${server_suite}
      server/kept_contacts_test.cpp
      support/file_under_test.cpp
      support/transport_straight.cpp
    LIBRARIES lvng-server-app SQLite::SQLite3)

  # The tables of requests once more, on the other store.
  lvng_test(lvng-server-postgresql-tests PREFIX "postgresql: " NEEDS LVNG_TEST_POSTGRES
    SOURCES
      ${server_suite}
      server/exchange_test.cpp
      support/postgresql_store.cpp
      support/postgresql_under_test.cpp
      support/transport_straight.cpp
    LIBRARIES lvng-server-app PostgreSQL::PostgreSQL)
endif()
