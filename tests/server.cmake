if(TARGET lvng-server-app)
  lvng_test(lvng-server-tests
    SOURCES
      server/body_test.cpp
      server/contacts_test.cpp
      server/openapi_test.cpp
      support/http_scenario.cpp
    LIBRARIES lvng-server-app)
endif()
