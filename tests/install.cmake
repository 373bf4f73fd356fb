# Programs outside the tree against an installed copy of the library, static and shared.

# The consumers' compilers would have to be told of the sanitizers.
if(LVNG_CRM_SANITIZE)
  return()
endif()

find_program(LVNG_CRM_PKG_CONFIG pkg-config REQUIRED)

set(install_dir ${PROJECT_BINARY_DIR}/install)
if(BUILD_SHARED_LIBS)
  set(this_kind shared)
  set(other_kind static)
else()
  set(this_kind static)
  set(other_kind shared)
endif()

# ---- two installed copies -----------------------------------------------------------------------
add_test(NAME install.${this_kind} COMMAND
  ${CMAKE_COMMAND} --install ${PROJECT_BINARY_DIR} --prefix ${install_dir}/${this_kind})

# The same sources with the same options, but for the kind: their objects come out of ccache.
add_test(NAME install.${other_kind} COMMAND ${CMAKE_CTEST_COMMAND}
  --build-and-test ${PROJECT_SOURCE_DIR} ${install_dir}/build
  --build-generator ${CMAKE_GENERATOR} --build-target install
  --build-options
    -DCMAKE_INSTALL_PREFIX=${install_dir}/${other_kind}
    -DCMAKE_BUILD_TYPE=${CMAKE_BUILD_TYPE}
    -DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER}
    -DBUILD_SHARED_LIBS=$<NOT:$<BOOL:${BUILD_SHARED_LIBS}>>
    -DLVNG_CRM_AUTH=${LVNG_CRM_AUTH} -DLVNG_CRM_POSTGRESQL=${LVNG_CRM_POSTGRESQL}
    -DLVNG_CRM_WERROR=${LVNG_CRM_WERROR}
    -DLVNG_CRM_SERVER=OFF -DLVNG_CRM_EXAMPLES=OFF -DLVNG_CRM_TESTS=OFF)

foreach(kind IN ITEMS static shared)
  set_tests_properties(install.${kind} PROPERTIES
    LABELS install TIMEOUT 900 FIXTURES_SETUP install_${kind} RESOURCE_LOCK build_directory
    ENVIRONMENT CCACHE_NOHASHDIR=1)
endforeach()

# ---- their consumers ----------------------------------------------------------------------------
# lvng_consumer(KIND WAY PROGRAM EXPECT [LINKS]): see install/consumer.cmake.
function(lvng_consumer kind way program expect)
  set(name install.${kind}.${way}.${program})
  add_test(NAME ${name} COMMAND ${CMAKE_COMMAND}
    -DKIND=${kind} -DWAY=${way} -DPROGRAM=${program} -DEXPECT=${expect} "-DLINKS=${ARGN}"
    -DPREFIX=${install_dir}/${kind} -DWORK=${install_dir}/${kind}.${way}.${program}
    -DCXX=${CMAKE_CXX_COMPILER}
    -P ${PROJECT_SOURCE_DIR}/tests/install/consumer.cmake)
  set_tests_properties(${name} PROPERTIES
    LABELS install TIMEOUT 300 FIXTURES_REQUIRED install_${kind})
endfunction()

foreach(kind IN ITEMS static shared)
  foreach(way IN ITEMS cmake pkg-config)
    lvng_consumer(${kind} ${way} desk "Jane Smith not_found ${PROJECT_VERSION}")
  endforeach()
  if(LVNG_CRM_AUTH)
    lvng_consumer(${kind} cmake token "usr_ana unauthenticated" libcrypto libcurl libssl)
  endif()
  if(LVNG_CRM_POSTGRESQL)
    # libpq itself links OpenSSL.
    lvng_consumer(${kind} cmake shared_book invalid libpq libPoco libcrypto libssl)
  endif()
  add_test(NAME install.${kind}.missing_component COMMAND ${CMAKE_COMMAND}
    -DPREFIX=${install_dir}/${kind} -DWORK=${install_dir}/${kind}.missing
    -P ${PROJECT_SOURCE_DIR}/tests/install/missing.cmake)
  set_tests_properties(install.${kind}.missing_component PROPERTIES
    LABELS install TIMEOUT 300 FIXTURES_REQUIRED install_${kind})
endforeach()

# ---- Debian packages ----------------------------------------------------------------------------
find_package(Python3 3.11 COMPONENTS Interpreter)
if(TARGET lvng-server AND Python3_FOUND AND NOT BUILD_SHARED_LIBS)
  add_test(NAME install.debian_packages COMMAND ${Python3_EXECUTABLE} -B
    ${PROJECT_SOURCE_DIR}/tests/install/debian_packages.py
    --build ${PROJECT_BINARY_DIR} --cpack ${CMAKE_CPACK_COMMAND} --cmake ${CMAKE_COMMAND})
  set_tests_properties(install.debian_packages PROPERTIES
    LABELS install TIMEOUT 900 SKIP_RETURN_CODE 77 RESOURCE_LOCK build_directory)
endif()
