# What is checked about the tree itself.

find_package(Python3 REQUIRED COMPONENTS Interpreter)

set(checks_dir ${PROJECT_SOURCE_DIR}/tests/checks)

# lvng_check(NAME ARGS …): a ctest entry that runs a script of tests/checks. No bytecode is left
# in the source tree.
function(lvng_check name script)
  add_test(NAME checks.${name} COMMAND Python3::Interpreter -B ${checks_dir}/${script} ${ARGN})
  set_tests_properties(checks.${name} PROPERTIES LABELS checks TIMEOUT 120)
endfunction()

lvng_check(includes includes.py ${PROJECT_SOURCE_DIR})
lvng_check(includes_can_fail includes_test.py)
lvng_check(links links.py ${PROJECT_SOURCE_DIR})
lvng_check(words words.py ${PROJECT_SOURCE_DIR})

# Each public header compiles alone.
add_test(NAME checks.headers_alone
  COMMAND ${CMAKE_COMMAND} --build ${PROJECT_BINARY_DIR} --target all_verify_interface_header_sets)
set_tests_properties(checks.headers_alone PROPERTIES
  LABELS checks TIMEOUT 600 RESOURCE_LOCK build_directory)

# ---- the program on the front page -------------------------------------------------------------
set(readme_program ${CMAKE_CURRENT_BINARY_DIR}/readme_program.cpp)
set(readme_script ${checks_dir}/readme_program.py)
add_custom_command(OUTPUT ${readme_program}
  COMMAND Python3::Interpreter -B ${readme_script} write ${PROJECT_SOURCE_DIR}/README.md
    ${readme_program}
  DEPENDS ${PROJECT_SOURCE_DIR}/README.md ${readme_script}
  COMMENT "Taking the program out of README.md")
add_executable(readme_program ${readme_program})
lvng_target(readme_program)
target_link_libraries(readme_program PRIVATE lvng::crm)
lvng_check(readme_program readme_program.py run ${PROJECT_SOURCE_DIR}/README.md
  $<TARGET_FILE:readme_program>)
