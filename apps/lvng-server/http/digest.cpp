#include "http/digest.hpp"

#include <Poco/SHA2Engine.h>

namespace lvng::server {

std::string digest(std::initializer_list<std::string_view> parts) {
    Poco::SHA2Engine engine{Poco::SHA2Engine::SHA_256};
    for (const std::string_view part : parts) {
        // Without it, what ends one part could as well begin the next.
        engine.update(std::to_string(part.size()) + ' ');
        engine.update(part.data(), part.size());
    }
    return Poco::DigestEngine::digestToHex(engine.digest());
}

}  // namespace lvng::server
