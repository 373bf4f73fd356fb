# One target for each parser of what strangers send. With LVNG_CRM_FUZZ libFuzzer drives it until
# it is stopped or `-max_total_time=SECONDS` is over; else a small driver of ours does for
# LVNG_FUZZ_SECONDS (2), so that every test run has a little of it.

option(LVNG_CRM_FUZZ "Build the fuzz targets, and what they link, with clang's libFuzzer" OFF)

if(LVNG_CRM_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "LVNG_CRM_FUZZ needs clang: set CMAKE_CXX_COMPILER=clang++-14")
  endif()
  foreach(library IN ITEMS lvng-crm lvng-crm-auth lvng-server-app)
    if(TARGET ${library})
      target_compile_options(${library} PRIVATE -fsanitize=fuzzer-no-link)
      target_link_options(${library} PUBLIC -fsanitize=fuzzer-no-link)
    endif()
  endforeach()
endif()

add_custom_target(fuzz-targets)

# lvng_fuzz(NAME LIBRARY…): fuzz/NAME_fuzz.cpp with its seeds in fuzz/corpus/NAME.
function(lvng_fuzz name)
  set(target fuzz-${name})
  add_executable(${target} fuzz/${name}_fuzz.cpp)
  lvng_target(${target})
  target_include_directories(${target} PRIVATE
    ${PROJECT_SOURCE_DIR}/tests ${PROJECT_SOURCE_DIR}/lib)
  target_compile_definitions(${target} PRIVATE
    LVNG_FUZZ_CORPUS="${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name}")
  target_link_libraries(${target} PRIVATE ${ARGN} fmt::fmt)
  add_dependencies(fuzz-targets ${target})
  if(LVNG_CRM_FUZZ)
    target_sources(${target} PRIVATE fuzz/seeds.cpp)
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    add_test(NAME fuzz.${name} COMMAND ${target} -max_total_time=2)
  else()
    target_sources(${target} PRIVATE fuzz/driver.cpp)
    add_test(NAME fuzz.${name} COMMAND ${target})
  endif()
  set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz TIMEOUT 120)
endfunction()

lvng_fuzz(json lvng-crm)
if(TARGET lvng-crm-auth)
  lvng_fuzz(key_set lvng-crm-auth)
  lvng_fuzz(token lvng-crm-auth OpenSSL::Crypto)
endif()
if(TARGET lvng-server-app)
  lvng_fuzz(chunks lvng-server-app)
  lvng_fuzz(head lvng-server-app)
  lvng_fuzz(query lvng-server-app)
endif()
