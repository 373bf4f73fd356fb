# Asking for a component that was not built is answered by its name.
# `cmake -DPREFIX=… -DWORK=… -P missing.cmake`

cmake_minimum_required(VERSION 3.25)

file(REMOVE_RECURSE ${WORK})
file(WRITE ${WORK}/CMakeLists.txt "cmake_minimum_required(VERSION 3.25)
project(missing LANGUAGES CXX)
find_package(lvng-crm 0.1 REQUIRED COMPONENTS no_such)
")
execute_process(COMMAND ${CMAKE_COMMAND} -S ${WORK} -B ${WORK}/build -G Ninja
  -DCMAKE_PREFIX_PATH=${PREFIX} OUTPUT_QUIET ERROR_VARIABLE errors RESULT_VARIABLE result)
if(result EQUAL 0 OR NOT errors MATCHES "built[ \n]+without[ \n]+'no_such'")
  message(FATAL_ERROR "configuring ended with ${result}\n${errors}")
endif()
