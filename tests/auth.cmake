if(TARGET lvng-crm-auth)
  lvng_test(lvng-crm-auth-tests
    SOURCES
      adapters/auth/base64url_test.cpp
      adapters/auth/jws_test.cpp
      adapters/auth/jwt_claims_test.cpp
      adapters/auth/sign_test.cpp
      adapters/auth/token_cache_test.cpp
    LIBRARIES lvng-crm-auth)
  target_link_libraries(lvng-crm-auth-tests PRIVATE Threads::Threads)
endif()
