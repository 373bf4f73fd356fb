# The real binary, killed.
find_package(Python3 3.11 COMPONENTS Interpreter)

if(TARGET lvng-server AND Python3_FOUND)
  add_test(NAME faults.killed_server COMMAND ${Python3_EXECUTABLE} -B
    ${CMAKE_CURRENT_SOURCE_DIR}/faults/killed_server.py --server $<TARGET_FILE:lvng-server>)
  # Alone: it measures how soon the server is ready again.
  set_tests_properties(faults.killed_server PROPERTIES LABELS faults TIMEOUT 1200 RUN_SERIAL ON)
endif()
