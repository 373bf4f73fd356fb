# Builds a program outside the tree against an installed copy, runs it, and looks at what it
# links. `cmake -D… -P consumer.cmake`, with
#   PROGRAM      name of the program and of its folder beside this file
#   WAY          cmake or pkg-config
#   KIND         static or shared: which build of the library is installed
#   PREFIX       where it is installed
#   WORK         a folder for what is built; emptied first
#   CXX          the compiler
#   EXPECT       what the program prints, lines joined by spaces
#   LINKS        libraries that it may link although they are in the list below

cmake_minimum_required(VERSION 3.25)

# In no program that takes lvng::crm alone.
set(unwanted libpq libPoco libcurl libcrypto libssl)

# run(COMMAND …): stops the test where the command fails; its output is in `output`.
macro(run)
  execute_process(COMMAND ${ARGV} WORKING_DIRECTORY ${WORK}
    OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    string(JOIN " " command ${ARGV})
    message(FATAL_ERROR "${command}\nended with ${result}\n${output}${errors}")
  endif()
endmacro()

function(build_by_cmake)
  run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/${PROGRAM} -B ${WORK} -G Ninja
    -DCMAKE_PREFIX_PATH=${PREFIX} -DCMAKE_CXX_COMPILER=${CXX})
  run(${CMAKE_COMMAND} --build ${WORK})
endfunction()

function(build_by_pkg_config)
  file(GLOB_RECURSE modules ${PREFIX}/*.pc)
  list(GET modules 0 module)
  cmake_path(GET module PARENT_PATH folder)
  set(ENV{PKG_CONFIG_PATH} ${folder})
  set(mode)
  if(KIND STREQUAL static)
    set(mode --static)
  endif()
  run(pkg-config --cflags --libs ${mode} lvng-crm)
  separate_arguments(flags UNIX_COMMAND ${output})
  run(pkg-config --variable=libdir lvng-crm)
  string(STRIP ${output} libraries)
  run(${CXX} -std=c++20 ${CMAKE_CURRENT_LIST_DIR}/${PROGRAM}/${PROGRAM}.cpp -o ${PROGRAM}
    ${flags} -Wl,-rpath,${libraries})
endfunction()

# Everything that is loaded with the program, not only what it names itself.
function(check_links)
  run(ldd ${WORK}/${PROGRAM})
  foreach(library IN LISTS unwanted)
    if(output MATCHES ${library} AND NOT library IN_LIST LINKS)
      message(FATAL_ERROR "${PROGRAM} links ${library}\n${output}")
    endif()
  endforeach()
  if(KIND STREQUAL shared AND NOT output MATCHES "liblvng-crm[.]so")
    message(FATAL_ERROR "${PROGRAM} does not link the shared library\n${output}")
  endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})
if(WAY STREQUAL cmake)
  build_by_cmake()
else()
  build_by_pkg_config()
endif()
run(${WORK}/${PROGRAM})
string(REPLACE "\n" " " output "${output}")
string(STRIP "${output}" output)
if(NOT output STREQUAL EXPECT)
  message(FATAL_ERROR "${PROGRAM} printed '${output}', not '${EXPECT}'")
endif()
check_links()
