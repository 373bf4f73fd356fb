#include "api/openapi.hpp"

#include "openapi/document.hpp"

#include <string>

namespace lvng::server {

Reply openapi_json(const Call&) {
    return json_reply(200, std::string{openapi_document()});
}

}  // namespace lvng::server
