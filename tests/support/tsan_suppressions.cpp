// Poco comes without ThreadSanitizer's instrumentation, so its reference counts order nothing in
// the sanitizer's eyes: what its acceptor frees after a handler has used it looks like a race, and
// so does what a connection takes off the server's own lists when it ends.
#ifdef __SANITIZE_THREAD__
extern "C" __attribute__((visibility("default"))) const char* __tsan_default_suppressions();
const char* __tsan_default_suppressions() {
    return "race:Poco::Net::TCPServer::run\n"
           "race:Poco::Delegate<Poco::Net::HTTPServerConnection\n";
}
#endif
