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

/// Who asks. Contacts belong to (tenant, user).
enum class Who {
    guest,           ///< without a token
    ana,             ///< user `ana` of `acme`
    bob,             ///< another user of the same tenant
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

/// The path of the n-th contact that a `TestServer` made.
std::string contact_path(int n);

/// All routes over an empty store of the kind that the program tests, reached in the way that it
/// tests. Time stands still unless told otherwise.
class TestServer {
public:
    explicit TestServer(Boundary::Options options = {});

    /// Sends a request with the headers that a proper client sends, then `more`, which replace
    /// those of the same name; an empty value leaves the header out.
    Reply send(Who who, std::string_view method, std::string_view target,
               std::string_view body = {}, const Headers& more = {});
    /// Creates a contact for `who` and returns its path.
    std::string create(Who who, std::string_view body);

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
/// Checks one answer that came by another way.
void check_answer(const HttpScenario& wanted, int status, std::string_view body);

/// A member of the error object of a body: `code`, `message`, `request_id`; empty without one.
std::string error_member(std::string_view body, std::string_view name);
/// The fields named in `details`, in their order.
std::vector<std::string> bad_fields(std::string_view body);

}  // namespace lvng::server::testing
