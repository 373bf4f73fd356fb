# Finds what each component links. Included by the build and by the installed package config.

include(CMakeFindDependencyMacro)

# libphonenumber comes from Debian without a CMake config of its own.
macro(lvng_crm_find_phonenumber)
  if(NOT TARGET lvng::phonenumber)
    find_path(LVNG_PHONENUMBER_INCLUDE_DIR phonenumbers/phonenumberutil.h REQUIRED)
    find_library(LVNG_PHONENUMBER_LIBRARY phonenumber REQUIRED)
    mark_as_advanced(LVNG_PHONENUMBER_INCLUDE_DIR LVNG_PHONENUMBER_LIBRARY)
    add_library(lvng::phonenumber UNKNOWN IMPORTED GLOBAL)
    set_target_properties(lvng::phonenumber PROPERTIES
      IMPORTED_LOCATION ${LVNG_PHONENUMBER_LIBRARY}
      INTERFACE_INCLUDE_DIRECTORIES ${LVNG_PHONENUMBER_INCLUDE_DIR})
  endif()
endmacro()

macro(lvng_crm_find_crm)
  find_dependency(fmt 9)
  find_dependency(SQLite3 3.40)
  find_dependency(ICU 72 COMPONENTS uc)
  find_dependency(Threads)
  lvng_crm_find_phonenumber()
endmacro()

macro(lvng_crm_find_auth)
  find_dependency(OpenSSL 3.0 COMPONENTS Crypto)
endmacro()

# Debian's Poco::DataPostgreSQL links a PostgreSQL::client that nobody defines.
macro(lvng_crm_find_postgresql)
  find_dependency(PostgreSQL)
  if(NOT TARGET PostgreSQL::client)
    add_library(PostgreSQL::client INTERFACE IMPORTED GLOBAL)
    target_link_libraries(PostgreSQL::client INTERFACE PostgreSQL::PostgreSQL)
  endif()
  find_dependency(Poco 1.11 COMPONENTS Foundation Data DataPostgreSQL)
endmacro()
