# Turns the OpenAPI document into a source file:
#   cmake -DINPUT=openapi.json -DOUTPUT=document.cpp -DVERSION=1.2.3 -P embed.cmake
# A raw newline cannot stand inside a JSON string, so line ends and indentation can go without
# reading the JSON. `string(JSON)` would sort the members, and the order is for the reader.
file(READ "${INPUT}" json)
string(REGEX REPLACE "\n *" "" json "${json}")
string(REPLACE "\"version\": \"0.0.0\"" "\"version\": \"${VERSION}\"" versioned "${json}")
if(versioned STREQUAL json AND NOT VERSION STREQUAL "0.0.0")
  message(FATAL_ERROR "${INPUT} has no place for the version")
endif()
if(versioned MATCHES "[)]openapi\"")
  message(FATAL_ERROR "${INPUT} holds the end of the raw string it is put into")
endif()
file(WRITE "${OUTPUT}" "#include \"openapi/document.hpp\"

namespace lvng::server {

std::string_view openapi_document() noexcept {
    return R\"openapi(${versioned})openapi\";
}

}  // namespace lvng::server
")
