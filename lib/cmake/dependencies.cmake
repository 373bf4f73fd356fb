# Finds what each component links. Included by the build and by the installed package config.

include(CMakeFindDependencyMacro)

# A missing library ends the build; of the installed package it makes one that is not found.
macro(lvng_crm_find)
  if(DEFINED CMAKE_FIND_PACKAGE_NAME)
    find_dependency(${ARGN})
  else()
    find_package(${ARGN} REQUIRED)
  endif()
endmacro()

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
  lvng_crm_find(fmt 9)
  lvng_crm_find(SQLite3 3.40)
  lvng_crm_find(ICU 72 COMPONENTS uc)
  lvng_crm_find(Threads)
  lvng_crm_find_phonenumber()
endmacro()

macro(lvng_crm_find_auth)
  lvng_crm_find(OpenSSL 3.0 COMPONENTS Crypto)
  lvng_crm_find(CURL 7.85)
endmacro()

# Debian's Poco::DataPostgreSQL links a PostgreSQL::client that nobody defines.
macro(lvng_crm_find_postgresql)
  lvng_crm_find(PostgreSQL)
  if(NOT TARGET PostgreSQL::client)
    add_library(PostgreSQL::client INTERFACE IMPORTED GLOBAL)
    target_link_libraries(PostgreSQL::client INTERFACE PostgreSQL::PostgreSQL)
  endif()
  lvng_crm_find(Poco 1.11 COMPONENTS Foundation Data DataPostgreSQL)
endmacro()
