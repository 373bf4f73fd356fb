lvng_test(lvng-crm-tests
  SOURCES
    defaults_test.cpp
    error_test.cpp
    id_test.cpp
    json_test.cpp
    text/email_address_test.cpp
    text/phone_test.cpp
    text/unicode_test.cpp
    timestamp_test.cpp
  LIBRARIES lvng-crm)
