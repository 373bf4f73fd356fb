# Turns the files of the page at /docs into a source file:
#   cmake -DFOLDER=. -DOUTPUT=page.cpp -P embed_page.cmake
set(functions)
foreach(kind IN ITEMS html css js)
  file(READ "${FOLDER}/page.${kind}" text)
  if(text MATCHES "[)]page\"")
    message(FATAL_ERROR "page.${kind} holds the end of the raw string it is put into")
  endif()
  string(APPEND functions "
std::string_view docs_page_${kind}() noexcept {
    return R\"page(${text})page\";
}
")
endforeach()
file(WRITE "${OUTPUT}" "#include \"openapi/page.hpp\"

namespace lvng::server {
${functions}
}  // namespace lvng::server
")
