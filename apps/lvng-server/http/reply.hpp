#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lvng::server {

/// An answer without a socket. The front adds `Date`, `Content-Length` and `Connection`, and
/// sends no body to a `HEAD`.
class Reply {
public:
    struct Field {
        std::string_view name{};  ///< a literal: it is never copied
        std::string value{};
    };

    explicit Reply(int status) : status_{status} { headers_.reserve(usual_headers); }

    /// Adds the header or replaces its value. Throws `std::invalid_argument` for a value with
    /// CR, LF or NUL, which would end the header and begin something else.
    void set(std::string_view literal_name, std::string value);
    void set_body(std::string content_type, std::string body);
    /// Asks the front to close the connection after this answer.
    void close() noexcept { closes_ = true; }

    [[nodiscard]] int status() const noexcept { return status_; }
    [[nodiscard]] const std::vector<Field>& headers() const noexcept { return headers_; }
    [[nodiscard]] const std::string& body() const noexcept { return body_; }
    [[nodiscard]] bool closes() const noexcept { return closes_; }
    /// The value, or null.
    [[nodiscard]] const std::string* header(std::string_view name) const noexcept;

private:
    static constexpr std::size_t usual_headers = 10;

    int status_;
    bool closes_ = false;
    std::vector<Field> headers_;
    std::string body_;
};

/// A reply whose body is `json`.
Reply json_reply(int status, std::string json);

}  // namespace lvng::server
