# The real binary, killed.
find_package(Python3 3.11 COMPONENTS Interpreter)

# lvng_fault_test(NAME SCRIPT ARGUMENTS…)
function(lvng_fault_test name script)
  add_test(NAME ${name} COMMAND ${Python3_EXECUTABLE} -B
    ${CMAKE_CURRENT_SOURCE_DIR}/faults/${script} --server $<TARGET_FILE:lvng-server> ${ARGN})
  # Alone: they measure how soon the server is ready again.
  set_tests_properties(${name} PROPERTIES LABELS faults SKIP_RETURN_CODE 77 TIMEOUT 1200
    RUN_SERIAL ON)
endfunction()

if(TARGET lvng-server AND Python3_FOUND)
  lvng_fault_test(faults.raw_http raw_http.py)
  set(sanitized)
  if(LVNG_CRM_SANITIZE)
    set(sanitized --sanitized)
  endif()
  lvng_fault_test(faults.slow_clients slow_clients.py ${sanitized})
  lvng_fault_test(faults.stopped_server stopped_server.py)
  lvng_fault_test(faults.postgresql_outage postgresql_outage.py
    --postgres-script ${CMAKE_CURRENT_SOURCE_DIR}/support/postgres-server.sh)
  # What is killed is the process and what its store wrote; no sanitizer has a say in that.
  if(NOT LVNG_CRM_SANITIZE)
    lvng_fault_test(faults.killed_server killed_server.py)
    lvng_fault_test(faults.killed_server_postgresql killed_server.py --postgresql)
    lvng_fault_test(faults.killed_conversations killed_conversations.py)
    lvng_fault_test(faults.killed_conversations_postgresql killed_conversations.py --postgresql)
    lvng_fault_test(faults.killed_retries killed_retries.py)
    lvng_fault_test(faults.killed_retries_postgresql killed_retries.py --postgresql)
  endif()
endif()
