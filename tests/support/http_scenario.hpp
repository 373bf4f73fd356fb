#pragma once

#include "api/app.hpp"
#include "http/reply.hpp"
#include "http/request.hpp"
#include "support/store_under_test.hpp"
#include "support/transport.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lvng::server::testing {

/// Who asks. Contacts belong to (tenant, user), conversations to their members in a tenant.
enum class Who {
    guest,  ///< without a token
    ana,    ///< user `ana` of `acme`, the one whose name is known: Ana
    bob,    ///< and other users of the same tenant
    cid,
    dan,
    ana_of_another,  ///< a user with the same id, of another tenant
};

/// The token of a caller; empty for a guest.
std::string_view token_of(Who who) noexcept;

/// Knows the tokens of `Who` and refuses all others.
class KnownTokens final : public crm::TokenVerifier {
public:
    [[nodiscard]] crm::VerifiedToken verify(std::string_view token) const override;
};

using Headers = std::vector<std::pair<std::string, std::string>>;

inline const std::string conversations = "/api/v2/conversations";
/// A message that nobody sent.
inline const std::string unknown_message = "msg_00000000-0000-7000-8000-000000000999";

/// The path of the n-th contact that a `TestServer` made.
std::string contact_path(int n);

/// Behind the last slash of a path: the id of what was created there.
std::string id_in(std::string_view path);

/// All routes over an empty store of the kind that the program tests, reached in the way that it
/// tests. Time stands still unless told otherwise.
class TestServer {
public:
    TestServer() : TestServer{App::Options{}} {}
    explicit TestServer(Boundary::Options options)
        : TestServer{App::Options{.boundary = std::move(options)}} {}
    explicit TestServer(App::Options options);

    /// Sends a request with the headers that a proper client sends, then `more`, which replace
    /// those of the same name; an empty value leaves the header out. The OpenAPI document must have
    /// the answer.
    Reply send(Who who, std::string_view method, std::string_view target,
               std::string_view body = {}, const Headers& more = {});
    /// Creates a contact for `who` and returns its path.
    std::string create(Who who, std::string_view body);
    /// Creates what `path` makes and returns where it is.
    std::string create_at(Who who, std::string_view path, std::string_view body);

    /// Moves both clocks.
    void advance(std::chrono::milliseconds by);

    [[nodiscard]] Boundary& boundary() noexcept { return app_->boundary(); }
    [[nodiscard]] App& app() noexcept { return *app_; }
    [[nodiscard]] crm::Crm& crm() noexcept { return crm_.crm(); }
    /// What was logged until now.
    [[nodiscard]] std::string log_text() const;

private:
    crm::test::CrmUnderTest crm_;
    KnownTokens tokens_;
    std::chrono::steady_clock::time_point steady_now_{};
    mutable std::mutex log_mutex_;
    std::string log_text_;
    Log log_;
    std::unique_ptr<App> app_;
    std::unique_ptr<Transport> transport_;
};

/// Opens a group of `admin` and the members of a JSON list, and returns its path.
std::string open_group(TestServer& server, Who admin, std::string_view members);
/// Sends a message and returns its path.
std::string say(TestServer& server, Who who, std::string_view conversation,
                std::string_view content = "hello");

/// One row of a table of requests and what their answers must and must not hold.
struct HttpScenario {
    Who who = Who::ana;
    std::string method = "GET";
    std::string path{};
    std::string body{};
    int status = 200;
    std::vector<std::string> contains{};  ///< parts of the body
    std::vector<std::string> lacks{};
};

/// Sends each row in its turn and checks the answer.
void run(TestServer& server, const std::vector<HttpScenario>& table);
/// Sends the same request with each body, or to each query, and checks which fields are refused;
/// where none is, the answer must have the status of success.
struct Refused {
    std::string given{};  ///< a body, or what stands behind `?`
    std::vector<std::string> fields{};
};
struct RefusedRequest {
    Who who = Who::ana;
    std::string method = "GET";
    std::string path{};
    int success = 200;
};
void check_refusals(TestServer& server, const RefusedRequest& request,
                    const std::vector<Refused>& table);
/// Checks one answer that came by another way.
void check_answer(const HttpScenario& wanted, int status, std::string_view body);

/// A member of the error object of a body: `code`, `message`, `request_id`; empty without one.
std::string error_member(std::string_view body, std::string_view name);
/// `text` so many times over.
std::string repeated(std::string_view text, std::size_t times);
/// `text` between quotes.
std::string quoted(std::string_view text);
/// A JSON object whose compact text has so many bytes.
std::string object_of(std::size_t bytes);
/// The body of a message that says `hello`, with one field more.
std::string message_with(std::string_view field, std::string_view json);
/// The fields named in `details`, in their order.
std::vector<std::string> bad_fields(std::string_view body);

}  // namespace lvng::server::testing
