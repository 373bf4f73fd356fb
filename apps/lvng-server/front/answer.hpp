#pragma once

#include "http/reply.hpp"

#include <ctime>
#include <string>
#include <string_view>

namespace lvng::server {

/// The value of `Date`, made once a second. One thread at a time.
class DateText {
public:
    [[nodiscard]] std::string_view now();

private:
    std::time_t second_ = -1;
    std::string text_;
};

/// What the front knows about an answer.
struct AnswerForm {
    std::string_view date{};
    bool head_only = false;  ///< the answer to a `HEAD`
    bool closes = false;     ///< the connection ends after it
};

/// Appends `reply` as HTTP/1.1 sends it.
void append_answer(std::string& out, const Reply& reply, const AnswerForm& form);

}  // namespace lvng::server
