#pragma once

#include "http/entity_tags.hpp"
#include "http/query.hpp"
#include "http/reply.hpp"
#include "http/target.hpp"

#include <lvng/crm/contacts/contacts.hpp>
#include <lvng/crm/error.hpp>
#include <lvng/crm/json.hpp>
#include <lvng/crm/principal.hpp>
#include <lvng/crm/transaction.hpp>

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lvng::server {

/// What a handler gets. Valid while it runs.
struct Call {
    const crm::Principal& principal;                 ///< empty on paths that need no token
    std::string_view target{};                       ///< of the request line, as sent
    std::span<const std::string_view> parameters{};  ///< of the path, in its order, decoded
    const Query& query;
    const crm::JsonObject& body;  ///< empty where the route takes none
    std::string_view request_id{};
    /// `If-Match` of a method that changes something.
    const std::optional<EntityTags>& if_match;
    /// What is wrong with headers and query: the handler refuses it beside its own findings, once
    /// it has read its path.
    const std::vector<crm::FieldError>& errors;
    /// What the handler acts in, so that its answer is written down with its effect, or its effect
    /// is committed with that of others; null: in transactions of its own.
    crm::Transaction* transaction = nullptr;
    /// The contact of the path, where it was asked for together with others; null: nobody did.
    const crm::ContactRequest* asked = nullptr;
};

using Handler = std::function<Reply(const Call&)>;

/// What a route reads off its request.
enum class Takes { nothing, json };

struct Route {
    std::string_view method{};
    std::string_view path{};  ///< `/api/v2/contacts/{id}`
    Handler handler{};
    Takes takes = Takes::nothing;
    std::vector<std::string_view> query{};  ///< the parameters it knows
    std::string token{};  ///< a bearer token that this path alone asks for; empty: none
    bool tagged = false;  ///< its answer has an entity tag, so `If-None-Match` means something
    /// All it reads is the contact whose id is its one parameter, so it can be given in `Call`.
    bool reads_contact = false;
};

/// Finds the route of a request. Immutable after construction, so safe to share.
class Router {
public:
    explicit Router(std::vector<Route> routes);

    struct Match {
        const Route* route = nullptr;  ///< null: the path does not have the method
        std::vector<std::string_view> parameters{};
        std::string allow{};  ///< the methods of the path; empty: there is no such path
    };
    /// `HEAD` is found wherever `GET` is. An empty segment is no parameter.
    [[nodiscard]] Match find(std::string_view method, const Target& target) const;

    [[nodiscard]] std::span<const Route> routes() const noexcept { return routes_; }

private:
    std::vector<Route> routes_;
    std::vector<std::vector<std::string_view>> templates_;  // the paths of `routes_`, split
};

}  // namespace lvng::server
