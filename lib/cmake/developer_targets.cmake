# Targets that a person and CI call by the same words: format, format-check, tidy, check.

set(lvng_crm_formatted
  ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/lib ${PROJECT_SOURCE_DIR}/apps
  ${PROJECT_SOURCE_DIR}/examples ${PROJECT_SOURCE_DIR}/tests)

# Files are looked up when the target runs, so that a new one is not forgotten.
add_custom_target(format
  COMMAND find ${lvng_crm_formatted} -name "*.[ch]pp" -exec clang-format-14 -i {} +
  VERBATIM)
add_custom_target(format-check
  COMMAND ${CMAKE_CURRENT_LIST_DIR}/format_check.sh ${lvng_crm_formatted}
  VERBATIM)

# Tests are left out: doctest's macros expand to what half of the checks warn about. The options
# that clang does not know are the compiler's own.
add_custom_target(tidy
  COMMAND run-clang-tidy-14 -quiet -p ${PROJECT_BINARY_DIR}
    -extra-arg=-Wno-unknown-warning-option
    "^${PROJECT_SOURCE_DIR}/(lib|apps|examples)/"
  WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} VERBATIM USES_TERMINAL)

# What a change must pass before its tests are worth running.
add_custom_target(check
  COMMAND python3 -B ${PROJECT_SOURCE_DIR}/tests/checks/includes.py ${PROJECT_SOURCE_DIR}
  VERBATIM)
add_dependencies(check all_verify_interface_header_sets format-check)
