# The server's surface as others see it: a browser, a Prometheus, what reads its document.
find_package(Python3 3.11 COMPONENTS Interpreter)

# lvng_surface_test(NAME SCRIPT ARGUMENTS…): skipped where the program that judges is missing.
function(lvng_surface_test name script)
  add_test(NAME ${name} COMMAND ${Python3_EXECUTABLE} -B
    ${CMAKE_CURRENT_SOURCE_DIR}/surface/${script} --server $<TARGET_FILE:lvng-server> ${ARGN})
  set_tests_properties(${name} PROPERTIES LABELS surface SKIP_RETURN_CODE 77 TIMEOUT 900)
endfunction()

if(TARGET lvng-server AND Python3_FOUND)
  lvng_surface_test(surface.docs_page docs_page.py)
  lvng_surface_test(surface.metrics_page metrics_page.py)
  lvng_surface_test(surface.metrics_page_postgresql metrics_page.py --postgresql)
  # As tests/contract.cmake says of its own.
  if(NOT LVNG_CRM_SANITIZE STREQUAL "thread")
    lvng_surface_test(surface.generated_requests generated_requests.py)
    lvng_surface_test(surface.generated_requests_postgresql generated_requests.py --postgresql)
  endif()
endif()
