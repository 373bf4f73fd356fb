# The server in front of a second implementation of the contract, which is Python. Its standard
# library is enough.
find_package(Python3 3.11 COMPONENTS Interpreter)

# lvng_contract_test(NAME SCRIPT ARGUMENTS…): skipped, not passed, where there is no Python.
function(lvng_contract_test name script)
  if(Python3_FOUND)
    set(command ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/contract/${script}
      --server $<TARGET_FILE:lvng-server> ${ARGN})
  else()
    set(command sh -c "echo 'Python 3.11 is not installed'; exit 77")
  endif()
  add_test(NAME ${name} COMMAND ${command})
  set_tests_properties(${name} PROPERTIES LABELS contract SKIP_RETURN_CODE 77 TIMEOUT 600)
endfunction()

# One client that asks one thing after another shows ThreadSanitizer nothing.
if(TARGET lvng-server AND NOT LVNG_CRM_SANITIZE STREQUAL "thread")
  lvng_contract_test(contract.random_calls random_calls.py --calls 3000)
  lvng_contract_test(contract.random_conversations random_conversations.py --calls 4000)
  lvng_contract_test(contract.json_bodies json_bodies.py)
  lvng_contract_test(contract.naughty_strings naughty_strings.py)
  lvng_contract_test(contract.naughty_conversations naughty_conversations.py)
  lvng_contract_test(contract.random_calls_postgresql random_calls.py --calls 3000 --postgresql)
  lvng_contract_test(contract.random_conversations_postgresql random_conversations.py --calls 4000
    --postgresql)
  lvng_contract_test(contract.json_bodies_postgresql json_bodies.py --postgresql)
  lvng_contract_test(contract.naughty_strings_postgresql naughty_strings.py --postgresql)
  lvng_contract_test(contract.naughty_conversations_postgresql naughty_conversations.py
    --postgresql)
endif()
