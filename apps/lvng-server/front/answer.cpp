#include "front/answer.hpp"

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Timestamp.h>

#include <fmt/format.h>

#include <cstddef>

namespace lvng::server {
namespace {

constexpr int no_content = 204;
constexpr int not_modified = 304;

const std::string& reason_of(int status) {
    using Poco::Net::HTTPResponse;
    return HTTPResponse::getReasonForStatus(static_cast<HTTPResponse::HTTPStatus>(status));
}

void append_number(std::string& out, std::size_t number) {
    const fmt::format_int text{number};
    out.append(text.data(), text.size());
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
}

}  // namespace

std::string_view DateText::now() {
    const std::time_t second = std::time(nullptr);
    if (second != second_) {
        second_ = second;
        text_ = Poco::DateTimeFormatter::format(Poco::Timestamp::fromEpochTime(second),
                                                Poco::DateTimeFormat::HTTP_FORMAT);
    }
    return text_;
}

void append_answer(std::string& out, const Reply& reply, const AnswerForm& form) {
    out += "HTTP/1.1 ";
    append_number(out, static_cast<std::size_t>(reply.status()));
    out += ' ';
    out += reason_of(reply.status());
    out += "\r\n";
    append_field(out, "Date", form.date);
    if (form.closes) append_field(out, "Connection", "close");
    const bool may_have_body = reply.status() != no_content && reply.status() != not_modified;
    if (may_have_body) {
        out += "Content-Length: ";
        append_number(out, reply.body().size());
        out += "\r\n";
    }
    for (const Reply::Field& field : reply.headers()) append_field(out, field.name, field.value);
    out += "\r\n";
    if (may_have_body && !form.head_only) out += reply.body();
}

}  // namespace lvng::server
