# Benchmarks are built with the tests, so that they keep compiling, and run by hand or by
# `./dev bench`: a timing is never a test.
add_executable(contacts_bench bench/contacts_bench.cpp)
lvng_target(contacts_bench)
target_include_directories(contacts_bench PRIVATE ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(contacts_bench PRIVATE lvng-crm SQLite::SQLite3 fmt::fmt)
