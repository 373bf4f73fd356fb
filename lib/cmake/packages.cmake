# Debian packages, by `cpack`: lvng-server, and liblvng-crm-dev with the libraries and headers.

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "The lvng-crm authors")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL library)
if(TARGET lvng-server)
  list(APPEND CPACK_COMPONENTS_ALL server)
endif()

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

# What its program loads, found out when the package is made.
set(CPACK_DEBIAN_SERVER_PACKAGE_NAME lvng-server)
set(CPACK_DEBIAN_SERVER_PACKAGE_SECTION net)
set(CPACK_DEBIAN_SERVER_PACKAGE_SHLIBDEPS ON)
set(CPACK_COMPONENT_SERVER_DESCRIPTION "The server: contacts and conversations over HTTP, on a SQLite file or on PostgreSQL.")

# What a program needs that links them, and the headers that its build asks for.
set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME liblvng-crm-dev)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SHLIBDEPS OFF)
string(JOIN ", " CPACK_DEBIAN_LIBRARY_PACKAGE_DEPENDS
  libfmt-dev libicu-dev libphonenumber-dev libsqlite3-dev libssl-dev libcurl4-openssl-dev
  libpoco-dev libpq-dev)
set(CPACK_COMPONENT_LIBRARY_DESCRIPTION "The C++20 library, for programs that link it.")

include(CPack)
