# What every target of this project has in common.

find_program(LVNG_CRM_CCACHE ccache)
if(LVNG_CRM_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${LVNG_CRM_CCACHE})
endif()

# Static and shared builds compile the same objects, so that the second one comes out of ccache.
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# lvng_target(NAME): language, warnings, sanitizers and visibility of a target of ours.
function(lvng_target name)
  target_compile_features(${name} PUBLIC cxx_std_20)
  set_target_properties(${name} PROPERTIES
    CXX_EXTENSIONS OFF CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON DEFINE_SYMBOL "")
  target_compile_options(${name} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow
    # GCC 12 sees an overlap in std::string's operator+ that is not there (GCC bug 105651).
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
    $<$<BOOL:${LVNG_CRM_WERROR}>:-Werror>
    $<$<CONFIG:Release>:-fstack-protector-strong;-fcf-protection>)
  target_compile_definitions(${name} PRIVATE $<$<CONFIG:Release>:_FORTIFY_SOURCE=2>)
  if(LVNG_CRM_SANITIZE)
    target_compile_options(${name} PRIVATE
      -fsanitize=${LVNG_CRM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -O1 -g1)
    target_link_options(${name} PUBLIC -fsanitize=${LVNG_CRM_SANITIZE})
  endif()
endfunction()
