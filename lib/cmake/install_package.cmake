# What `cmake --install` puts beside the headers, so that outside projects find the libraries by
# find_package(lvng-crm COMPONENTS …) or by pkg-config. `lvng_crm_targets` lists the libraries.

include(CMakePackageConfigHelpers)

set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME library)

set(lvng_crm_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/lvng-crm)
set(lvng_crm_generated_dir ${PROJECT_BINARY_DIR}/package)

# The part of a target's name after the package's: `auth` of lvng-crm-auth, nothing of lvng-crm.
function(lvng_crm_component target out)
  string(REGEX REPLACE "^lvng-crm-?" "" component ${target})
  set(${out} "${component}" PARENT_SCOPE)
endfunction()

# ---- libraries and headers ----------------------------------------------------------------------
# An export set of its own for each library: who takes lvng::crm alone need not have OpenSSL.
set(lvng_crm_components)
foreach(target IN LISTS lvng_crm_targets)
  install(TARGETS ${target} EXPORT ${target}-targets FILE_SET HEADERS)
  install(EXPORT ${target}-targets NAMESPACE lvng:: DESTINATION ${lvng_crm_package_dir})
  lvng_crm_component(${target} component)
  list(APPEND lvng_crm_components ${component})
endforeach()
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

# ---- CMake package ------------------------------------------------------------------------------
configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/lvng-crm-config.cmake.in
  ${lvng_crm_generated_dir}/lvng-crm-config.cmake
  INSTALL_DESTINATION ${lvng_crm_package_dir}
  NO_SET_AND_CHECK_MACRO)
# Until 1.0 a minor release may break what the one before it promised.
write_basic_package_version_file(
  ${lvng_crm_generated_dir}/lvng-crm-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${lvng_crm_generated_dir}/lvng-crm-config.cmake
  ${lvng_crm_generated_dir}/lvng-crm-config-version.cmake
  ${CMAKE_CURRENT_LIST_DIR}/dependencies.cmake
  DESTINATION ${lvng_crm_package_dir})

# ---- pkg-config ---------------------------------------------------------------------------------
# What a program must link beside the static archives. A shared library brings its own, and its
# users need not have these packages, so there the lists stay empty.
if(NOT BUILD_SHARED_LIBS)
  set(lvng_crm_requires_private "fmt >= 9, sqlite3 >= 3.40, icu-uc >= 72")
  set(lvng_crm_libs_private "-lphonenumber -pthread")
  set(lvng_crm_auth_requires_private "fmt >= 9, libcrypto >= 3.0")
  # Not by libcurl's own file, which for static linking asks for more than Debian ships.
  set(lvng_crm_auth_libs_private "-lcurl -pthread")
  # Not by libpq's own file, which for static linking asks for more than Debian ships.
  set(lvng_crm_postgresql_requires_private "fmt >= 9")
  set(lvng_crm_postgresql_libs_private
    "-lPocoDataPostgreSQL -lPocoData -lPocoFoundation -lpq -pthread")
endif()

# Paths in the files start at the file's own folder, so that an installed tree can be moved.
set(lvng_crm_pkgconfig_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
if(IS_ABSOLUTE ${CMAKE_INSTALL_LIBDIR} OR IS_ABSOLUTE ${CMAKE_INSTALL_INCLUDEDIR})
  set(lvng_crm_pc_prefix ${CMAKE_INSTALL_PREFIX})
  set(lvng_crm_pc_libdir ${CMAKE_INSTALL_FULL_LIBDIR})
  set(lvng_crm_pc_includedir ${CMAKE_INSTALL_FULL_INCLUDEDIR})
else()
  file(RELATIVE_PATH up /${lvng_crm_pkgconfig_dir} /)
  string(REGEX REPLACE "/$" "" up ${up})
  set(lvng_crm_pc_prefix "\${pcfiledir}/${up}")
  set(lvng_crm_pc_libdir "\${prefix}/${CMAKE_INSTALL_LIBDIR}")
  set(lvng_crm_pc_includedir "\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}")
endif()

foreach(target IN LISTS lvng_crm_targets)
  configure_file(${CMAKE_CURRENT_LIST_DIR}/${target}.pc.in
    ${lvng_crm_generated_dir}/${target}.pc @ONLY)
  install(FILES ${lvng_crm_generated_dir}/${target}.pc DESTINATION ${lvng_crm_pkgconfig_dir})
endforeach()
