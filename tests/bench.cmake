# Benchmarks are built with the tests, so that they keep compiling, and run by hand or by
# `./dev bench`: a timing is never a test.
function(lvng_bench name)
  add_executable(${name} bench/${name}.cpp)
  lvng_target(${name})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE lvng-crm SQLite::SQLite3 fmt::fmt)
endfunction()

lvng_bench(contacts_bench)
lvng_bench(conversations_bench)
lvng_bench(writers_bench)

enable_language(C)
add_library(slow_sync SHARED bench/slow_sync.c)
target_link_libraries(slow_sync PRIVATE ${CMAKE_DL_LIBS})

# The server's front, asked over sockets.
if(TARGET lvng-server-app)
  add_executable(http_load bench/http_load.cpp)
  lvng_target(http_load)
  target_link_libraries(http_load PRIVATE Poco::Net Poco::Foundation fmt::fmt)
endif()
