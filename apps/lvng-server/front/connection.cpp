#include "front/connection.hpp"

#include "http/ascii.hpp"

#include <algorithm>
#include <utility>

namespace lvng::server {
namespace {

constexpr std::size_t requests_a_turn = 16;
// So much is sent before the next request is begun: a client that asks and never reads must not
// fill the memory.
constexpr std::size_t answers_a_turn = 64 * 1024;
// What is read off without being wanted.
constexpr std::uint64_t longest_unwanted = 64 * 1024;

/// Whether the list in the value of a `Connection` header holds `close`.
bool lists_close(std::string_view list) noexcept {
    while (!list.empty()) {
        if (same_name(trim_blanks(take_item(list)), "close")) return true;
    }
    return false;
}

bool asks_to_close(const Request& request) noexcept {
    return std::any_of(request.headers.begin(), request.headers.end(),
                       [](const HeaderField& field) {
                           return same_name(field.name, "Connection") && lists_close(field.value);
                       });
}

bool writes(const Request& request) noexcept {
    return request.method != "GET" && request.method != "HEAD";
}

}  // namespace

Connection::Connection(Service& service, std::string peer)
    : service_{service}, peer_{std::move(peer)} {
    const auto address = parse_address(peer_);
    behind_proxy_ = address && service_.proxies.trusts(*address);
}

void Connection::take(std::string_view bytes, Desk& desk) {
    if (!rest_.empty()) rest_ += bytes;
    std::string_view left = rest_.empty() ? bytes : rest_;
    const std::size_t turn_ends = requests_ + requests_a_turn;
    put_off_ = false;
    while (!left.empty() && takes_more()) {
        const bool enough = requests_ == turn_ends || desk.out.size() > answers_a_turn;
        if (enough && phase_ == Phase::idle) {
            put_off_ = true;
            break;
        }
        const std::size_t taken = advance(left, desk);
        if (taken == 0) break;  // the rest of a head is missing
        left.remove_prefix(taken);
    }
    if (phase_ == Phase::answer && !left.empty()) put_off_ = true;
    keep(left);
}

Boundary::Shared Connection::shared() const {
    return {.exchange = &*hand_->exchange};
}

void Connection::take_answer(const Reply& reply, Desk& desk) {
    send(reply, false, desk);
}

void Connection::keep(std::string_view unused) {
    if (phase_ == Phase::over) unused = {};
    if (unused.empty())
        rest_ = std::string{};  // an idle connection holds no memory
    else if (!rest_.empty())
        rest_.erase(0, rest_.size() - unused.size());
    else
        rest_ = unused;
}

std::size_t Connection::advance(std::string_view bytes, Desk& desk) try {
    switch (phase_) {
    case Phase::idle:
        wait_for(Phase::head);
        return begin_request(bytes, desk);
    case Phase::head:
        return begin_request(bytes, desk);
    case Phase::body:
        return take_body(bytes, desk);
    case Phase::unwanted:
        return drop_body(bytes);
    case Phase::answer:
    case Phase::over:
        break;
    }
    return bytes.size();
} catch (const Refusal& refusal) {
    refuse(refusal, desk);
    return bytes.size();
}

std::size_t Connection::begin_request(std::string_view bytes, Desk& desk) {
    const SizeLimits& limits = service_.boundary.sizes();
    const auto size = scanner_.find_end(bytes, limits);
    if (!size) return 0;
    scanner_ = HeadScanner{};
    ++requests_;
    hand_ = desk.request ? std::move(desk.request) : std::make_unique<RequestInHand>();
    hand_->head = bytes.substr(0, *size);
    split_head(hand_->head, hand_->request);
    hand_->request.peer =
        behind_proxy_ ? service_.proxies.client_of(hand_->request, peer_) : std::string_view{peer_};
    Exchange& exchange = hand_->exchange.emplace(service_.boundary, hand_->request);
    if (const auto reply = exchange.answer_head())
        answer_without_body(*reply, desk);
    else if (exchange.wants_body())
        return *size + answer_with_body(bytes.substr(*size), desk);
    else if (!exchange.framing().announces_body())
        answer({}, desk);
    else
        answer_without_body(reply_to({}, desk), desk);
    return *size;
}

/// How much of `after_head` was taken.
std::size_t Connection::answer_with_body(std::string_view after_head, Desk& desk) {
    const Framing& framing = hand_->exchange->framing();
    if (framing.length && *framing.length <= after_head.size()) {
        const auto length = static_cast<std::size_t>(*framing.length);
        answer(after_head.substr(0, length), desk);
        return length;
    }
    // Who has begun to send needs no asking.
    if (after_head.empty() && hand_->request.version == "HTTP/1.1" &&
        hand_->request.header("Expect"))
        desk.out += "HTTP/1.1 100 Continue\r\n\r\n";
    hand_->reader.emplace(framing, service_.boundary.sizes().body);
    wait_for(Phase::body);
    return 0;
}

std::size_t Connection::take_body(std::string_view bytes, Desk& desk) {
    const std::size_t taken = hand_->reader->take(bytes, &hand_->body);
    if (hand_->reader->whole()) answer(std::exchange(hand_->body, {}), desk);
    return taken;
}

/// Where others may share the answer, it is left to `take_answer`.
void Connection::answer(std::string_view body, Desk& desk) {
    Exchange& exchange = *hand_->exchange;
    if (exchange.company() == Exchange::Company::none)
        return send(reply_to(body, desk), false, desk);
    if (const auto reply = exchange.read_shared(body)) return send(*reply, false, desk);
    wait_for(Phase::answer);
}

/// Answers a request whose body nobody wants, and reads that body off or ends the connection.
void Connection::answer_without_body(const Reply& reply, Desk& desk) {
    const Framing framing = hand_->exchange->framing();
    // Who waits for 100 Continue will not send the body, or will send it as if unasked.
    const bool ends = framing.announces_body() && (framing.length.value_or(0) > longest_unwanted ||
                                                   hand_->request.header("Expect").has_value());
    send(reply, ends, desk);
    if (phase_ == Phase::over || !framing.announces_body()) return;
    hand_ = std::make_unique<RequestInHand>();
    hand_->reader.emplace(framing, longest_unwanted);
    wait_for(Phase::unwanted);
}

std::size_t Connection::drop_body(std::string_view bytes) try {
    const std::size_t taken = hand_->reader->take(bytes, nullptr);
    if (hand_->reader->whole()) {
        hand_.reset();
        wait_for(Phase::idle);
    }
    return taken;
} catch (const Refusal&) {
    wait_for(Phase::over);  // the request has its answer
    return bytes.size();
}

Reply Connection::reply_to(std::string_view body, Desk& desk) {
    if (!writes(hand_->request)) return hand_->exchange->answer(body);
    const Waiting waiting{desk};
    return hand_->exchange->answer(body);
}

/// After it nothing that follows is taken for a request.
void Connection::refuse(const Refusal& refusal, Desk& desk) {
    if (!hand_) hand_ = std::make_unique<RequestInHand>();
    if (!hand_->exchange) {
        hand_->request = Request{.peer = peer_};  // what was read of it can't be trusted
        hand_->exchange.emplace(service_.boundary, hand_->request);
    }
    send(hand_->exchange->refuse(refusal), true, desk);
}

void Connection::send(const Reply& reply, bool ends, Desk& desk) {
    const Request& request = hand_->request;
    const bool closes = ends || last_ || reply.closes() || asks_to_close(request) ||
                        requests_ >= service_.requests_per_connection ||
                        service_.stopping.load(std::memory_order_relaxed);
    append_answer(
        desk.out, reply,
        {.date = desk.date.now(), .head_only = request.method == "HEAD", .closes = closes});
    hand_->exchange.reset();
    hand_->reader.reset();
    hand_->body = std::string{};
    desk.request = std::move(hand_);
    wait_for(closes ? Phase::over : Phase::idle);
}

void Connection::end_of_input(Desk& desk) {
    if (phase_ == Phase::body || phase_ == Phase::head)
        refuse(Refusal{HttpError::bad_request, "the request ended early"}, desk);
    wait_for(Phase::over);
}

void Connection::time_out(Desk& desk) {
    if (phase_ == Phase::body || phase_ == Phase::head)
        refuse(Refusal{HttpError::request_timeout}, desk);
    wait_for(Phase::over);
}

void Connection::wait_for(Phase phase) noexcept {
    phase_ = phase;
    ++steps_;
}

}  // namespace lvng::server
