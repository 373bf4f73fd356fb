if(TARGET lvng-crm-auth)
  lvng_test(lvng-crm-auth-tests
    SOURCES
      adapters/auth/api_keys_test.cpp
      adapters/auth/base64url_test.cpp
      adapters/auth/jwks_test.cpp
      adapters/auth/jws_test.cpp
      adapters/auth/jwt_claims_test.cpp
      adapters/auth/key_confusion_test.cpp
      adapters/auth/key_set_test.cpp
      adapters/auth/sign_test.cpp
      adapters/auth/token_cache_test.cpp
      adapters/auth/wycheproof_test.cpp
      adapters/curl/fetch_test.cpp
    LIBRARIES lvng-crm-auth)
  find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto SSL)
  target_link_libraries(lvng-crm-auth-tests PRIVATE OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
  target_compile_definitions(lvng-crm-auth-tests PRIVATE
    LVNG_TEST_DATA="${CMAKE_CURRENT_SOURCE_DIR}/data")
endif()
