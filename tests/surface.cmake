# What is on the server's surface beside the routes, as others see it: a browser, a Prometheus.
find_package(Python3 3.11 COMPONENTS Interpreter)

# lvng_surface_test(NAME SCRIPT ARGUMENTS…): skipped where the program that judges is missing.
function(lvng_surface_test name script)
  add_test(NAME ${name} COMMAND ${Python3_EXECUTABLE} -B
    ${CMAKE_CURRENT_SOURCE_DIR}/surface/${script} --server $<TARGET_FILE:lvng-server> ${ARGN})
  set_tests_properties(${name} PROPERTIES LABELS surface SKIP_RETURN_CODE 77 TIMEOUT 300)
endfunction()

if(TARGET lvng-server AND Python3_FOUND)
  lvng_surface_test(surface.docs_page docs_page.py)
  lvng_surface_test(surface.metrics_page metrics_page.py)
  lvng_surface_test(surface.metrics_page_postgresql metrics_page.py --postgresql)
endif()
